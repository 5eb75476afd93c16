"""Many hands at once: one record per form, one winner per version, one secretary per branch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from branches.models import Activity, Appointment, Branch, Membership, RoleGrant
from branches.services import organisation
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from tests.branches.test_records import KEY, save
from tests.cast import FIRST_MONTH, NOW, TODAY, Cast
from tests.notices.test_races import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def fresh(user: User) -> User:
    """An instance of its own, as each request has."""
    return User.objects.get(pk=user.pk)


def test_one_form_pressed_eight_times_is_one_record(cast: Cast) -> None:
    calls = [lambda: save(cast, actor=fresh(cast.secretary_a), client_key=KEY)] * 8
    assert all_at_once(calls) == {"done": 8}
    assert Activity.objects.count() == 1
    assert AuditEntry.objects.filter(code="record.created").count() == 1


def test_eight_editors_of_one_version_have_one_winner(cast: Cast) -> None:
    activity = save(cast)

    def edit(number: int) -> Callable[[], Any]:
        return lambda: save(
            cast,
            actor=fresh(cast.secretary_a),
            activity=Activity.objects.get(pk=activity.pk),
            version=1,
            place=f"{number}号会议室",
        )

    outcome = all_at_once([edit(number) for number in range(8)])
    assert outcome == {"done": 1, "EditConflict": 7}
    activity.refresh_from_db()
    assert activity.version == 2


def test_different_forms_all_count(cast: Cast) -> None:
    def write(number: int) -> Callable[[], Any]:
        return lambda: save(
            cast, actor=fresh(cast.deputy_a), client_key=UUID(int=number), subject=f"第{number}件"
        )

    assert all_at_once([write(number) for number in range(8)]) == {"done": 8}
    assert Activity.objects.count() == 8


def test_two_officers_appoint_two_secretaries_and_one_comes(cast: Cast) -> None:
    branch = cast.joint
    sitting = Appointment.objects.get(branch=branch, post="secretary")
    organisation.end_appointment(
        appointment=sitting, ended_on=TODAY.replace(day=1), actor=None, now=NOW
    )

    def appoint(number: int) -> Callable[[], Any]:
        person = cast.members(branch)[number]
        return lambda: organisation.appoint(
            person=person,
            post="secretary",
            branch=branch,
            secretary_mode="part_time",
            started_on=TODAY,
            actor=None,
            now=NOW,
        )

    assert all_at_once([appoint(n) for n in range(6)]) == {"done": 1, "DomainError": 5}
    assert Appointment.objects.filter(branch=branch, post="secretary", ended_on=None).count() == 1


def test_one_person_enters_one_branch(cast: Cast) -> None:
    person = organisation.create_person(name="罗思源", committee=cast.city, actor=None, now=NOW)

    def join(branch: Branch) -> Callable[[], Any]:
        return lambda: organisation.add_member(
            person=person, branch=branch, kind="full", started_on=TODAY, actor=None, now=NOW
        )

    calls = [join(branch) for branch in cast.branches[1:7]]
    assert all_at_once(calls) == {"done": 1, "DomainError": 5}
    assert Membership.objects.filter(person=person).count() == 1


def test_one_account_becomes_one_administrator(cast: Cast) -> None:
    def grant(role: str) -> Callable[[], Any]:
        return lambda: organisation.grant_role(
            user=cast.employee, role=role, started_on=TODAY, actor=None, now=NOW
        )

    roles = ["system_admin", "security_admin", "auditor"] * 2
    assert all_at_once([grant(r) for r in roles]) == {"done": 1, "DomainError": 5}
    assert RoleGrant.objects.filter(user=cast.employee).count() == 1


def test_two_moves_at_once_do_not_close_a_ring(cast: Cast) -> None:
    one, two = (
        organisation.create_committee(
            name=f"{name}公司党委", parent=cast.city, issuer_code=name, actor=None, now=NOW
        )
        for name in ("惠安", "安溪")
    )

    def under(child: Any, parent: Any) -> Callable[[], Any]:
        return lambda: organisation.edit_committee(
            committee=child, values={}, parent=parent, actor=None, now=NOW
        )

    outcome = all_at_once([under(one, two), under(two, one)])
    assert outcome == {"done": 1, "DomainError": 1}


def test_same_name_twice_at_once(cast: Cast) -> None:
    def found() -> Branch:
        return organisation.create_branch(
            committee=cast.city,
            name="电力调控党支部",
            tier="branch",
            branch_type="production",
            first_month=FIRST_MONTH,
            actor=None,
            now=NOW,
        )

    assert all_at_once([found] * 6) == {"done": 1, "DomainError": 5}
