"""The month's bulletin (通报) as a paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from branches.models import Committee
from evaluations.models import BulletinDraft
from evaluations.selectors.bulletin_text import Part, correction_of, sections_of
from evaluations.selectors.bulletins import Bulletin
from evaluations.selectors.standings import Group, Line
from portal.documents.official import (
    Attachment,
    Block,
    Column,
    Imprint,
    Layout,
    Paper,
    Paragraph,
    Signature,
    Table,
    digest_of,
    stored,
)
from portal.kernel.marks import one_decimal
from portal.kernel.words import signed

BULLETIN_CODE_SUFFIX = "通"


def bulletin_paper(
    bulletin: Bulletin,
    draft: BulletinDraft | None,
    *,
    number: str = "",
    signed_on: dt.date | None = None,
) -> Paper:
    """The paper that says what the page says. Until it is signed, number and date are blank."""
    round_ = bulletin.round
    committee = round_.committee
    sender = committee.full_name or committee.name
    blank = f"{bulletin_code(committee)}〔{round_.period.plus(1).first_day.year}〕　号"
    return Paper(
        layout=Layout.RED_HEAD,
        mark=_("%(sender)s文件") % {"sender": sender},
        number=number or blank,
        title=(
            _("关于"),
            _("%(month)s份") % {"month": round_.label},
            _("党支部"),
            _("党建工作"),
            _("考评情况的"),
            _("通报"),
        ),
        addressees=(_("各党总支"), _("党支部")),
        blocks=tuple(_blocks(bulletin, draft)),
        attachments=(_all_marks(bulletin),) if bulletin.standing.groups else (),
        signature=Signature(sender, signed_on),
        imprint=Imprint(
            copies_to=(_("党委委员"), _("各部门")),
            printer=f"{committee.name}{settings.PORTAL_AFFAIRS_DEPARTMENT}",
            printed_on=signed_on,
        ),
        duplex=True,
    )


def bulletin_code(committee: Committee) -> str:
    """泉电党通: the committee's code and the letter of its bulletins."""
    return f"{committee.issuer_code}{BULLETIN_CODE_SUFFIX}"


def content_digest(bulletin: Bulletin, draft: BulletinDraft | None) -> str:
    """What an approval vouches for: every word and every mark but number and date.

    Failed key work is left out where nobody worded it: which notices there are is computed at
    publication by the rule, and the approver can't know it before.
    """
    blocks: list[Block] = []
    for section in sections_of(bulletin, draft):
        if section.part is Part.FAILURES and not section.is_edited:
            continue
        blocks += section.paragraphs
        if section.part is Part.RANKINGS:
            blocks += [_ranking(group) for group in bulletin.standing.groups]
    paper = replace(bulletin_paper(bulletin, draft), blocks=tuple(blocks))
    return digest_of(stored(paper))


def _blocks(bulletin: Bulletin, draft: BulletinDraft | None) -> Iterator[Block]:
    yield from correction_of(bulletin)
    for section in sections_of(bulletin, draft):
        yield Paragraph(lead=section.heading, level=1)
        yield from section.paragraphs
        if section.part is Part.RANKINGS:
            yield from (_ranking(group) for group in bulletin.standing.groups)


def _ranking(group: Group) -> Table:
    return Table(
        caption=group.label,
        columns=(
            Column(_("名次"), 0.8),
            Column(_("党支部"), 3, "left"),
            Column(_("书记"), 1.3),
            Column(_("总分"), 0.9, "right"),
            Column(_("较上月"), 0.9, "right"),
            Column(_("等次"), 1.6),
        ),
        rows=tuple(
            (
                str(line.standing.rank or "—"),
                line.branch_name,
                line.note,
                _marks(line.standing.total),
                signed(line.rise),
                _band(line),
            )
            for line in group.lines
        ),
    )


def _all_marks(bulletin: Bulletin) -> Attachment:
    """Every branch with what its total is made of, so that the paper can be added up."""
    official = bulletin.standing.fairness.is_official
    groups = bulletin.standing.groups
    return Attachment(
        title=(_("各党支部"), _("得分明细")),
        blocks=(
            *(Paragraph(said) for said in _how_it_adds_up(groups, official=official)),
            *(_marks_of(group, official=official) for group in groups),
        ),
    )


def _how_it_adds_up(groups: Sequence[Group], *, official: bool) -> Iterator[str]:
    """What the columns mean, and what they cannot show: halves and caps."""
    if official:
        yield _(
            "总分=基本分+校正+加分。校正：检查组近12个月比检查同一支部的其他组偏严的，补回；偏宽的，减去。"
            "可能名次是误差内的范围，同一档内不分先后。"
        )
    lines = [(line.branch_name, line.terms) for group in groups for line in group.lines]
    halves = [
        _("%(name)s %(own)s+%(subs)s")
        % {"name": name, "own": one_decimal(terms.own), "subs": one_decimal(terms.subs)}
        for name, terms in lines
        if terms and terms.halves
    ]
    if halves:
        yield _("党总支基本分由本级评分表和所属支部平均按比例合成：%(them)s。") % {
            "them": "，".join(halves)
        }
    capped = [
        _("%(name)s %(cap)s") % {"name": name, "cap": one_decimal(terms.cap)}
        for name, terms in lines
        if terms and terms.cap is not None
    ]
    if capped:
        yield _("有否决事项，总分封顶：%(them)s。") % {"them": "，".join(capped)}


def _marks_of(group: Group, *, official: bool) -> Table:
    columns = [
        Column(_("党支部"), 3, "left"),
        Column(_("检查"), 0.8),
        Column(_("基本分"), 1, "right"),
        Column(_("校正"), 1, "right"),
        Column(_("加分"), 0.8, "right"),
        Column(_("总分"), 1, "right"),
        Column(_("误差"), 0.8, "right"),
        Column(_("可能名次"), 1.3),
        Column(_("上月"), 1, "right"),
    ]
    kept = [n for n in range(len(columns)) if official or n not in _CORRECTED_ONLY]
    return Table(
        caption=group.label,
        columns=tuple(columns[n] for n in kept),
        rows=tuple(
            tuple(cells[n] for n in kept) for cells in (_marks_line(line) for line in group.lines)
        ),
    )


_CORRECTED_ONLY = (3, 6, 7)  # 校正, 误差, 可能名次


def _marks_line(line: Line) -> Sequence[str]:
    row, terms, fair = line.standing, line.terms, line.fair
    return (
        line.branch_name,
        str(row.visits),
        _marks(row.base),
        signed(terms.correction if terms else None),
        _marks(row.bonus),
        _marks(row.total),
        f"±{one_decimal(fair.error)}" if fair else "—",
        f"{fair.low}–{fair.high}" if fair and fair.low else "—",
        _marks(row.previous_total),
    )


def _band(line: Line) -> str:
    return str(line.unranked_label or line.standing.band)


def _marks(value: Decimal | None) -> str:
    return "—" if value is None else one_decimal(value)
