"""Who may do what in the monthly work. Pure functions, one per verb; views, API, templates and
services ask the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from branches.access import access_of
from branches.models import Branch, Committee
from evaluations.models import (
    BulletinDraft,
    Deduction,
    Finding,
    Inspection,
    MonthRound,
    RectificationNotice,
    RoundParticipant,
    ScoreAppeal,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User

    AnyUser: TypeAlias = User | AnonymousUser


def may_run_round(user: AnyUser, round_: MonthRound) -> bool:
    """Open, advance, schedule and assign: officers of the round's committee (or above)."""
    return round_.committee_id in access_of(user).officer_committees


def may_set_policy(user: AnyUser, committee: Committee) -> bool:
    """Set the numbers of a committee from a month on: its officers (or those above)."""
    return committee.pk in access_of(user).officer_committees


def may_fill_sheet(user: AnyUser, inspection: Inspection) -> bool:
    """Members of the visiting team, unless they belong to the inspected branch. Rows read
    through ``with_seat_of(user)`` answer without a query."""
    access = access_of(user)
    if access.person_id is None or inspection.inspected_branch_id in access.own_branches:
        return False
    seat: bool | None = getattr(inspection, "has_seat", None)
    if seat is None:
        seat = inspection.team.members.filter(person_id=access.person_id).exists()
    return seat


def may_confirm_sheet(user: AnyUser, inspection: Inspection) -> bool:
    """The inspected branch's secretary or deputy confirms the facts, or objects."""
    return inspection.inspected_branch_id in access_of(user).recording_branches


# -- notices, findings, appeals ---------------------------------------------------------


def must_stand_back(user: AnyUser, branch: Branch) -> bool:
    """Recusal (回避): nobody judges the branch he belongs to; and the officers of a committee
    do not judge the branch that their own department belongs to, whatever the roll says
    (domain.md 4b). Its secretaries, or officers of the committee above, do that."""
    access = access_of(user)
    if branch.pk in access.own_branches:
        return True
    return (
        branch.has_party_affairs_office
        and branch.committee_id in access.officer_committees
        and branch.committee_id not in access.leader_committees
        and (access.person_id is None or branch.committee_id in access.home_committees)
    )


def stands_back(user: AnyUser, branch: Branch) -> bool:
    """Whether the user would act for the committee here, but for recusal: the page says so."""
    return branch.committee_id in access_of(user).overseen_committees and must_stand_back(
        user, branch
    )


def may_act_for_committee(user: AnyUser, branch: Branch) -> bool:
    """Decide about ``branch`` in the committee's name: officer or committee secretary, and
    no reason to stand back."""
    return branch.committee_id in access_of(user).overseen_committees and not must_stand_back(
        user, branch
    )


def may_check_notice(user: AnyUser, notice: RectificationNotice) -> bool:
    """Reword the draft, pass it for signing or send it back; whose words it must not be says
    :mod:`evaluations.four_eyes`."""
    return may_act_for_committee(user, notice.branch)


def may_issue_notice(user: AnyUser, notice: RectificationNotice) -> bool:
    """Sign what was checked and have it numbered."""
    return may_act_for_committee(user, notice.branch)


def may_review_notice(user: AnyUser, notice: RectificationNotice) -> bool:
    """Accept the branch's answer or give it back."""
    return may_act_for_committee(user, notice.branch)


def may_withdraw_notice(user: AnyUser, notice: RectificationNotice) -> bool:
    return may_act_for_committee(user, notice.branch)


def may_respond(user: AnyUser, notice: RectificationNotice) -> bool:
    """Sign for a notice and answer it: secretary or deputy of the branch addressed."""
    return notice.branch_id in access_of(user).recording_branches


def may_report_finding(user: AnyUser, finding: Finding) -> bool:
    """Say what was done about it: secretary or deputy of the branch."""
    return finding.branch_id in access_of(user).recording_branches


def may_verify_finding(user: AnyUser, finding: Finding) -> bool:
    """Look back: a member of the team that raised it, or the committee; never of the branch."""
    if may_act_for_committee(user, finding.branch):
        return True
    access = access_of(user)
    if access.person_id is None or must_stand_back(user, finding.branch):
        return False
    return any(m.person_id == access.person_id for m in finding.inspection.team.members.all())


def may_extend_finding(user: AnyUser, finding: Finding) -> bool:
    """Give the branch more time: the committee, and nobody for his own branch."""
    return may_act_for_committee(user, finding.branch)


def may_escalate_finding(user: AnyUser, finding: Finding) -> bool:
    """Make a notice of it: the committee, and nobody for his own branch."""
    return may_act_for_committee(user, finding.branch)


def may_endorse_finding(user: AnyUser, finding: Finding) -> bool:
    """Vouch for what was reported (背书): the branch's secretary, not the deputy."""
    return finding.branch_id in access_of(user).secretary_branches


def may_recheck_finding(user: AnyUser, finding: Finding, visit: Inspection) -> bool:
    """Look at a finding of an earlier month once more, in the field (复核): a member of a team
    that another branch sent, on its own later visit to the branch."""
    return (
        finding.branch_id == visit.inspected_branch_id
        and finding.inspection.round.month < visit.round.month
        and finding.inspection.inspector_branch_id != visit.inspector_branch_id
        and may_fill_sheet(user, visit)
        and not must_stand_back(user, finding.branch)
    )


def may_appeal(user: AnyUser, deduction: Deduction) -> bool:
    """Contest a deduction: secretary or deputy of the inspected branch."""
    return deduction.inspection.inspected_branch_id in access_of(user).recording_branches


def may_decide_appeal(user: AnyUser, appeal: ScoreAppeal) -> bool:
    """Decide, send a second team, call it back: the committee, but neither for one's own branch
    nor about marks that one's own team took."""
    return may_act_for_committee(user, appeal.branch) and not took_the_marks(user, appeal)


def took_the_marks(user: AnyUser, appeal: ScoreAppeal) -> bool:
    """Whether the user sat in the team whose deduction is contested. One query for those who
    could act for the committee, none for others."""
    return appeal.branch.committee_id in access_of(user).overseen_committees and _sat_in_team(
        user, appeal.deduction.inspection
    )


def may_correct(user: AnyUser, deduction: Deduction) -> bool:
    """Put a deduction of a published month right (更正): the committee, under the recusals of
    an appeal."""
    visit = deduction.inspection
    return may_act_for_committee(user, visit.inspected_branch) and not _sat_in_team(user, visit)


def _sat_in_team(user: AnyUser, visit: Inspection) -> bool:
    person = access_of(user).person_id
    return person is not None and visit.team.members.filter(person_id=person).exists()


def may_draft_rubric(user: AnyUser) -> bool:
    """Draft, import, activate and withdraw rubrics, which bind every committee: officers of
    the committee at the top of the tree."""
    access = access_of(user)
    return access.top_committee in access.officer_committees


# -- publication --------------------------------------------------------------------------


def may_publish(user: AnyUser, round_: MonthRound) -> bool:
    """Publish the month, or correct it: officers of the round's committee (or above).

    An officer whose own branch is ranked may publish too: the marks are computed, nobody
    types them. The audit trail notes it (:func:`is_interested`)."""
    return round_.committee_id in access_of(user).officer_committees


def may_sign_bulletin(user: AnyUser, round_: MonthRound, draft: BulletinDraft | None) -> bool:
    """Approve or sign the bulletin: the committee's secretaries; an officer only when it was
    not he who worded it last (four eyes)."""
    access = access_of(user)
    if round_.committee_id in access.leader_committees:
        return True
    worded_it = draft is not None and draft.edited_by_id == getattr(user, "pk", None)
    return round_.committee_id in access.officer_committees and not worded_it


def branches_reading(user: AnyUser, round_: MonthRound) -> set[int]:
    """The branches of the round for which the user signs that the bulletin was read."""
    recording = access_of(user).recording_branches
    if not recording:
        return set()
    return set(
        round_.participants.filter(branch_id__in=recording).values_list("branch_id", flat=True)
    )


def may_hold_meeting(user: AnyUser, round_: MonthRound) -> bool:
    """Run the monthly meeting and write its decisions: who oversees the committee."""
    return round_.committee_id in access_of(user).overseen_committees


def may_say_own_words(user: AnyUser, participant: RoundParticipant) -> bool:
    """The branch's own words for the meeting: its secretary and deputy."""
    return participant.branch_id in access_of(user).recording_branches


def is_interested(user: AnyUser, round_: MonthRound) -> bool:
    """Whether the user belongs to a branch that this round ranks."""
    own = access_of(user).own_branches
    return round_.participants.filter(branch_id__in=own, is_exempt=False).exists()
