"""What notices, findings and appeals ask of each reader: for the side bar and the digest."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.models import Appointment, Role, RoleGrant
from evaluations.lifecycles import InspectionStatus, RoundStatus
from evaluations.models import (
    Deduction,
    Finding,
    IssuedPaper,
    MonthRound,
    RankingRun,
    RectificationNotice,
    RoundParticipant,
    ScoreAppeal,
)
from evaluations.recipients import (
    SIGNING_POSTS,
    in_force,
    inspectors_of,
    leaders_of,
    reviewers_of,
    secretaries_of,
    signers_of,
)
from evaluations.selectors.deadlines import days_left
from portal.kernel.months import local_date
from portal.notifications.todo import TodoItem

if TYPE_CHECKING:
    from portal.accounts.models import User

UNSIGNED_FOR = dt.timedelta(days=75)  # older months without a paper are history
BRANCHS_TURN = ("issued", "acknowledged", "returned")
COMMITTEES_TURN = ("draft", "checked", "responded")
REPORTABLE = Q(status__in=("confirmed", "disputed", "fixing", "returned")) | Q(
    status="raised", inspection__round__status="published"
)


def things_to_do(user: User) -> int:
    """How many notices, findings and appeals wait for this user. One query."""
    return int(rows_to_do(user).count())


def rows_to_do(user: User) -> QuerySet[Any, Any]:
    """Their keys, one row each."""
    access = access_of(user)
    officer = Q(branch__committee_id__in=access.officer_committees) & (
        Q(branch__has_party_affairs_office=False)
        | ~Q(branch__committee_id__in=access.home_committees)
    )
    leader = Q(
        branch__committee_id__in=access.leader_committees, branch__has_party_affairs_office=True
    )
    reviewed = (officer | leader) & ~Q(branch_id__in=access.own_branches)
    ours = Q(branch_id__in=access.recording_branches)
    signs = Q(branch__committee_id__in=access.leader_committees) & ~Q(
        branch_id__in=access.own_branches
    )
    today = local_date(timezone.now())
    notices = RectificationNotice.objects.filter(
        ours & Q(status__in=BRANCHS_TURN)
        | reviewed & Q(status="responded")
        | reviewed & Q(status="draft") & (~Q(edited_by=user.pk) | ~Exists(_colleague(user, today)))
        | signs & Q(status="checked")
        | reviewed & Q(status="checked") & ~Exists(_secretary(today))
    )
    to_report = Finding.objects.filter(
        ours & REPORTABLE
        | Q(branch_id__in=access.secretary_branches, status="reported", awaits_endorsement=True)
    )
    to_look_at = (
        Finding.objects.raised_by(user)
        .filter(status="reported")
        .exclude(branch_id__in=access.own_branches)
    )
    to_decide = ScoreAppeal.objects.filter(reviewed, status="filed")
    parts = [rows.order_by().values("pk") for rows in (to_report, to_look_at, to_decide)]
    return notices.order_by().values("pk").union(*parts, all=True)


def _colleague(user: User, today: dt.date) -> QuerySet[RoleGrant]:
    """Another officer of the committee, who checks what ``user`` has worded."""
    return RoleGrant.objects.filter(
        in_force(today),
        role=Role.PARTY_AFFAIRS_OFFICER,
        committee=OuterRef("branch__committee"),
        user__is_active=True,
    ).exclude(user=user)


def _secretary(today: dt.date) -> QuerySet[Appointment]:
    """The committee's secretary, who signs."""
    return Appointment.objects.filter(
        in_force(today),
        committee=OuterRef("branch__committee"),
        post_id=SIGNING_POSTS[0],
        person__user__is_active=True,
    )


def rectification_todo(users: Sequence[User], today: dt.date) -> dict[int, list[TodoItem]]:
    """For each of ``users``: notices to check, sign, answer or review, findings to put right or to
    look back at, appeals to decide. A fixed number of queries."""
    wanted = {user.pk for user in users}
    found: dict[int, list[TodoItem]] = defaultdict(list)

    def give(people: Iterable[User], item: TodoItem) -> None:
        for user in people:
            if user.pk in wanted:
                found[user.pk].append(item)

    notices = list(
        RectificationNotice.objects.filter(
            status__in=(*BRANCHS_TURN, *COMMITTEES_TURN)
        ).select_related("branch")
    )
    findings = list(
        Finding.objects.filter(REPORTABLE | Q(status="reported")).select_related(
            "branch", "inspection__team", "item"
        )
    )
    appeals = list(
        ScoreAppeal.objects.filter(status="filed").select_related("branch", "deduction__item")
    )
    secretaries = secretaries_of(
        {n.branch_id for n in notices} | {f.branch_id for f in findings}, today=today
    )
    reviewers = reviewers_of(
        [*(n.branch for n in notices), *(a.branch for a in appeals)], today=today
    )
    signers = signers_of([n.branch for n in notices if n.status == "checked"], today=today)
    reported = [finding for finding in findings if finding.status == "reported"]
    inspectors = inspectors_of([finding.inspection for finding in reported], today=today)
    vouching = secretaries_of(
        {f.branch_id for f in reported if f.awaits_endorsement}, today=today, posts=("secretary",)
    )
    for notice in notices:
        if notice.status in BRANCHS_TURN:
            give(secretaries.get(notice.branch_id, ()), _answer(notice, today))
        elif notice.status == "checked":
            give(signers.get(notice.branch_id, ()), _review(notice, today))
        else:
            people = reviewers.get(notice.branch_id, [])
            if notice.status == "draft":  # nobody checks his own words but an office of one
                people = [u for u in people if u.pk != notice.edited_by_id] or people
            give(people, _review(notice, today))
    for finding in findings:
        if finding.status == "reported":
            give(inspectors.get(finding.inspection_id, ()), _look_back(finding, today))
            if finding.awaits_endorsement:
                give(vouching.get(finding.branch_id, ()), _endorse(finding, today))
        else:
            give(secretaries.get(finding.branch_id, ()), _put_right(finding, today))
    for appeal in appeals:
        item = TodoItem(
            title=_("复核%(branch)s的申诉：%(item)s")
            % {"branch": appeal.branch, "item": appeal.deduction.item},
            link=reverse("evaluations:appeal-detail", args=[appeal.pk]),
            state="soon",
        )
        give(reviewers.get(appeal.branch_id, ()), item)
    return dict(found)


def _item(
    title: str, due_on: dt.date | None, today: dt.date, link: str, about: str = ""
) -> TodoItem:
    state = days_left(due_on, today)[0] if due_on else "soon"
    return TodoItem(title, due_on, link, state if state != "idle" else "doing", about)


def _about(finding: Finding) -> str:
    return f"{finding.branch.label}，{finding.item.code} {finding.item.name}"


def _answer(notice: RectificationNotice, today: dt.date) -> TodoItem:
    link = reverse("evaluations:notice-detail", args=[notice.pk])
    if notice.status == "issued":
        title = _("签收整改通知书%(number)s") % {"number": notice.document_number}
        return _item(title, notice.acknowledge_by, today, link)
    title = _("报整改情况：%(number)s") % {"number": notice.document_number}
    return _item(title, notice.due_on, today, link, notice.document_number)


def _review(notice: RectificationNotice, today: dt.date) -> TodoItem:
    link = reverse("evaluations:notice-detail", args=[notice.pk])
    if notice.status == "draft":
        title = _("核稿：给%(branch)s的整改通知书") % {"branch": notice.branch}
        return _item(title, None, today, link)
    if notice.status == "checked":
        title = _("签发给%(branch)s的整改通知书") % {"branch": notice.branch}
        return _item(title, None, today, link)
    title = _("审核%(branch)s的整改情况") % {"branch": notice.branch}
    return _item(title, notice.look_back_by, today, link)


def _put_right(finding: Finding, today: dt.date) -> TodoItem:
    link = reverse("evaluations:finding-detail", args=[finding.pk])
    title = _("整改：%(fact)s") % {"fact": finding.fact[:40]}
    return _item(title, finding.due_on, today, link, _about(finding))


def _endorse(finding: Finding, today: dt.date) -> TodoItem:
    title = _("给副书记报的整改背书：%(fact)s") % {"fact": finding.fact[:40]}
    link = reverse("evaluations:finding-detail", args=[finding.pk])
    return _item(title, finding.look_back_by, today, link, _about(finding))


def _look_back(finding: Finding, today: dt.date) -> TodoItem:
    title = _("回头看：%(branch)s，%(fact)s") % {
        "branch": finding.branch,
        "fact": finding.fact[:40],
    }
    link = reverse("evaluations:finding-detail", args=[finding.pk])
    return _item(title, finding.look_back_by, today, link, _about(finding))


def contestable(round_: OuterRef, branch: OuterRef | int) -> QuerySet[Deduction]:
    """What a branch may still contest in a month whose scores are out: deductions that nobody
    has appealed against, on sheets that count and are not a second look already."""
    return Deduction.objects.filter(
        inspection__round=round_,
        inspection__inspected_branch=branch,
        inspection__status__in=(InspectionStatus.SUBMITTED, InspectionStatus.CONFIRMED),
        inspection__replaces=None,
        count__gt=0,
        appeals=None,
    )


def appeals_todo(users: Sequence[User], today: dt.date) -> dict[int, list[TodoItem]]:
    """For secretaries and deputies: a preliminary score with deductions, until the last day of
    appeals. Two queries."""
    shown = list(
        RoundParticipant.objects.filter(
            Exists(contestable(OuterRef("round"), OuterRef("branch"))),
            round__status__in=(RoundStatus.PROVISIONAL, RoundStatus.PUBLISHED),
            round__appeals_end_on__gte=today,
        )
        .select_related("round")
        .order_by("round__appeals_end_on", "pk")
    )
    if not shown:
        return {}
    wanted = {user.pk for user in users}
    people = secretaries_of({p.branch_id for p in shown}, today=today)
    found: dict[int, list[TodoItem]] = defaultdict(list)
    for participant in shown:
        item = _item(
            _("看%(month)s初评，有异议的扣分可以申诉") % {"month": participant.round.label},
            participant.round.appeals_end_on,
            today,
            reverse("evaluations:score", args=[participant.round_id, participant.branch_id]),
        )
        for user in people.get(participant.branch_id, ()):
            if user.pk in wanted:
                found[user.pk].append(item)
    return dict(found)


def bulletins_todo(users: Sequence[User], today: dt.date) -> dict[int, list[TodoItem]]:
    """For the committees' secretaries: published months whose bulletin has no signature yet. Two
    queries."""
    wanted = {user.pk for user in users}
    latest = RankingRun.objects.filter(round=OuterRef("pk")).order_by("-revision")
    unsigned = list(
        MonthRound.objects.filter(status="published", month__gte=today - UNSIGNED_FOR)
        .annotate(latest_run=Subquery(latest.values("pk")[:1]))
        .exclude(Exists(IssuedPaper.objects.live().filter(run=OuterRef("latest_run"))))
        .order_by("month", "committee_id")
    )
    if not unsigned:
        return {}
    found: dict[int, list[TodoItem]] = defaultdict(list)
    leaders = leaders_of({round_.committee_id for round_ in unsigned}, today=today)
    for round_ in unsigned:
        item = TodoItem(
            title=_("签发%(month)s通报") % {"month": round_.label},
            link=reverse("evaluations:bulletin", args=[round_.pk]),
            state="soon",
        )
        for user in leaders.get(round_.committee_id, ()):
            if user.pk in wanted:
                found[user.pk].append(item)
    return dict(found)
