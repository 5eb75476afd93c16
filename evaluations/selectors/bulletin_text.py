"""The month's bulletin as text: what the data say, part by part, and what the officer made of it.

The order of the parts is domain.md 5.3. Page, paper and editor read the same sections, so that
nobody can sign another text than the one that was read.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.models import BulletinDraft, RectificationNotice
from evaluations.selectors.bulletins import Bulletin
from evaluations.selectors.notices import numeral
from portal.documents.official import Paragraph
from portal.kernel.differences import Piece, differences
from portal.kernel.marks import one_decimal

MAX_CLAUSES = 99
MAX_TEXT = 6000


class Part(enum.StrEnum):
    """The six parts of a bulletin; the value is the key under which a wording is kept."""

    OVERALL = "overall"
    RANKINGS = "rankings"
    HIGHLIGHTS = "highlights"
    PROBLEMS = "problems"
    FAILURES = "failures"
    NEXT_FOCUS = "next_focus"


_HEADINGS = {
    Part.OVERALL: gettext_lazy("总体情况"),
    Part.RANKINGS: gettext_lazy("分类排名"),
    Part.HIGHLIGHTS: gettext_lazy("主要亮点"),
    Part.PROBLEMS: gettext_lazy("存在问题"),
    Part.FAILURES: gettext_lazy("重点工作落实不力的支部"),
    Part.NEXT_FOCUS: gettext_lazy("下月重点"),
}
# （一）三会一课。…: a run-in heading of the second level
_LEAD = re.compile(r"（[一二三四五六七八九十百]+）[^。\n]{1,60}。")


@dataclass(frozen=True)
class Section:
    """One part. ``generated``: what the data say now; ``own``: the officer's wording, None where
    he left it; ``base``: what the data had said when he wrote."""

    part: Part
    number: int
    generated: str
    own: str | None = None
    base: str = ""

    @property
    def heading(self) -> str:
        return f"{numeral(self.number)}、{_HEADINGS[self.part]}"

    @property
    def text(self) -> str:
        return self.generated if self.own is None else self.own

    @property
    def is_edited(self) -> bool:
        return self.own is not None

    @property
    def is_outdated(self) -> bool:
        """The data have moved on since the officer wrote."""
        return self.own is not None and self.base != self.generated

    @cached_property
    def changes(self) -> list[Piece]:
        """From the generated text to the officer's."""
        return differences(self.generated, self.text)

    @property
    def paragraphs(self) -> list[Paragraph]:
        return [_paragraph(line) for line in self.text.splitlines() if line.strip()]


def sections_of(bulletin: Bulletin, draft: BulletinDraft | None) -> list[Section]:
    """All six parts in order."""
    words = draft.words if draft else {}
    bases = draft.bases if draft else {}
    generated = generated_texts(bulletin, wording_of(draft))
    return [
        Section(
            part=part,
            number=number,
            generated=generated[part],
            own=words.get(part),
            base=bases.get(part, ""),
        )
        for number, part in enumerate(Part, start=1)
    ]


def correction_of(bulletin: Bulletin) -> list[Paragraph]:
    """更正说明 of a revised bulletin: the reason, and old and new values; nothing in the first."""
    if not bulletin.revisions:
        return []
    revision = bulletin.revisions[0]
    text = _("这是%(month)s考评结果的第%(n)d次发布") % {
        "month": bulletin.round.label,
        "n": revision.number,
    }
    if revision.old_number:
        text += _("，代替%(number)s") % {"number": revision.old_number}
    text += _("。更正原因：%(reason)s。") % {"reason": revision.reason.rstrip("。")}
    lines = [*revision.deductions, *revision.changes[: revision.own]]
    moved = len(revision.changes) - revision.own
    lines.append(
        _("另有%(moved)d个支部自己的分没有变，名次或等次随之变动；其余%(n)d个支部没有变。")
        % {"moved": moved, "n": revision.unchanged}
        if moved
        else _("其余%(n)d个支部的总分、名次和等次没有变。") % {"n": revision.unchanged}
    )
    return [Paragraph(lead=_("更正说明。"), level=2, text=text), *map(Paragraph, lines)]


def wording_of(draft: BulletinDraft | None) -> BulletinDraft.Wording:
    return BulletinDraft.Wording(draft.wording) if draft else BulletinDraft.Wording.COUNTED


def generated_texts(bulletin: Bulletin, wording: BulletinDraft.Wording) -> dict[Part, str]:
    """What the data say, one paragraph a line."""
    return {
        Part.OVERALL: "\n".join(_overall(bulletin)),
        Part.RANKINGS: _(
            "按类型分别排名，未到期和不涉及的项目按细则处理。不足三个的同类只列不排。"
        ),
        Part.HIGHLIGHTS: "\n".join(_highlights(bulletin)),
        Part.PROBLEMS: "\n".join(_problems(bulletin, wording)),
        Part.FAILURES: "\n".join(_failures(bulletin)),
        Part.NEXT_FOCUS: _lines(bulletin.next_focus) or _("（另行通知）"),
    }


def _paragraph(line: str) -> Paragraph:
    line = line.strip()
    lead = _LEAD.match(line)
    if lead is None:
        return Paragraph(line)
    return Paragraph(lead=lead.group(), level=2, text=line[lead.end() :])


def _lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _overall(bulletin: Bulletin) -> list[str]:
    text = _("%(month)s共互查%(branches)d个党组织、%(visits)d次，当场指出问题%(findings)d个。") % {
        "month": bulletin.round.label,
        "branches": bulletin.participants,
        "visits": bulletin.visits,
        "findings": bulletin.findings,
    }
    averages = [
        _("%(group)s平均%(marks)s分") % {"group": label, "marks": one_decimal(average)}
        for label, average in bulletin.averages
    ]
    if averages:
        text += "，".join(averages) + "。"
    if bulletin.raised_last_month:
        text += _("上月问题%(raised)d个，已销号%(closed)d个。") % {
            "raised": bulletin.raised_last_month,
            "closed": bulletin.closed_last_month,
        }
    lines = [text]
    if bulletin.areas:
        spread = "，".join(
            _("%(area)s%(n)d个") % {"area": area.name, "n": area.count} for area in bulletin.areas
        )
        lines.append(_("问题分布：%(spread)s。") % {"spread": spread})
    return lines


def _highlights(bulletin: Bulletin) -> list[str]:
    """The officer's own lines; where he wrote none, what the teams noted on site."""
    if told := _lines(bulletin.highlights):
        return told.splitlines()
    noted = [
        _("%(branch)s：%(text)s。") % {"branch": branch, "text": text.rstrip("。；")}
        for branch, text in bulletin.noted
    ]
    return noted or [_("（无）")]


def _problems(bulletin: Bulletin, wording: BulletinDraft.Wording) -> Sequence[str]:
    if not bulletin.shared:
        return [_("没有三分之一以上同类支部共有的问题，个别问题见各支部问题清单。")]
    lines = []
    for number, problem in enumerate(bulletin.shared[:MAX_CLAUSES], start=1):
        count = ""
        if wording == BulletinDraft.Wording.COUNTED:
            count = _("（%(n)d个，同类共%(of)d个）") % {"n": problem.branches, "of": problem.of}
        lines.append(
            _("（%(numeral)s）%(item)s。%(type)s%(quantity)s%(count)s%(text)s。")
            % {
                "numeral": numeral(number),
                "item": problem.item,
                "type": problem.type_label,
                "quantity": problem.quantity,
                "count": count,
                "text": problem.text.rstrip("。；"),
            }
            + (f"{problem.action}。" if problem.action else "")
        )
    if bulletin.shared_more:
        more = _("另有%(n)d条涉及三分之一以上同类支部，见各支部问题清单。")
        lines.append(more % {"n": bulletin.shared_more})
    if any(not problem.action for problem in bulletin.shared):
        lines.append(_("多个支部同样的错，不只是支部的事，列入例会，逐条定责任部门和期限。"))
    return lines


def _failures(bulletin: Bulletin) -> list[str]:
    if bulletin.notices:
        return [
            f"{number}. {notice.branch.name}：{_failed(notice, bulletin.failed)}"
            for number, notice in enumerate(bulletin.notices, start=1)
        ]
    if bulletin.run:
        return [_("本月重点工作各项均已落实，没有发出整改通知书。")]
    return [_("发布时按重点工作规则提出。")]


def _failed(notice: RectificationNotice, stands: Collection[tuple[int, int]] | None) -> str:
    items = "；".join(
        _("%(item)s得%(marks)s分（满分%(full)s分）")
        % {
            "item": problem.item.name,
            "marks": one_decimal(problem.marks),
            "full": one_decimal(problem.full_marks),
        }
        for problem in notice.problems.all()
        if stands is None or (notice.participant_id, problem.item_id) in stands
    )
    number = notice.document_number or _("整改通知书待签发")
    return f"{items}。{number}。"
