"""Organisations and people: the tree, dated facts, posts, grants, and who may touch them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from branches.access import _facts, _union, access_of
from branches.models import (
    Appointment,
    Branch,
    BranchClassification,
    Committee,
    Membership,
    Person,
    RoleGrant,
)
from branches.services import organisation
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import Month
from tests.cast import JUNE, NOW, SINCE, TODAY, Cast


def new_branch(cast: Cast, **more: Any) -> Branch:
    values: dict[str, Any] = {
        "committee": cast.city,
        "name": "电力调控党支部",
        "tier": "branch",
        "branch_type": "production",
        "first_month": JUNE,
        "actor": cast.officer,
        "now": NOW,
    }
    return organisation.create_branch(**(values | more))


def edit(branch: Branch, parent: Branch | None, actor: User) -> Branch:
    return organisation.edit_branch(
        branch=branch, values={}, parent=parent, month=JUNE, actor=actor, now=NOW
    )


# -- the tree --------------------------------------------------------------------------------


def test_officer_sets_up_a_branch_and_the_trail_says_so(cast: Cast) -> None:
    branch = new_branch(cast, parent=cast.general)
    row = BranchClassification.objects.get(branch=branch)
    assert (row.tier, row.branch_type, row.first_month) == ("branch", "production", JUNE.first_day)
    entry = AuditEntry.objects.get(code="branch.created", object_id=str(branch.pk))
    assert entry.actor == cast.officer
    assert entry.after["parent"] == "变电运检党总支"


@pytest.mark.parametrize("who", ["officer_elsewhere", "secretary_a", "leader", "sysadmin"])
def test_nobody_else_sets_up_a_branch(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        new_branch(cast, actor=getattr(cast, who))
    assert not Branch.objects.filter(name="电力调控党支部").exists()


def test_parent_must_be_a_general_branch(cast: Cast) -> None:
    with pytest.raises(DomainError, match="不是党总支") as refusal:
        new_branch(cast, parent=cast.branch_a)
    assert refusal.value.field == "parent"


def test_parent_must_be_of_the_same_committee(cast: Cast) -> None:
    with pytest.raises(DomainError, match="不属于晋江公司党委"):
        new_branch(cast, committee=cast.county, parent=cast.general)


def test_general_branch_stands_under_nobody(cast: Cast) -> None:
    with pytest.raises(DomainError, match="须直属党委"):
        new_branch(cast, tier="general_branch", parent=cast.general)


def test_branch_can_not_stand_under_itself_or_its_own_branches(cast: Cast) -> None:
    with pytest.raises(DomainError, match="自己"):
        edit(cast.general, cast.general, cast.officer)
    with pytest.raises(DomainError):
        edit(cast.general, cast.branch_b, cast.officer)
    cast.general.refresh_from_db()
    assert cast.general.parent is None


def test_name_is_used_once_per_committee(cast: Cast) -> None:
    with pytest.raises(DomainError, match="已有“配电运检党支部”"):
        new_branch(cast, name="配电运检党支部")
    assert new_branch(cast, name="配电运检党支部", committee=cast.county).pk


def test_committee_ring_is_refused(cast: Cast) -> None:
    below = organisation.create_committee(
        name="磁灶供电所党委", parent=cast.county, issuer_code="磁电党", actor=None, now=NOW
    )
    with pytest.raises(DomainError, match="就在它下面"):
        organisation.edit_committee(
            committee=cast.county, values={}, parent=below, actor=cast.sysadmin, now=NOW
        )
    cast.county.refresh_from_db()
    assert cast.county.parent_id == cast.city.pk


def test_only_system_administrator_or_officer_above_founds_committees(cast: Cast) -> None:
    def found(actor: User, parent: Committee | None) -> Committee:
        return organisation.create_committee(
            name="惠安公司党委", parent=parent, issuer_code="惠电党", actor=actor, now=NOW
        )

    with pytest.raises(PermissionDenied):
        found(cast.officer_elsewhere, cast.city)
    with pytest.raises(PermissionDenied):
        found(cast.officer, None)
    assert found(cast.officer, cast.city).parent == cast.city


# -- classification --------------------------------------------------------------------------


def classify(cast: Cast, branch: Branch, month: Month, **more: Any) -> BranchClassification:
    values: dict[str, Any] = {
        "branch": branch,
        "first_month": month,
        "tier": "branch",
        "branch_type": "business",
        "is_exempt": False,
        "note": "职能调整",
        "actor": cast.officer,
        "now": NOW,
    }
    return organisation.classify_branch(**(values | more))


def test_classification_is_dated_and_the_past_stays(cast: Cast) -> None:
    classify(cast, cast.branch_a, JUNE)
    types = [
        Branch.objects.classified(month).get(pk=cast.branch_a.pk).branch_type
        for month in (JUNE.plus(-1), JUNE, JUNE.plus(5))
    ]
    assert types == ["production", "business", "business"]


def test_correcting_the_same_month_replaces_its_row(cast: Cast) -> None:
    classify(cast, cast.branch_a, JUNE)
    classify(cast, cast.branch_a, JUNE, branch_type="management")
    row = cast.branch_a.classifications.get(first_month=JUNE.first_day)
    assert row.branch_type == "management"
    before = AuditEntry.objects.filter(code="branch.classified").order_by("pk").last()
    assert before is not None
    assert before.before["branch_type"] == "business"


def test_same_classification_again_is_refused(cast: Cast) -> None:
    with pytest.raises(DomainError, match="没有变化"):
        classify(cast, cast.branch_a, JUNE, branch_type="production")


def test_general_branch_with_branches_stays_one(cast: Cast) -> None:
    with pytest.raises(DomainError, match="下面还有支部"):
        classify(cast, cast.general, JUNE)
    with pytest.raises(DomainError, match="须直属党委"):
        classify(cast, cast.branch_b, JUNE, tier="general_branch")


# -- members and posts -----------------------------------------------------------------------


def test_one_branch_at_a_time(cast: Cast) -> None:
    person = cast.members(cast.supplies)[5]
    old = Membership.objects.get(person=person)
    join: dict[str, Any] = {
        "person": person,
        "branch": cast.energy,
        "kind": "full",
        "actor": cast.officer,
        "now": NOW,
    }
    with pytest.raises(DomainError, match="在“物资供应党支部”，请先办转出"):
        organisation.add_member(**join, started_on=TODAY)
    organisation.end_membership(membership=old, ended_on=TODAY, actor=cast.officer, now=NOW)
    with pytest.raises(DomainError, match="次日"):
        organisation.add_member(**join, started_on=TODAY)
    moved = organisation.add_member(**join, started_on=TODAY + dt.timedelta(days=1))
    assert moved.branch == cast.energy


def test_member_with_a_post_is_not_let_go(cast: Cast) -> None:
    membership = Membership.objects.get(person=cast.person(cast.secretary_a))
    with pytest.raises(DomainError, match="还任书记"):
        organisation.end_membership(
            membership=membership, ended_on=TODAY, actor=cast.officer, now=NOW
        )


def test_group_must_be_of_the_branch(cast: Cast) -> None:
    with pytest.raises(DomainError, match="不是本支部的党小组"):
        organisation.move_to_group(
            membership=Membership.objects.get(person=cast.members(cast.supplies)[4]),
            group=cast.group_one,
            actor=cast.officer,
            now=NOW,
        )


def appoint(cast: Cast, person: Person, post: str, **more: Any) -> Appointment:
    values: dict[str, Any] = {
        "person": person,
        "post": post,
        "branch": cast.branch_a,
        "started_on": TODAY,
        "actor": cast.officer,
        "now": NOW,
    }
    return organisation.appoint(**(values | more))


def test_second_secretary_is_refused_until_the_first_is_relieved(cast: Cast) -> None:
    successor = cast.members(cast.branch_a)[4]
    with pytest.raises(DomainError, match="配电运检党支部已有书记林建明，请先办免职"):
        appoint(cast, successor, "secretary", secretary_mode="full_time")
    sitting = Appointment.objects.get(branch=cast.branch_a, post="secretary")
    organisation.end_appointment(appointment=sitting, ended_on=TODAY, actor=cast.officer, now=NOW)
    with pytest.raises(DomainError, match="任至2017-06-27"):
        appoint(cast, successor, "secretary", secretary_mode="full_time")
    new = appoint(
        cast,
        successor,
        "secretary",
        secretary_mode="part_time",
        started_on=TODAY + dt.timedelta(days=1),
    )
    assert new.secretary_mode == "part_time"
    with pytest.raises(TransitionRefused, match="已于2017-06-27免职"):
        organisation.end_appointment(
            appointment=sitting, ended_on=TODAY, actor=cast.officer, now=NOW
        )


def test_access_follows_the_appointment_on_its_dates(cast: Cast) -> None:
    sitting = Appointment.objects.get(branch=cast.branch_a, post="secretary")
    organisation.end_appointment(appointment=sitting, ended_on=TODAY, actor=cast.officer, now=NOW)
    user = User.objects.get(pk=cast.secretary_a.pk)
    assert access_of(user, TODAY).secretary_branches == {cast.branch_a.pk}
    assert access_of(user, TODAY + dt.timedelta(days=1)).secretary_branches == frozenset()


@pytest.mark.parametrize(
    ("post", "mode", "sentence"),
    [
        ("secretary", "", "须注明专职或兼职"),
        ("publicity_member", "full_time", "只有书记分专职、兼职"),
        ("chairman", "", "没有这个职务"),
    ],
)
def test_post_and_mode_must_fit(cast: Cast, post: str, mode: str, sentence: str) -> None:
    with pytest.raises(DomainError, match=sentence):
        appoint(cast, cast.members(cast.branch_a)[4], post, secretary_mode=mode)


def test_outsider_gets_no_post(cast: Cast) -> None:
    with pytest.raises(DomainError, match="不是“配电运检党支部”的党员"):
        appoint(cast, cast.members(cast.supplies)[4], "publicity_member")


def test_same_post_twice_and_secretary_as_deputy_are_refused(cast: Cast) -> None:
    with pytest.raises(DomainError, match="任期重叠"):
        appoint(cast, cast.person(cast.captain), "org_member")
    with pytest.raises(DomainError, match="任期重叠"):
        appoint(cast, cast.person(cast.secretary_a), "deputy_secretary")


def test_appointment_dates_stay_in_order(cast: Cast) -> None:
    sitting = Appointment.objects.get(branch=cast.branch_a, post="secretary")
    with pytest.raises(DomainError, match="不能早于"):
        organisation.end_appointment(
            appointment=sitting,
            ended_on=SINCE - dt.timedelta(days=1),
            actor=cast.officer,
            now=NOW,
        )


def test_neighbour_committee_does_not_appoint(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        appoint(cast, cast.members(cast.branch_a)[4], "youth_member", actor=cast.officer_elsewhere)


def test_branch_with_people_is_not_closed(cast: Cast) -> None:
    with pytest.raises(DomainError, match="还有3名党员、1个在任职务"):
        organisation.close_branch(
            branch=cast.energy, closed_on=TODAY, reason="机构调整", actor=cast.officer, now=NOW
        )


def test_empty_branch_is_closed_once(cast: Cast) -> None:
    branch = new_branch(cast)
    close: dict[str, Any] = {
        "branch": branch,
        "closed_on": TODAY,
        "reason": "泉电党〔2017〕12号",
        "actor": cast.officer,
        "now": NOW,
    }
    organisation.close_branch(**close)
    with pytest.raises(TransitionRefused):
        organisation.close_branch(**close)


def test_staff_number_and_account_belong_to_one_person(cast: Cast) -> None:
    make: dict[str, Any] = {"committee": cast.city, "actor": cast.officer, "now": NOW}
    organisation.create_person(name="赵敏", staff_no="350501", **make)
    with pytest.raises(DomainError, match="工号350501已是赵敏的"):
        organisation.create_person(name="钱进", staff_no="350501", **make)
    with pytest.raises(DomainError, match="已是林建明的"):
        organisation.create_person(name="孙毅", user=cast.secretary_a, **make)


def test_dissolved_group_frees_its_members(cast: Cast) -> None:
    organisation.end_group(group=cast.group_three, ended_on=TODAY, actor=cast.officer, now=NOW)
    assert not Membership.objects.filter(group=cast.group_three).exists()
    assert Membership.objects.filter(branch=cast.branch_a).count() == 12
    with pytest.raises(TransitionRefused):
        organisation.end_group(group=cast.group_three, ended_on=TODAY, actor=cast.officer, now=NOW)


# -- grants ----------------------------------------------------------------------------------


def grant(cast: Cast, user: User, role: str, **more: Any) -> RoleGrant:
    values: dict[str, Any] = {
        "user": user,
        "role": role,
        "started_on": TODAY,
        "actor": cast.secadmin,
        "now": NOW,
    }
    return organisation.grant_role(**(values | more))


def test_three_administrators_are_three_people(cast: Cast) -> None:
    with pytest.raises(DomainError, match="周立新已是系统管理员。系统、安全、审计三员"):
        grant(cast, cast.sysadmin, "auditor")
    old = RoleGrant.objects.get(user=cast.sysadmin)
    organisation.end_grant(grant=old, ended_on=TODAY, actor=cast.secadmin, now=NOW)
    made = grant(cast, cast.sysadmin, "auditor", started_on=TODAY + dt.timedelta(days=1))
    assert made.role == "auditor"


@pytest.mark.parametrize("who", ["sysadmin", "auditor", "officer", "leader", "employee"])
def test_only_the_security_administrator_grants(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        grant(cast, cast.employee, "auditor", actor=getattr(cast, who))


def test_security_administrator_does_not_grant_to_himself(cast: Cast) -> None:
    with pytest.raises(PermissionDenied, match="不能给自己"):
        grant(cast, cast.secadmin, "party_affairs_officer", committee=cast.city)
    with pytest.raises(PermissionDenied, match="不能给自己"):
        organisation.end_grant(
            grant=RoleGrant.objects.get(user=cast.secadmin),
            ended_on=TODAY,
            actor=cast.secadmin,
            now=NOW,
        )


def test_scope_fits_the_role(cast: Cast) -> None:
    with pytest.raises(DomainError, match="授权范围不对"):
        grant(cast, cast.employee, "party_affairs_officer")
    with pytest.raises(DomainError, match="授权范围不对"):
        grant(cast, cast.employee, "crew_captain", committee=cast.city)
    with pytest.raises(DomainError, match="授权范围不对"):
        grant(cast, cast.employee, "auditor", branch=cast.branch_a)


def test_the_same_grant_twice_is_refused_and_the_trail_names_the_account(cast: Cast) -> None:
    made = grant(cast, cast.employee, "party_affairs_officer", committee=cast.county)
    with pytest.raises(DomainError, match="已有这项授权"):
        grant(cast, cast.employee, "party_affairs_officer", committee=cast.county)
    entry = AuditEntry.objects.get(code="grant.made", object_id=str(made.pk))
    assert entry.after["account"] == "employee"
    assert entry.after["scope"] == "晋江公司党委"
    assert access_of(cast.employee).officer_committees == {cast.county.pk}


def test_the_compiled_query_answers_like_the_one_it_was_compiled_from(cast: Cast) -> None:
    """Whoever and whatever day was asked before: on the last day of a post, and the day after."""
    Appointment.objects.filter(branch=cast.branch_a).update(ended_on=TODAY)
    ended = Appointment.objects.exclude(ended_on=None)
    ends = {day for day in ended.values_list("ended_on", flat=True) if day}
    days = {dt.date(2016, 1, 1), *ends, *(end + dt.timedelta(days=1) for end in ends)}
    held = set()
    for day in days:
        for user in cast.users.values():
            expected = sorted(map(repr, _union(user.pk, day)))
            found = sorted(repr(tuple(fact)) for fact in _facts(user.pk, day))
            assert found == expected
            held |= {(day, fact) for fact in found}
    assert len(held) > len(days)
