"""Records as papers: minutes for signature, the attendance list, a branch's handbook of a year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from branches.duty_board import status_of
from branches.duty_facts import DutyState
from branches.duty_matrix import duties_of
from branches.models import (
    Activity,
    Appointment,
    Branch,
    CommitteeTerm,
    DuesPayment,
    Duty,
    Talk,
    Tier,
)
from branches.register_pages import study_rows
from branches.rosters import Circle, circle_of, in_force, members_on, roster
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
from portal.kernel.marks import one_decimal
from portal.kernel.months import Month
from portal.kernel.words import zh_day

# What a sheet is called when one of these is ticked, the weightiest first.
TITLES = (
    Duty.ORG_LIFE_MEETING,
    Duty.GENERAL_MEETING,
    Duty.COMMITTEE_MEETING,
    Duty.GROUP_MEETING,
    Duty.THEMED_DAY,
    Duty.PARTY_LECTURE,
)


def record_title(activity: Activity) -> str:
    """``支部党员大会记录``: after the weightiest duty."""
    ticked = {tick.duty for tick in activity.ticks.all()}
    found = next((duty for duty in TITLES if duty in ticked), None)
    return _("%(what)s记录") % {"what": found.label if found else _("活动")}


def minutes_paper(activity: Activity) -> Paper:
    """A4 minutes with every element, and room for both signatures."""
    title = record_title(activity)
    return Paper(
        layout=Layout.PLAIN,
        title=(str(activity.branch), title.removeprefix(_("支部"))),
        blocks=(*_minutes(activity), _signatures()),
    )


def _minutes(activity: Activity) -> tuple[Block, ...]:
    ticked = list(activity.ticks.all())
    when = day_words(activity.held_on)
    if activity.starts_at:
        when += activity.starts_at.strftime(" %H:%M")
    for session in activity.sessions.all():
        when += _("；分批：%(day)s") % {"day": zh_day(session.held_on)}
    rows: list[Sequence[Entry]] = [
        (Entry(_("主题"), activity.subject),),
        (Entry(_("时间"), when), Entry(_("地点"), activity.place)),
        (
            Entry(_("主持人"), str(activity.chair)),
            Entry(_("记录人"), str(activity.recorder or "")),
        ),
        (
            Entry(
                _("到会"),
                _("应到%(expected)d人，实到%(present)d人")
                % {"expected": activity.expected_count, "present": activity.present_count},
            ),
            Entry(_("范围"), str(activity.group or _("全支部"))),
        ),
    ]
    absences = list(activity.absences.all())
    if absences:
        rows.append((Entry(_("请假缺席"), absence_words(activity)),))
    rows.append((Entry(_("完成事项"), "、".join(str(tick.get_duty_display()) for tick in ticked)),))
    if activity.ayes is not None:
        rows.append((Entry(_("表决"), vote_words(activity)),))
    if activity.study_hours:
        rows.append((Entry(_("学时"), one_decimal(activity.study_hours)),))
    if activity.is_late_entry:
        rows.append(
            (
                Entry(
                    _("补录"),
                    _("写于%(days)d天后：%(reason)s")
                    % {"days": activity.days_to_write, "reason": activity.late_reason},
                ),
            )
        )
    blocks: list[Block] = [Form(rows=rows)]
    for lead, text in (
        (_("一、议题与内容"), activity.agenda),
        (_("二、发言要点"), activity.statements),
        (_("三、决议与落实"), activity.resolution),
    ):
        blocks.append(Paragraph(lead=lead, level=1))
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        blocks += [Paragraph(line) for line in lines] or [Paragraph(_("（没有记）"))]
    follow_ups = list(activity.follow_ups.all())
    if follow_ups:
        blocks.append(
            Table(
                columns=(
                    Column(_("落实事项"), 4, "left"),
                    Column(_("责任人"), 1),
                    Column(_("时限"), 1),
                ),
                rows=[
                    (
                        item.text,
                        str(item.person or ""),
                        zh_day(item.due_on) if item.due_on else "",
                    )
                    for item in follow_ups
                ],
            )
        )
    return tuple(blocks)


def _signatures() -> Form:
    return Form(rows=((Entry(_("主持签字"), lines=2), Entry(_("记录签字"), lines=2)),))


def absence_words(activity: Activity) -> str:
    """``吴海生（请假：值班）、…``."""
    words = []
    for absence in activity.absences.all():
        note = str(absence.get_kind_display())
        if absence.made_up_on:
            note += zh_day(absence.made_up_on)
        if absence.reason:
            note += f"：{absence.reason}"
        words.append(f"{absence.person}（{note}）")
    return "、".join(words)


def vote_words(activity: Activity) -> str:
    """The vote in words, judged against those who should attend."""
    outcome = _("通过") if activity.is_carried else _("未通过")
    if not activity.has_quorum:
        outcome = _("到会不足半数，表决无效")
    return _(
        "%(motion)s应到有表决权%(voters)d人，实到%(there)d人；赞成%(ayes)d，反对%(nays)d，"
        "弃权%(rest)d；%(outcome)s"
    ) % {
        "motion": f"{activity.motion}。" if activity.motion else "",
        "voters": activity.voter_count,
        "there": activity.voters_present,
        "ayes": activity.ayes or 0,
        "nays": activity.nays or 0,
        "rest": activity.abstentions,
        "outcome": outcome,
    }


def attendance_paper(activity: Activity) -> Paper:
    """签到表: the roster of the day, what is known of each, room to sign."""
    duties = [tick.duty for tick in activity.ticks.all()]
    circle = circle_of(duties, activity.group)
    people = roster(activity.branch, activity.held_on, circle, activity.group_id)
    away = {absence.person_id: absence for absence in activity.absences.all()}
    rows = []
    for number, attendee in enumerate(people, start=1):
        absence = away.get(attendee.person_id)
        word = _("到会")
        if absence is not None:
            word = str(absence.get_kind_display())
            if absence.reason:
                word += f"（{absence.reason}）"
        kind = _("正式") if attendee.votes else _("预备")
        rows.append((str(number), attendee.name, kind, word, ""))
    return Paper(
        layout=Layout.PLAIN,
        title=(str(activity.branch), _("签到表")),
        blocks=(
            Paragraph(
                _("%(subject)s，%(day)s，%(place)s。应到%(expected)d人，实到%(present)d人。")
                % {
                    "subject": activity.subject,
                    "day": day_words(activity.held_on),
                    "place": activity.place,
                    "expected": activity.expected_count,
                    "present": activity.present_count,
                }
            ),
            Table(
                columns=(
                    Column(_("序号"), 0.6),
                    Column(_("姓名"), 1.2),
                    Column(_("类别"), 0.8),
                    Column(_("情况"), 2.2, "left"),
                    Column(_("签名"), 1.6),
                ),
                rows=rows,
            ),
        ),
    )


def blank_attendance_paper(branch: Branch, day: dt.date, circle: Circle) -> Paper:
    """空白签到表: the roster of a day to be signed at the meeting, before there is a record."""
    people = roster(branch, day, circle, None)
    return Paper(
        layout=Layout.PLAIN,
        title=(str(branch), _("签到表")),
        blocks=(
            Form(
                rows=(
                    (Entry(_("主题"), ""),),
                    (Entry(_("时间"), day_words(day)), Entry(_("地点"), "")),
                    (Entry(_("应到"), _("%(n)d人") % {"n": len(people)}), Entry(_("主持人"), "")),
                )
            ),
            Table(
                columns=(
                    Column(_("序号"), 0.6),
                    Column(_("姓名"), 1.2),
                    Column(_("类别"), 0.8),
                    Column(_("签名"), 2),
                    Column(_("请假原因"), 2),
                ),
                rows=[
                    (str(n), person.name, _("正式") if person.votes else _("预备"), "", "")
                    for n, person in enumerate(people, start=1)
                ],
            ),
        ),
    )


# -- the handbook --------------------------------------------------------------------------------


def handbook_paper(branch: Branch, year: int, today: dt.date) -> Paper:
    """A branch's year in one paper: who, what was due, every record, registers. Nothing is typed
    for it: all of it was entered once."""
    until = min(today, dt.date(year, 12, 31))
    blocks: list[Block] = []
    blocks += _who(branch, until)
    blocks += _year_of_duties(branch, year, today)
    blocks += _records(branch, year)
    blocks += _registers(branch, year, until)
    return Paper(
        layout=Layout.PLAIN,
        title=(str(branch), _("%(year)d年工作手册") % {"year": year}),
        blocks=blocks,
    )


def _who(branch: Branch, day: dt.date) -> list[Block]:
    row = Branch.objects.filter(pk=branch.pk).classified(Month.of(day)).first()
    members = members_on(branch, day)
    posts = Appointment.objects.filter(in_force(day), branch=branch).select_related(
        "person", "post"
    )
    term = CommitteeTerm.objects.filter(branch=branch, elected_on__lte=day).first()
    tier = str(Tier(row.tier).label) if row else ""
    return [
        Paragraph(lead=_("一、支部概况"), level=1),
        Form(
            rows=(
                (Entry(_("名称"), branch.name), Entry(_("层级"), tier)),
                (
                    Entry(_("党员"), _("%(n)d名") % {"n": len(members)}),
                    Entry(_("主题党日"), branch.themed_day_rule),
                ),
                (
                    Entry(
                        _("本届任期"),
                        f"{day_words(term.elected_on)}—"
                        f"{day_words(term.extended_until or term.ends_on)}"
                        if term
                        else _("没有登记"),
                    ),
                ),
            )
        ),
        Table(
            caption=_("支部委员会"),
            columns=(Column(_("职务"), 1), Column(_("姓名"), 1), Column(_("任职日期"), 1)),
            rows=[(str(p.post), str(p.person), day_words(p.started_on)) for p in posts],
        ),
    ]


def _year_of_duties(branch: Branch, year: int, today: dt.date) -> list[Block]:
    """Twelve months against the duties of each, as they stand today."""
    rows = []
    for number in range(1, 13):
        month = Month(year, number)
        if month > Month.of(today):
            break
        row = duties_of(branch, month, today)
        if row is None:
            continue
        open_ones = [
            _("%(name)s（%(state)s）") % {"name": cell.rule.label, "state": status_of(cell).text}
            for cell in row.left
        ]
        late = [c.rule.label for c in row.cells if c.counts and c.state == DutyState.LATE_ENTRY]
        rows.append(
            (
                _("%(n)d月") % {"n": number},
                f"{row.done_count}/{row.due_count}",
                "、".join(open_ones) or _("无"),
                "、".join(late) or _("无"),
            )
        )
    return [
        Paragraph(lead=_("二、应办事项完成情况"), level=1),
        Table(
            columns=(
                Column(_("月份"), 0.7),
                Column(_("已办/应办"), 1),
                Column(_("还缺"), 3, "left"),
                Column(_("补录"), 1.6, "left"),
            ),
            rows=rows,
        ),
    ]


def _records(branch: Branch, year: int) -> list[Block]:
    found = (
        Activity.objects.filter(branch=branch, held_on__year=year)
        .select_related("chair", "recorder", "group", "branch")
        .prefetch_related("ticks", "absences__person", "sessions", "follow_ups__person")
        .order_by("held_on", "pk")
    )
    blocks: list[Block] = [Paragraph(lead=_("三、活动记录"), level=1)]
    if not found:
        return [*blocks, Paragraph(_("本年没有记录。"))]
    for number, activity in enumerate(found, start=1):
        duties = "、".join(str(tick.get_duty_display()) for tick in activity.ticks.all())
        head = _("（%(n)d）%(day)s　%(subject)s") % {
            "n": number,
            "day": zh_day(activity.held_on),
            "subject": activity.subject,
        }
        words = _(
            "%(duties)s。%(place)s，%(chair)s主持，%(recorder)s记录，应到%(expected)d人，"
            "实到%(present)d人。"
        ) % {
            "duties": duties,
            "place": activity.place,
            "chair": activity.chair,
            "recorder": activity.recorder or _("无人"),
            "expected": activity.expected_count,
            "present": activity.present_count,
        }
        blocks.append(Paragraph(lead=head, level=2))
        blocks.append(Paragraph(words))
        if away := absence_words(activity):
            blocks.append(Paragraph(_("没来的人：%(who)s。") % {"who": away}))
        if activity.ayes is not None:
            blocks.append(Paragraph(_("表决：%(words)s。") % {"words": vote_words(activity)}))
        for label, text in ((_("议题"), activity.agenda), (_("决议"), activity.resolution)):
            if text.strip():
                joined = "；".join(
                    line.strip("；。 ") for line in text.splitlines() if line.strip()
                )
                blocks.append(Paragraph(f"{label}：{joined}。"))
    return blocks


def _registers(branch: Branch, year: int, until: dt.date) -> list[Block]:
    dues = (
        DuesPayment.objects.filter(branch=branch, month__year=year)
        .order_by("month")
        .values("month")
        .annotate(people=Count("pk"), total=Sum("amount"))
    )
    talks = list(
        Talk.objects.filter(branch=branch, held_on__year=year)
        .select_related("speaker", "listener")
        .order_by("held_on", "pk")
    )
    hours = study_rows(branch, year, until)
    return [
        Paragraph(lead=_("四、党费"), level=1),
        Table(
            columns=(Column(_("月份")), Column(_("登记人数")), Column(_("合计（元）"))),
            rows=[
                (f"{row['month'].month}月", str(row["people"]), f"{row['total'] or Decimal(0):.2f}")
                for row in dues
            ],
        ),
        Paragraph(lead=_("五、集中学习学时"), level=1),
        Table(
            columns=(Column(_("姓名")), Column(_("到会次数")), Column(_("学时"))),
            rows=[(row.name, str(row.sessions), one_decimal(row.hours)) for row in hours],
        ),
        Paragraph(lead=_("六、谈心谈话"), level=1),
        Table(
            columns=(
                Column(_("日期"), 1),
                Column(_("谈话人"), 1),
                Column(_("谈话对象"), 1),
                Column(_("要点"), 3, "left"),
            ),
            rows=[
                (zh_day(talk.held_on), str(talk.speaker), str(talk.listener), talk.points)
                for talk in talks
            ],
        ),
    ]
