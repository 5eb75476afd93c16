"""The facts of any number of branches in a month, fetched in one statement, and what is due."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from branches.coverage import coverage
from branches.duties import SOON_WORKDAYS, judge, period_start
from branches.duties import in_force as duty_rule
from branches.duty_facts import (
    BranchFacts,
    DuesFacts,
    DutyRow,
    Proof,
    TalkFacts,
    TermFacts,
)
from branches.duty_rules import RULES, Rule
from branches.models import (
    Activity,
    ActivityTick,
    Appointment,
    Branch,
    CommitteeTerm,
    DuesPayment,
    Duty,
    DutySettings,
    LectureFrequency,
    Membership,
    MembershipKind,
    PartyGroup,
    Talk,
    Tier,
)
from branches.rosters import in_force
from portal.kernel.marks import MarksField, one_decimal
from portal.kernel.months import Month
from portal.kernel.together import read_together
from portal.workdays.services import add_workdays

FULL_MEMBERS_FOR_COMMITTEE = 7  # under seven full members there is no committee


@dataclass(frozen=True, slots=True)
class DutyMatrix:
    """Branches x duties of one month."""

    month: Month
    today: dt.date
    rules: tuple[Rule, ...]
    rows: tuple[DutyRow, ...]

    @property
    def missing_count(self) -> int:
        return sum(row.missing_count for row in self.rows)


@dataclass(frozen=True, slots=True)
class DutySources:
    """What the duties of a month are judged by: branches (with settings, term and study hours),
    members, groups, post-holders, talks, dues, ticks. Sets that may be read together with more."""

    month: Month
    branches: QuerySet[Any]
    memberships: QuerySet[Any]
    groups: QuerySet[Any]
    posts: QuerySet[Any]
    talks: QuerySet[Any]
    payments: QuerySet[Any]
    ticks: QuerySet[Any]

    def all(self) -> list[QuerySet[Any]]:
        return [
            self.branches, self.memberships, self.groups, self.posts, self.talks, self.payments,
            self.ticks,
        ]  # fmt: skip

    @classmethod
    def of(cls, branches: QuerySet[Any], month: Month) -> DutySources:
        day = month.last_day
        chosen = branches.active_on(day).classified(month)  # type: ignore[attr-defined]
        asked = branches.order_by().values("pk")
        return cls(
            month=month,
            branches=_with_dated_facts(chosen, month),
            memberships=Membership.objects.filter(in_force(day), branch__in=asked)
            .order_by("id")
            .values_list("branch_id", "person_id", "kind"),
            groups=PartyGroup.objects.filter(in_force(day), branch__in=asked)
            .order_by("branch", "id")
            .values_list("branch_id", "id", "name"),
            posts=_posts(asked, day),
            talks=_talks(asked, month),
            payments=_payments(asked, month),
            ticks=_ticks(asked, month),
        )


def duty_matrix(*, branches: QuerySet[Any], month: Month, today: dt.date) -> DutyMatrix:
    """Where every duty of ``branches`` stands in ``month``, seen on ``today``.

    One query for any number of branches. Branches that are dissolved, not founded or not
    classified in that month are left out.
    """
    sources = DutySources.of(branches, month)
    read_together(*sources.all())
    return matrix_of(sources, today)


def matrix_of(sources: DutySources, today: dt.date) -> DutyMatrix:
    """The same from ``sources`` that were read."""
    month, chosen, posts, talked = sources.month, sources.branches, sources.posts, sources.talks
    members: dict[int, list[int]] = defaultdict(list)
    full_members: dict[int, int] = defaultdict(int)
    for branch_id, person_id, kind in sources.memberships:
        members[branch_id].append(person_id)
        full_members[branch_id] += kind == MembershipKind.FULL
    groups: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for branch_id, key, name in sources.groups:
        groups[branch_id].append((key, name))
    talks = _talk_facts([branch.pk for branch in chosen], posts, talked, members)
    dues = _dues(sources.payments, members)
    proofs = _proofs(list(sources.ticks))
    soon_until = add_workdays(today, SOON_WORKDAYS)
    starts: dict[tuple[str, str], dt.date] = {}

    def since(rule: Rule, branch_id: int) -> list[Proof]:
        """The branch's records that lie in the rule's period."""
        key = (rule.duty, rule.frequency)
        if key not in starts:
            starts[key] = period_start(rule, month)
        found = proofs.get((branch_id, rule.duty), ())
        return [proof for proof in found if proof.held_on >= starts[key]]

    rows = []
    for branch in chosen:
        facts = BranchFacts(
            branch_type=branch.branch_type,
            is_exempt=branch.is_exempt,
            has_committee=branch.tier == Tier.GENERAL_BRANCH
            or full_members[branch.pk] >= FULL_MEMBERS_FOR_COMMITTEE,
            groups=tuple(groups.get(branch.pk, ())),
            themed_day_rule=branch.themed_day_rule,
            since=branch.founded_on,
            lecture_frequency=branch.lecture_frequency,
            study_target=branch.study_target,
            study_hours=branch.hours_so_far or Decimal(0),
            dues=dues[branch.pk],
            talks=talks[branch.pk],
            term=TermFacts(branch.elected_on, branch.term_ends_on) if branch.elected_on else None,
        )
        rows.append(
            DutyRow(
                branch_id=branch.pk,
                name=branch.label,
                parent_id=branch.parent_id,
                tier=branch.tier,
                branch_type=branch.branch_type,
                is_exempt=branch.is_exempt,
                committee_id=branch.committee_id,
                cells=tuple(
                    judge(
                        rule,
                        facts,
                        month=month,
                        today=today,
                        soon_until=soon_until,
                        proofs=since(duty_rule(rule, facts), branch.pk),
                    )
                    for rule in RULES
                ),
            )
        )
    return DutyMatrix(month=month, today=today, rules=_in_play(rows), rows=tuple(rows))


def _in_play(rows: list[DutyRow]) -> tuple[Rule, ...]:
    """The rules that at least one branch has to do with this month: a matrix has no column for
    what is due in half a year."""
    return tuple(
        rule
        for number, rule in enumerate(RULES)
        if rule.frequency == "M"
        or any(row.cells[number].counts or row.cells[number].is_warning for row in rows)
        or (rule.frequency == "Q" and not rule.due_day)
    )


def _with_dated_facts(branches: QuerySet[Any], month: Month) -> QuerySet[Any]:
    """Annotate what the rules ask and one query can give: the committee's settings (else its
    superior's, else the defaults), the term in force, the year's study hours so far."""
    decided = DutySettings.objects.filter(first_month__lte=month.first_day).order_by("-first_month")
    own = decided.filter(committee=OuterRef("committee"))
    above = decided.filter(committee=OuterRef("committee__parent"))
    terms = CommitteeTerm.objects.filter(
        branch=OuterRef("pk"), elected_on__lte=month.last_day
    ).order_by("-elected_on")
    hours = (
        Activity.objects.filter(
            branch=OuterRef("pk"),
            held_on__range=(dt.date(month.year, 1, 1), month.last_day),
            ticks__duty=Duty.GROUP_STUDY,
        )
        .order_by()
        .values("branch")
        .annotate(hours=Sum("study_hours"))
        .values("hours")
    )
    found: QuerySet[Any] = branches.annotate(
        lecture_frequency=Coalesce(
            Subquery(own.values("lecture_frequency")[:1]),
            Subquery(above.values("lecture_frequency")[:1]),
            Value("Q"),
        ),
        study_target=Coalesce(
            Subquery(own.values("study_hours")[:1]),
            Subquery(above.values("study_hours")[:1]),
            Value(32),
        ),
        elected_on=Subquery(terms.values("elected_on")[:1]),
        term_ends_on=Subquery(
            terms.annotate(until=Coalesce("extended_until", "ends_on")).values("until")[:1]
        ),
        hours_so_far=Subquery(hours, output_field=MarksField()),
    )
    return found


def study_target_of(branch: Branch, month: Month) -> int:
    """Hours of study a year as the committee has set them for ``month``."""
    found = _with_dated_facts(Branch.objects.filter(pk=branch.pk), month)
    return int(found.values_list("study_target", flat=True).get())


def _talks(branches: QuerySet[Any], month: Month) -> QuerySet[Any]:
    """The year's talks up to the month's end."""
    found: QuerySet[Any] = Talk.objects.filter(
        branch__in=branches, held_on__range=(dt.date(month.year, 1, 1), month.last_day)
    )
    found = found.order_by("held_on")
    return found.values_list("branch_id", "speaker_id", "listener_id", "held_on")


def _posts(branches: QuerySet[Any], day: dt.date) -> QuerySet[Any]:
    """Holders of committee posts on ``day``."""
    found: QuerySet[Any] = Appointment.objects.filter(in_force(day), branch__in=branches)
    found = found.exclude(post="group_leader").order_by("post__sort_order", "id")
    return found.values_list("branch_id", "person_id")


def _talk_facts(
    keys: Sequence[int],
    posts: Iterable[tuple[int, int]],
    talked: Iterable[tuple[int, int, int, dt.date]],
    members: Mapping[int, Sequence[int]],
) -> dict[int, TalkFacts]:
    """How far the year's talks have come by the month's end, per branch."""
    committees: dict[int, list[int]] = defaultdict(list)
    for branch_id, person_id in posts:
        if person_id not in committees[branch_id]:
            committees[branch_id].append(person_id)
    pairs: dict[int, list[tuple[int, int]]] = defaultdict(list)
    last: dict[int, dt.date] = {}
    for branch_id, speaker, listener, held_on in talked:
        pairs[branch_id].append((speaker, listener))
        last[branch_id] = held_on
    found = {}
    for key in keys:
        reached = coverage(committees.get(key, ()), members.get(key, ()), pairs[key])
        found[key] = TalkFacts(reached.owed, reached.done, last.get(key))
    return found


def _payments(branches: QuerySet[Any], month: Month) -> QuerySet[Any]:
    """The month's dues of everybody who belongs to ``branches``, wherever they paid."""
    found: QuerySet[Any] = DuesPayment.objects.filter(
        month=month.first_day,
        person__memberships__in=Membership.objects.filter(
            in_force(month.last_day), branch__in=branches
        ),
    )
    return found.values_list("person_id", "paid_on", "exempt_reason")


def _dues(
    payments: Iterable[tuple[int, dt.date | None, str]], members: Mapping[int, Sequence[int]]
) -> dict[int, DuesFacts]:
    """How many members of each branch have settled the month's dues."""
    paid = {person: (paid_on, reason) for person, paid_on, reason in payments}
    found: dict[int, DuesFacts] = defaultdict(DuesFacts)
    for branch_id, people in members.items():
        settled = [paid[person] for person in people if person in paid]
        days = [paid_on for paid_on, _reason in settled if paid_on]
        found[branch_id] = DuesFacts(
            owed=len(people),
            settled=len(settled),
            exempt=sum(bool(reason) for _paid_on, reason in settled),
            last_paid_on=max(days, default=None),
        )
    return found


def duties_of(branch: Branch, month: Month, today: dt.date) -> DutyRow | None:
    """The duties of one branch; None when it did not exist in that month."""
    matrix = duty_matrix(branches=Branch.objects.filter(pk=branch.pk), month=month, today=today)
    return matrix.rows[0] if matrix.rows else None


def _ticks(branches: QuerySet[Any], month: Month) -> QuerySet[Any]:
    """Every tick of its duty's period up to the month's last day, the oldest first. Most duties
    look no further back than the quarter, and neither does the query; a lecture may be due once
    a year."""
    usual = month.quarter_first.first_day
    starts: dict[dt.date, list[str]] = defaultdict(list)
    for rule in RULES:
        variants = [rule]
        if rule.duty == Duty.PARTY_LECTURE:
            variants += [replace(rule, frequency=f) for f in LectureFrequency.values]
        start = min(period_start(variant, month) for variant in variants)
        if not rule.register and start < usual:
            starts[start].append(rule.duty.value)
    wanted = Q(activity__held_on__gte=usual)
    for start, duties in starts.items():
        wanted |= Q(activity__held_on__gte=start, duty__in=duties)
    found: QuerySet[Any] = ActivityTick.objects.filter(
        wanted, activity__branch__in=branches, activity__held_on__lte=month.last_day
    )
    return found.order_by("activity__held_on", "activity_id", "duty").values(
        "duty",
        "activity_id",
        "activity__branch_id",
        "activity__held_on",
        "activity__subject",
        "activity__group_id",
        "activity__expected_count",
        "activity__present_count",
        "activity__voter_count",
        "activity__voters_present",
        "activity__ayes",
        "activity__resolution",
        "activity__late_reason",
        "activity__study_hours",
        "activity__chair__name",
    )


def _proofs(ticks: Sequence[Mapping[str, Any]]) -> dict[tuple[int, str], list[Proof]]:
    """The records by branch and duty, the oldest first."""
    ticked: dict[int, list[str]] = defaultdict(list)
    for tick in ticks:
        ticked[tick["activity_id"]].append(tick["duty"])
    found: dict[tuple[int, str], list[Proof]] = defaultdict(list)
    for tick in ticks:
        found[tick["activity__branch_id"], tick["duty"]].append(
            Proof(
                activity_id=tick["activity_id"],
                held_on=tick["activity__held_on"],
                subject=tick["activity__subject"],
                group_id=tick["activity__group_id"],
                expected=tick["activity__expected_count"],
                present=tick["activity__present_count"],
                voters=tick["activity__voter_count"],
                voters_present=tick["activity__voters_present"],
                ayes=tick["activity__ayes"],
                has_resolution=bool(tick["activity__resolution"].strip()),
                late_reason=tick["activity__late_reason"],
                study_hours=one_decimal(tick["activity__study_hours"]),
                chair=tick["activity__chair__name"],
                others=tuple(d for d in ticked[tick["activity_id"]] if d != tick["duty"]),
            )
        )
    return found
