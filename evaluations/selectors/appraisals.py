"""The monthly appraisal of every secretary of a round: facts from what is recorded anyway.

One query for the whole committee, and those of the standing while the month runs; nothing is
stored. What changes before the month is published (a record, a look-back) changes the appraisal
with it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.duty_facts import DutyState
from branches.duty_matrix import DutySources, matrix_of
from branches.models import Absence, Activity, ActivityTick, Branch, Duty, SecretaryMode, Talk
from evaluations.appraisal import Appraisal, Facts, Item, Verdict, appraise
from evaluations.models import (
    AppraisalInput,
    Finding,
    FindingEvent,
    Inspection,
    MeetingComment,
    MonthRound,
    RankingEntry,
    RoundParticipant,
    RubricItem,
    RubricVersion,
    ScoreAppeal,
    TeamMember,
)
from evaluations.selectors.standings import Standing, entries_with_scores, standing_of
from evaluations.team_visits import team_visits
from portal.accounts.models import User
from portal.kernel.months import Month, local_date
from portal.kernel.together import read_together
from portal.workdays import services as workdays

RECORD_WITHIN_WORKDAYS = 5
CHAIRED = (Duty.COMMITTEE_MEETING, Duty.THEMED_DAY)
HALF_YEAR = 6
OWN_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One secretary of one round, with what was said and entered of him."""

    participant: RoundParticipant
    appraisal: Appraisal
    comment: MeetingComment | None
    entered: Mapping[str, Decimal]  # of this month, by kind

    @property
    def mode_label(self) -> str:
        return str(SecretaryMode(self.participant.secretary_mode).label)


def appraisals(
    round_: MonthRound, user: User, only: int | None = None, today: dt.date | None = None
) -> list[Row]:
    """Every participant that has a secretary (``only``: one of them), as far as ``user`` may see
    him (:func:`may_see_appraisal`). While the month runs, ``today`` says what is overdue so far;
    without it the month counts as over."""
    sources = _Sources.of(round_, user, only, today)
    read_together(*sources.all())
    return _rows(round_, sources, user)


def _rows(round_: MonthRound, sources: _Sources, user: User) -> list[Row]:
    participants = list(sources.participants)
    if not participants:
        return []
    standing = standing_of(round_, user, sources.published)
    facts = _facts(round_, sources, standing)
    items: dict[str, list[Item]] = defaultdict(list)
    for mode, code, name, full in sources.items:
        items[mode].append(Item(code, name, full))
    comments = {comment.participant_id: comment for comment in sources.comments}
    entered: dict[tuple[int, int], dict[str, Decimal]] = defaultdict(dict)
    for row in sources.inputs:
        if row.month == round_.month:
            entered[row.branch_id, row.person_id][row.kind] = row.marks
    return [
        Row(
            p,
            appraise(items[p.secretary_mode], facts[p.pk]),
            comments.get(p.pk),
            entered[p.branch_id, p.secretary_id or 0],
        )
        for p in participants
    ]


def may_see_appraisals(user: User, round_: MonthRound) -> bool:
    """All of a committee: those who oversee it."""
    return round_.committee_id in access_of(user).overseen_committees


def may_see_appraisal(user: User, participant: RoundParticipant) -> bool:
    """One's own, and those of the committees one oversees; nobody else's."""
    access = access_of(user)
    if participant.round.committee_id in access.overseen_committees:
        return True
    return access.person_id is not None and participant.secretary_id == access.person_id


@dataclass(frozen=True, slots=True)
class OwnMonth:
    """A month of one's own. ``appraisal`` is None until the month is published."""

    participant: RoundParticipant
    appraisal: Appraisal | None = None


def own_months(user: User) -> list[OwnMonth]:
    """The last twelve months in which the user was secretary, newest first. What the published
    ones came to is read in one query for all of them."""
    person = access_of(user).person_id
    if person is None:
        return []
    found = (
        RoundParticipant.objects.filter(secretary_id=person, is_exempt=False)
        .exclude(secretary_mode="")
        .exclude(round__status="open")
        .select_related("branch", "secretary")
        .order_by("-round__month", "branch_id")
    )
    recent = found[:OWN_MONTHS]
    rounds = (
        MonthRound.objects.filter(participants__in=found.order_by().values("pk"))
        .distinct()
        .select_related("committee", "policy")
        .with_runs()
        .order_by("-month", "pk")[:OWN_MONTHS]
    )
    read_together(recent, rounds)
    sources = {r: _Sources.of(r, user, None, None, person) for r in rounds if r.is_published}
    read_together(*(one for each in sources.values() for one in each.all()))
    appraisal_of = {
        row.participant.pk: row.appraisal
        for round_, each in sources.items()
        for row in _rows(round_, each, user)
    }
    by_key = {round_.pk: round_ for round_ in rounds}
    months = []
    for participant in recent:
        if participant.round_id in by_key:
            participant.round = by_key[participant.round_id]
            months.append(OwnMonth(participant, appraisal_of.get(participant.pk)))
    return months


# -- facts ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sources:
    """What a month's facts are made of: sets that have nothing to do with each other."""

    participants: QuerySet[RoundParticipant]
    published: QuerySet[RankingEntry] | None  # None: not published, the standing is worked out
    items: QuerySet[Any, Any]
    activities: QuerySet[Activity]
    duties: QuerySet[Any, Any]
    owed: DutySources
    owed_on: dt.date  # the day on which what is owed is judged
    excused: QuerySet[Any, Any]
    lectures: QuerySet[Any, Any]
    talks: QuerySet[Any, Any]
    team_visits: Sequence[QuerySet[Any, Any]]
    sheets: QuerySet[Any, Any]
    seats: QuerySet[Any, Any]
    overruled: QuerySet[Any, Any]
    due: QuerySet[Any, Any]
    returned: QuerySet[Any, Any]
    comments: QuerySet[MeetingComment]
    inputs: QuerySet[AppraisalInput]

    def all(self) -> list[QuerySet[Any, Any]]:
        found = [getattr(self, each.name) for each in fields(self)]
        sets = [one for one in found if isinstance(one, QuerySet)]
        return [*sets, *self.owed.all(), *self.team_visits]

    @classmethod
    def of(
        cls,
        round_: MonthRound,
        user: User,
        only: int | None,
        today: dt.date | None,
        person: int | None = None,
    ) -> _Sources:
        month = round_.period
        days = (month.first_day, month.last_day)
        participants = (
            round_.participants.filter(is_exempt=False, secretary__isnull=False)
            .exclude(secretary_mode="")
            .select_related("branch__committee", "secretary")
            .order_by("branch__sort_order", "branch_id")
        )
        if only is not None:
            participants = participants.filter(pk=only)
        if person is None and not may_see_appraisals(user, round_):
            person = access_of(user).person_id or 0
        if person is not None:
            participants = participants.filter(secretary_id=person)
        ours = participants.order_by()
        branches, people = ours.values("branch_id"), ours.values("secretary_id")
        held = {"activity__branch_id__in": branches, "activity__held_on__range": days}
        due, returned = _findings(branches, month, today)
        return cls(
            participants=participants,
            published=entries_with_scores(round_) if round_.is_published else None,
            items=_items(round_),
            activities=Activity.objects.filter(branch_id__in=branches, held_on__range=days)
            .only(
                "branch", "held_on", "subject", "chair", "expected_count", "present_count",
                "created_at",
            )
            .order_by("held_on", "pk"),
            duties=ActivityTick.objects.filter(**held)
            .order_by()
            .values_list("activity_id", "duty"),
            owed=DutySources.of(Branch.objects.filter(pk__in=branches), month),
            owed_on=today or month.last_day + dt.timedelta(days=1),
            excused=Absence.objects.filter(kind="leave", person_id__in=people, **held)
            .exclude(reason="")
            .order_by()
            .values_list("activity_id", "person_id"),
            lectures=Activity.objects.filter(
                branch_id__in=branches,
                chair_id__in=people,
                ticks__duty=Duty.PARTY_LECTURE,
                held_on__range=(min(_lectures_since(month).values()), month.last_day),
            )
            .order_by()
            .values_list("branch_id", "chair_id", "held_on"),
            talks=Talk.objects.filter(held_on__range=days, speaker_id__in=people)
            .order_by()
            .values_list("speaker_id")
            .annotate(n=Count("pk")),
            team_visits=team_visits(people, *days),
            sheets=Inspection.objects.filter(round=round_, team__branch_id__in=branches)
            .order_by("pk")
            .values_list(
                "team__branch_id", "replaces_id", "submitted_at", "inspected_branch__name"
            ),
            seats=TeamMember.objects.filter(team__round=round_, team__branch_id__in=branches)
            .order_by()
            .values_list("team__branch_id", "person_id"),
            overruled=ScoreAppeal.objects.filter(
                deduction__inspection__round=round_,
                deduction__inspection__team__branch_id__in=branches,
                status="upheld",
            )
            .order_by("pk")
            .values_list(
                "deduction__inspection__team__branch_id", "branch__name", "deduction__item__name"
            ),
            due=due,
            returned=returned,
            comments=MeetingComment.objects.filter(participant__in=ours.values("pk")),
            inputs=AppraisalInput.objects.filter(
                branch_id__in=branches, month__range=(month.plus(-11).first_day, month.first_day)
            ).order_by("month", "pk"),
        )  # fmt: skip


def _items(round_: MonthRound) -> QuerySet[Any, Any]:
    """Mode, code, name and full marks of the items of the two rubrics in force in the month."""
    in_force = RubricVersion.objects.filter(
        rubric__subject=OuterRef("version__rubric__subject"),
        status="active",
        first_month__lte=round_.month,
    ).order_by("-first_month", "-number")
    items: QuerySet[Any, Any] = (
        RubricItem.objects.filter(
            version__rubric__subject__in=SecretaryMode.values,
            version=Subquery(in_force.values("pk")[:1]),
        )
        .order_by("sort_order", "pk")
        .values_list("version__rubric__subject", "code", "name", "full_marks")
    )
    return items


def _findings(
    branches: QuerySet[Any, Any], month: Month, today: dt.date | None
) -> tuple[QuerySet[Any, Any], QuerySet[Any, Any]]:
    """Findings due in the month and not reported in time, and those that the look-back gave
    back in the month. What was struck off by an appeal was never owed."""
    owed = Finding.objects.filter(branch_id__in=branches).exclude(
        pk__in=FindingEvent.objects.filter(step="strike_off").values("finding_id")
    )
    until = month.last_day
    if today is not None:
        until = min(until, today - dt.timedelta(days=1))
    due = owed.filter(due_on__range=(month.first_day, until)).filter(
        Q(reported_at__isnull=True) | Q(reported_at__date__gt=F("due_on"))
    )
    returned = owed.filter(
        events__step="return",
        events__at__date__range=(month.first_day, month.last_day),
    ).distinct()
    return (
        due.order_by("due_on", "pk").values_list("branch_id", "fact", "due_on"),
        returned.order_by("pk").values_list("branch_id", "fact", "pk"),
    )


def _facts(round_: MonthRound, sources: _Sources, standing: Standing) -> dict[int, Facts]:
    month = round_.period
    totals = {
        line.standing.branch_id: line.standing.total
        for group in standing.groups
        for line in group.lines
    }
    activities: dict[int, list[Activity]] = defaultdict(list)
    for activity in sources.activities:
        activities[activity.branch_id].append(activity)
    duties: dict[int, set[str]] = defaultdict(set)
    for activity_id, duty in sources.duties:
        duties[activity_id].add(duty)
    excused = set(sources.excused)
    lectures = _lectures(sources, month)
    talks = dict(sources.talks)
    visits: dict[int, int] = defaultdict(int)
    for rows in sources.team_visits:
        for person_id, number in rows:
            visits[person_id] += number
    seats, late_sheets = _seats(sources), _late_sheets(sources, round_.window_ends_on)
    overruled: dict[int, list[str]] = defaultdict(list)
    for sender, branch, item in sources.overruled:
        overruled[sender].append(
            _("对%(branch)s“%(item)s”的扣分复核改判") % {"branch": branch, "item": item}
        )
    overdue: dict[int, list[str]] = defaultdict(list)
    for branch_id, fact, day in sources.due:
        overdue[branch_id].append(
            _("逾期：%(fact)s（%(m)d月%(d)d日到期）") % {"fact": fact, "m": day.month, "d": day.day}
        )
    returned: dict[int, list[str]] = defaultdict(list)
    for branch_id, fact, _pk in sources.returned:
        returned[branch_id].append(_("回头看不合格：%(fact)s") % {"fact": fact})
    verdicts = {c.participant_id: Verdict(c.verdict) for c in sources.comments if c.verdict}
    units, ratings = _inputs(sources.inputs, month)
    not_held = _not_held(sources)
    found = {}
    for p in sources.participants:
        key = (p.branch_id, p.secretary_id or 0)
        seat = seats.get(p.branch_id)
        found[p.pk] = replace(
            _from_records(p, activities[p.branch_id], duties, excused, not_held[p.branch_id]),
            month_number=month.number,
            branch_total=totals.get(p.branch_id),
            unit_marks=units.get(key),
            lectures=lectures[key],
            talks=talks.get(p.secretary_id, 0),
            team_visits=visits[p.secretary_id or 0],
            had_a_team=seat is not None,
            was_inspector=seat is not None and p.secretary_id in seat,
            sent_deputy=bool(seat),
            late_sheets=late_sheets[p.branch_id],
            overruled=overruled[p.branch_id],
            overdue_findings=overdue[p.branch_id],
            returned_findings=returned[p.branch_id],
            verdict=verdicts.get(p.pk),
            rating=ratings.get(key),
        )
    return found


def _not_held(sources: _Sources) -> dict[int, list[str]]:
    """By branch: meetings that were due, by the judgement of the board of duties, and of which
    there is no record. Who held none has chaired none (domain.md 2.3: 每缺主持1次)."""
    found: dict[int, list[str]] = defaultdict(list)
    for row in matrix_of(sources.owed, sources.owed_on).rows:
        for cell in row.cells:
            if cell.duty in CHAIRED and cell.state == DutyState.OVERDUE and cell.due_on:
                found[row.branch_id].append(
                    _("%(duty)s没有记录（%(m)d月%(d)d日到期）")
                    % {"duty": cell.title, "m": cell.due_on.month, "d": cell.due_on.day}
                )
    return found


def _from_records(
    p: RoundParticipant,
    activities: Sequence[Activity],
    duties_of: Mapping[int, set[str]],
    excused: Collection[tuple[int, int]],
    not_held: Sequence[str],
) -> Facts:
    """Who chaired, what was never held, how study was attended, what was written down late."""
    not_chaired, late = list(not_held), []
    expected = present = 0
    for activity in activities:
        duties = duties_of[activity.pk]
        day = f"{activity.held_on.month}月{activity.held_on.day}日"
        if (
            duties & set(CHAIRED)
            and activity.chair_id != p.secretary_id
            and (activity.pk, p.secretary_id) not in excused
        ):
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


def _lectures_since(month: Month) -> dict[SecretaryMode, dt.date]:
    """Lectures count from the quarter's start for full-time, from the half-year's for part-time
    secretaries."""
    return {
        SecretaryMode.FULL_TIME: month.plus(-((month.number - 1) % 3)).first_day,
        SecretaryMode.PART_TIME: month.plus(-((month.number - 1) % HALF_YEAR)).first_day,
    }


def _lectures(sources: _Sources, month: Month) -> dict[tuple[int, int], int]:
    """By branch and person: lectures by the secretary himself, up to the month's end."""
    found: dict[tuple[int, int], int] = defaultdict(int)
    since = _lectures_since(month)
    mode_of = {p.branch_id: SecretaryMode(p.secretary_mode) for p in sources.participants}
    for branch_id, chair_id, held_on in sources.lectures:
        if held_on >= since[mode_of[branch_id]]:
            found[branch_id, chair_id] += 1
    return found


def _seats(sources: _Sources) -> dict[int, set[int]]:
    """Per branch that was to send a team with visits: the people in it."""
    found: dict[int, set[int]] = {sender: set() for sender, *_rest in sources.sheets}
    for sender, person_id in sources.seats:
        if sender in found:
            found[sender].add(person_id)
    return found


def _late_sheets(sources: _Sources, window_ends_on: dt.date) -> dict[int, list[str]]:
    """By the branch that sent the team: sheets handed in late."""
    late: dict[int, list[str]] = defaultdict(list)
    for sender, replaces, submitted_at, branch in sources.sheets:
        # A second visit is sent after the window: its hand-in can't be late by it.
        if (
            replaces is None
            and submitted_at is not None
            and local_date(submitted_at) > window_ends_on
        ):
            late[sender].append(_("%(branch)s的评分表超过互查截止日提交") % {"branch": branch})
    return late


def _inputs(
    rows: Iterable[AppraisalInput], month: Month
) -> tuple[dict[tuple[int, int], Decimal], dict[tuple[int, int], Decimal]]:
    """Unit marks of the month; the latest rating of the last twelve months."""
    units: dict[tuple[int, int], Decimal] = {}
    ratings: dict[tuple[int, int], Decimal] = {}
    for row in rows:
        key = (row.branch_id, row.person_id)
        if row.kind == AppraisalInput.Kind.RATING:
            ratings[key] = row.marks
        elif row.month == month.first_day:
            units[key] = row.marks
    return units, ratings
