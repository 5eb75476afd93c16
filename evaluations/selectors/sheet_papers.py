"""现场检查单: what one visit found, on A4 for both sides to sign and keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from evaluations.lifecycles import InspectionStatus
from evaluations.models import (
    Deduction,
    Finding,
    Inspection,
    SheetSignature,
    SignatureSide,
    TeamMember,
)
from evaluations.selectors.sheets import Summary, summary
from portal.documents.official import (
    Block,
    Column,
    Entry,
    Form,
    Layout,
    Paper,
    Paragraph,
    Table,
    day_words,
)
from portal.kernel.words import marks, minus, zh_day, zh_moment


def visit_paper(inspection: Inspection) -> Paper:
    """The visit as a sheet to sign. ``inspection`` comes from ``sheets_for``. One query."""
    members = inspection.team.members.select_related("person")
    signatures = inspection.signatures.select_related("person")
    found = summary(inspection, members, signatures)
    return Paper(
        layout=Layout.PLAIN,
        title=(str(inspection.participant.branch), _("现场检查单")),
        blocks=(
            _head(inspection, found, members),
            *_faults(found),
            *_words(_("二、亮点与建议"), inspection.highlights),
            *_both_sides(inspection, {s.side: s for s in signatures}),
        ),
    )


def _head(inspection: Inspection, found: Summary, members: Iterable[TeamMember]) -> Form:
    people = "、".join(
        _("%(name)s（组长）") % {"name": m.person.name} if m.is_leader else m.person.name
        for m in members
    )
    when = day_words(inspection.planned_on) if inspection.planned_on else ""
    if inspection.planned_on and inspection.planned_time:
        when += inspection.planned_time.strftime(" %H:%M")
    score = found.state.score
    stands = _("%(marks)s分") if inspection.submitted_at else _("没有提交，目前%(marks)s分")
    taken = _("%(n)d条，共%(taken)s分") % {
        "n": len(found.state.lines),
        "taken": marks(score.deducted),
    }
    photos = sum(len(beside) for row in found.biggest for _line, beside in row.lines)
    pictures = _("%(n)d张，存在系统里") % {"n": photos} if photos else _("没有")
    key_work = Entry(_("重点工作"), _key_words(inspection, found))
    rows: list[Sequence[Entry]] = [
        (Entry(_("考评月份"), inspection.round.label), Entry(_("时间"), when)),
        (
            Entry(_("被查书记"), str(inspection.participant.secretary or _("空缺"))),
            Entry(_("地点"), inspection.place),
        ),
        (Entry(_("检查组"), f"{inspection.team}：{people}"),),
        (Entry(_("得分"), stands % {"marks": marks(score.base)}), Entry(_("扣分"), taken)),
    ]
    if found.key_ok:
        rows.append((key_work, Entry(_("现场照片"), pictures)))
    else:  # what failed is named and needs the whole width
        rows += [(key_work,), (Entry(_("现场照片"), pictures),)]
    if inspection.replaces:
        words = _("支部申诉后重查，代替%(team)s的评分表") % {"team": inspection.replaces.team.label}
        rows.append((Entry(_("重查"), words),))
    elif inspection.status == InspectionStatus.SET_ASIDE:
        words = _("支部申诉后由%(team)s重查，这张表不再计分") % {
            "team": inspection.second_visit.team.label
        }
        rows.append((Entry(_("重查"), words),))
    copies = _(
        "一式两份，双方各留一份。支部签字只确认事实属实；对分数有异议，可在%(day)s24:00前申诉。"
    )
    day = day_words(inspection.round.appeals_end_on)
    rows.append((Entry(_("说明"), copies % {"day": day}),))
    return Form(rows=rows)


def _key_words(inspection: Inspection, found: Summary) -> str:
    if found.key_ok:
        return _("%(n)d项都不低于%(percent)d%%") % {
            "n": found.key_count,
            "percent": inspection.round.policy.key_fail_percent,
        }
    return _("不落实：%(items)s") % {
        "items": "、".join(str(entry.item) for entry in found.state.key_failures)
    }


def _faults(found: Summary) -> tuple[Block, ...]:
    """Every deduction with the finding it raised, in their order; findings that cost nothing
    follow. Before the sheet is handed in there are no findings, and the day stays open."""
    raised: dict[int | None, Finding] = {f.deduction_id: f for f in found.findings}
    rows = [
        _row(
            line.item.code,
            f"{line.rule.text}×{line.count}：{line.fact}",
            minus(line.points),
            raised.pop(line.pk) if line.pk in raised else line,
        )
        for line in found.state.lines
    ]
    rows += [_row(left.item.code, left.fact, "—", left) for left in raised.values()]
    lead = Paragraph(lead=_("一、扣分和当场指出的问题"), level=1)
    if not rows:
        return lead, Paragraph(_("没有扣分，没有指出问题。"))
    return (
        lead,
        Table(
            columns=(
                Column(_("项目"), 1),
                Column(_("细则和事实"), 7.4, "left"),
                Column(_("扣分"), 1.1, "right"),
                Column(_("程度"), 1.1),
                Column(_("整改"), 1.9),
            ),
            rows=rows,
        ),
    )


def _row(code: str, words: str, points: str, fault: Finding | Deduction) -> tuple[str, ...]:
    kind = str(fault.get_kind_display())
    if isinstance(fault, Finding):
        kind += "\n" + _("%(day)s前") % {"day": zh_day(fault.due_on)}
        words = f"{fault.number}．{words}"
    return code, words, points, str(fault.get_severity_display()), kind


def _words(lead: str, text: str) -> tuple[Block, ...]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (
        Paragraph(lead=lead, level=1),
        *([Paragraph(line) for line in lines] or [Paragraph(_("没有写。"))]),
    )


def _both_sides(inspection: Inspection, signatures: dict[str, SheetSignature]) -> tuple[Block, ...]:
    """A box for each side with what is known of its word so far, and room to sign by hand."""
    ours = signatures.get(SignatureSide.INSPECTORS)
    theirs = signatures.get(SignatureSide.INSPECTED)
    objection = inspection.objection or (theirs.objection if theirs else "")
    answered = _("有异议") if objection else _("确认")
    handed_in = _said(_("提交"), inspection.submitted_by, inspection.submitted_at, ours)
    answer = _said(answered, inspection.confirmed_by, inspection.confirmed_at, theirs)
    return (
        Paragraph(lead=_("三、双方确认"), level=1),
        Form(
            rows=(
                (Entry(_("支部异议"), objection or ("" if _is_open(inspection) else _("没有"))),),
                (Entry(_("检查组签字"), handed_in, 4), Entry(_("支部签字"), answer, 4)),
            )
        ),
    )


def _is_open(inspection: Inspection) -> bool:
    return inspection.confirmed_at is None and not inspection.objection


def _said(
    step: str, who: object, at: dt.datetime | None, on_the_spot: SheetSignature | None
) -> str:
    """The name, below it ``7月27日 15:20 确认``, and when it was signed face to face."""
    told = []
    if at is not None:
        told += [str(who or ""), f"{zh_moment(at)} {step}"]
    if on_the_spot is not None:
        told += [str(on_the_spot.person)] if at is None else []
        told.append(_("%(at)s 当面签") % {"at": zh_moment(on_the_spot.signed_at)})
    return "\n".join(line for line in told if line)
