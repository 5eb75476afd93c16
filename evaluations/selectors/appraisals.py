"""The monthly appraisal of every secretary of a round: facts from what is recorded anyway.

A fixed number of queries for the whole committee; nothing is stored. What changes before the
month is published (a record, a look-back) changes the appraisal with it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Count, F, Prefetch, Q
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.models import Absence, Activity, Duty, SecretaryMode, Talk
from evaluations.appraisal import Appraisal, Facts, Item, Verdict, appraise
from evaluations.models import (
    AppraisalInput,
    Finding,
    FindingEvent,
    Inspection,
    MeetingComment,
    MonthRound,
    RoundParticipant,
    RubricItem,
    RubricVersion,
    ScoreAppeal,
    TeamMember,
)
from evaluations.selectors.standings import standing_of
from evaluations.team_visits import team_visits
from portal.accounts.models import User
from portal.kernel.months import Month, local_date
from portal.workdays import services as workdays

RECORD_WITHIN_WORKDAYS = 5
CHAIRED = (Duty.COMMITTEE_MEETING, Duty.THEMED_DAY)
HALF_YEAR = 6


@dataclass(frozen=True, slots=True)
class Row:
    """One secretary of one round."""

    participant: RoundParticipant
    appraisal: Appraisal

    @property
    def mode_label(self) -> str:
        return str(SecretaryMode(self.participant.secretary_mode).label)


@dataclass(frozen=True, slots=True)
class ModeTable:
    """对标: the secretaries of one mode side by side, in the order of the branches. Nobody has a
    place in it: the columns say where each could learn from whom."""

    mode: str
    label: str
    items: Sequence[Item]
    rows: Sequence[Row]
    averages: Sequence[Decimal | None]


def appraisals(
    round_: MonthRound, user: User, only: int | None = None, today: dt.date | None = None
) -> list[Row]:
    """Every participant that has a secretary (``only``: one of them). While the month runs,
    ``today`` says what is overdue so far; without it the month counts as over. Who may see whom
    is asked by :func:`may_see_appraisal`."""
    participants = list(
        round_.participants.filter(is_exempt=False, secretary__isnull=False)
        .exclude(secretary_mode="")
        .select_related("branch", "secretary")
        .order_by("branch__sort_order", "branch_id")
    )
    if only is not None:
        participants = [p for p in participants if p.pk == only]
    if not participants:
        return []
    items = {mode: _items(round_, mode) for mode in {p.secretary_mode for p in participants}}
    facts = _facts(round_, participants, user, today)
    return [Row(p, appraise(items[p.secretary_mode], facts[p.pk])) for p in participants]


def mode_tables(rows: Sequence[Row]) -> list[ModeTable]:
    """One table per mode that occurs."""
    tables = []
    for mode in SecretaryMode.values:
        ours = [row for row in rows if row.participant.secretary_mode == mode]
        if not ours:
            continue
        results = ours[0].appraisal.items
        columns = [[row.appraisal.items[n].marks for row in ours] for n in range(len(results))]
        tables.append(
            ModeTable(
                mode,
                str(SecretaryMode(mode).label),
                [Item(r.code, r.name, r.full) for r in results],
                ours,
                [_mean([m for m in column if m is not None]) for column in columns],
            )
        )
    return tables


def may_see_appraisals(user: User, round_: MonthRound) -> bool:
    """All of a committee: those who oversee it."""
    return round_.committee_id in access_of(user).overseen_committees


def may_see_appraisal(user: User, participant: RoundParticipant) -> bool:
    """One's own, and those of the committees one oversees; nobody else's."""
    access = access_of(user)
    if participant.round.committee_id in access.overseen_committees:
        return True
    return access.person_id is not None and participant.secretary_id == access.person_id


def own_participations(user: User) -> list[RoundParticipant]:
    """The months in which the user was secretary, newest first."""
    person = access_of(user).person_id
    if person is None:
        return []
    return list(
        RoundParticipant.objects.filter(secretary_id=person, is_exempt=False)
        .exclude(secretary_mode="")
        .exclude(round__status="open")
        .select_related("round__committee", "branch", "secretary")
        .order_by("-round__month", "branch_id")[:24]
    )


# -- facts ------------------------------------------------------------------------------------


def _items(round_: MonthRound, mode: str) -> list[Item]:
    """The items of the rubric of this mode that is in force in the round's month."""
    version = (
        RubricVersion.objects.filter(
            rubric__subject=mode, status="active", first_month__lte=round_.month
        )
        .order_by("-first_month", "-number")
        .first()
    )
    if version is None:
        return []
    return [
        Item(item.code, item.name, item.full_marks)
        for item in RubricItem.objects.filter(version=version).order_by("sort_order", "pk")
    ]


def _facts(
    round_: MonthRound,
    participants: Sequence[RoundParticipant],
    user: User,
    today: dt.date | None,
) -> dict[int, Facts]:
    month = round_.period
    first, last = month.first_day, month.last_day
    branches = {p.branch_id: p for p in participants}
    people = {p.secretary_id for p in participants if p.secretary_id is not None}
    totals = {
        line.standing.branch_id: line.standing.total
        for group in standing_of(round_, user).groups
        for line in group.lines
    }
    activities = _activities(branches, first, last)
    lectures = _lectures(branches, people, month)
    talks = dict(
        Talk.objects.filter(held_on__range=(first, last), speaker_id__in=people)
        .order_by()
        .values_list("speaker_id")
        .annotate(n=Count("pk"))
    )
    visits = team_visits(people, first, last)
    seats = _seats(round_)
    late_sheets, overruled = _sheets(round_)
    findings = _findings(branches, month, today)
    verdicts = dict(
        MeetingComment.objects.filter(round=round_)
        .exclude(verdict="")
        .values_list("participant_id", "verdict")
    )
    units, ratings = _inputs(branches, month)
    found = {}
    for p in participants:
        key = (p.branch_id, p.secretary_id or 0)
        seat = seats.get(p.branch_id)
        overdue, returned = findings.get(p.branch_id, ([], []))
        found[p.pk] = replace(
            _from_records(p, activities.get(p.branch_id, [])),
            month_number=month.number,
            branch_total=totals.get(p.branch_id),
            unit_marks=units.get(key),
            lectures=lectures.get(p.branch_id, {}).get(p.secretary_id or 0, 0),
            talks=talks.get(p.secretary_id, 0),
            team_visits=visits.get(p.secretary_id or 0, 0),
            had_a_team=seat is not None,
            was_inspector=seat is not None and p.secretary_id in seat,
            sent_deputy=bool(seat),
            late_sheets=late_sheets.get(p.branch_id, []),
            overruled=overruled.get(p.branch_id, []),
            overdue_findings=overdue,
            returned_findings=returned,
            verdict=Verdict(verdicts[p.pk]) if p.pk in verdicts else None,
            rating=ratings.get(key),
        )
    return found


def _activities(
    branches: Collection[int], first: dt.date, last: dt.date
) -> dict[int, list[Activity]]:
    found: dict[int, list[Activity]] = defaultdict(list)
    rows = (
        Activity.objects.filter(branch_id__in=branches, held_on__range=(first, last))
        .prefetch_related("ticks", Prefetch("absences", queryset=Absence.objects.order_by("pk")))
        .order_by("held_on", "pk")
    )
    for activity in rows:
        found[activity.branch_id].append(activity)
    return found


def _from_records(p: RoundParticipant, activities: Sequence[Activity]) -> Facts:
    """Who chaired, how study was attended, what was written down late."""
    not_chaired, late = [], []
    expected = present = 0
    for activity in activities:
        duties = {tick.duty for tick in activity.ticks.all()}
        day = f"{activity.held_on.month}月{activity.held_on.day}日"
        if duties & set(CHAIRED) and activity.chair_id != p.secretary_id:
            excused = any(
                absence.person_id == p.secretary_id and absence.kind == "leave" and absence.reason
                for absence in activity.absences.all()
            )
            if not excused:
                not_chaired.append(
                    _("%(day)s%(subject)s不是书记主持") % {"day": day, "subject": activity.subject}
                )
        if Duty.GROUP_STUDY in duties:
            expected += activity.expected_count
            present += activity.present_count
        written = local_date(activity.created_at)
        if written > workdays.add_workdays(activity.held_on, RECORD_WITHIN_WORKDAYS):
            late.append(
                _("%(day)s%(subject)s，%(written)s才记")
                % {
                    "day": day,
                    "subject": activity.subject,
                    "written": f"{written.month}月{written.day}日",
                }
            )
    return Facts(
        is_full_time=p.secretary_mode == SecretaryMode.FULL_TIME,
        month_number=1,
        not_chaired=not_chaired,
        late_records=late,
        study_rate=Decimal(present) / expected if expected else None,
    )


def _lectures(
    branches: Mapping[int, RoundParticipant], people: Collection[int], month: Month
) -> dict[int, dict[int, int]]:
    """Lectures by the secretary himself: of the quarter for full-time, of the half-year for
    part-time secretaries, up to the month's end."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    since = {
        SecretaryMode.FULL_TIME: month.plus(-((month.number - 1) % 3)).first_day,
        SecretaryMode.PART_TIME: month.plus(-((month.number - 1) % HALF_YEAR)).first_day,
    }
    rows = (
        Activity.objects.filter(
            branch_id__in=branches,
            chair_id__in=people,
            ticks__duty=Duty.PARTY_LECTURE,
            held_on__range=(min(since.values()), month.last_day),
        )
        .order_by()
        .values_list("branch_id", "chair_id", "held_on")
    )
    for branch_id, chair_id, held_on in rows:
        if held_on >= since[SecretaryMode(branches[branch_id].secretary_mode)]:
            ours = found[branch_id]
            ours[chair_id] = ours.get(chair_id, 0) + 1
    return found


def _seats(round_: MonthRound) -> dict[int, set[int]]:
    """Per branch that was to send a team with visits: the people in it."""
    found: dict[int, set[int]] = {}
    for branch_id in (
        Inspection.objects.filter(round=round_).values_list("team__branch_id", flat=True).distinct()
    ):
        found[branch_id] = set()
    seats = TeamMember.objects.filter(team__round=round_).values_list(
        "team__branch_id", "person_id"
    )
    for branch_id, person_id in seats:
        if branch_id in found:
            found[branch_id].add(person_id)
    return found


def _sheets(round_: MonthRound) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """By the branch that sent the team: sheets handed in late, and deductions overruled."""
    late: dict[int, list[str]] = defaultdict(list)
    # A second visit is sent after the window: its hand-in can't be late by it.
    visits = Inspection.objects.filter(round=round_, replaces=None).select_related(
        "inspected_branch", "team"
    )
    for visit in visits.order_by("pk"):
        handed_in = local_date(visit.submitted_at) if visit.submitted_at else None
        if handed_in is not None and handed_in > round_.window_ends_on:
            late[visit.team.branch_id].append(
                _("%(branch)s的评分表超过互查截止日提交") % {"branch": visit.inspected_branch}
            )
    overruled: dict[int, list[str]] = defaultdict(list)
    upheld = ScoreAppeal.objects.filter(
        deduction__inspection__round=round_, status="upheld"
    ).select_related("branch", "deduction__item", "deduction__inspection__team")
    for appeal in upheld.order_by("pk"):
        overruled[appeal.deduction.inspection.team.branch_id].append(
            _("对%(branch)s“%(item)s”的扣分复核改判")
            % {"branch": appeal.branch, "item": appeal.deduction.item.name}
        )
    return late, overruled


def _findings(
    branches: Collection[int], month: Month, today: dt.date | None
) -> dict[int, tuple[list[str], list[str]]]:
    """Per branch: findings due in the month and not reported in time, and those that the
    look-back gave back in the month. What was struck off by an appeal was never owed."""
    found: dict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    owed = Finding.objects.filter(branch_id__in=branches).exclude(
        pk__in=FindingEvent.objects.filter(step="strike_off").values("finding_id")
    )
    until = month.last_day
    if today is not None:
        until = min(until, today - dt.timedelta(days=1))
    due = owed.filter(due_on__range=(month.first_day, until)).filter(
        Q(reported_at__isnull=True) | Q(reported_at__date__gt=F("due_on"))
    )
    for finding in due.order_by("due_on", "pk"):
        found[finding.branch_id][0].append(
            _("逾期：%(fact)s（%(m)d月%(d)d日到期）")
            % {"fact": finding.fact, "m": finding.due_on.month, "d": finding.due_on.day}
        )
    returned = owed.filter(
        events__step="return",
        events__at__date__range=(
            month.first_day,
            month.last_day,
        ),
    ).distinct()
    for finding in returned.order_by("pk"):
        found[finding.branch_id][1].append(_("回头看不合格：%(fact)s") % {"fact": finding.fact})
    return found


def _inputs(
    branches: Collection[int], month: Month
) -> tuple[dict[tuple[int, int], Decimal], dict[tuple[int, int], Decimal]]:
    """Unit marks of the month; the latest rating of the last twelve months."""
    units: dict[tuple[int, int], Decimal] = {}
    ratings: dict[tuple[int, int], Decimal] = {}
    rows = AppraisalInput.objects.filter(
        branch_id__in=branches, month__range=(month.plus(-11).first_day, month.first_day)
    ).order_by("month", "pk")
    for row in rows:
        key = (row.branch_id, row.person_id)
        if row.kind == AppraisalInput.Kind.RATING:
            ratings[key] = row.marks
        elif row.month == month.first_day:
            units[key] = row.marks
    return units, ratings


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, Decimal(0)) / len(values) if values else None
