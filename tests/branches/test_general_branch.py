"""The head of a general branch (党总支) sees into the branches below and writes only his own."""

from __future__ import annotations

from decimal import Decimal

from django.test import Client
from django.urls import reverse

from branches.access import access_of, forget_access
from branches.models import Branch
from branches.permissions import may_record, may_see_branch
from branches.services.appointments import end_appointment
from branches.services.record_values import ActivityValues
from branches.services.records import save_activity
from tests.cast import Cast


def test_he_sees_into_the_branches_below(cast: Cast) -> None:
    head = cast.secretary_of(cast.general)
    assert access_of(head).sub_branches == {cast.branch_b.pk, cast.sub_two.pk}
    for branch in (cast.general, cast.branch_b, cast.sub_two):
        assert may_see_branch(head, branch)
        assert may_record(head, branch) is (branch == cast.general)
    assert not may_see_branch(head, cast.branch_a)
    assert set(Branch.objects.overseen_by(head)) == {cast.general, cast.branch_b, cast.sub_two}


def test_nobody_below_sees_into_what_is_above_or_beside(cast: Cast) -> None:
    access = access_of(cast.secretary_b)
    assert access.sub_branches == frozenset()
    assert access.seen_branches == {cast.branch_b.pk}
    assert not may_see_branch(cast.secretary_b, cast.general)
    assert not may_see_branch(cast.secretary_b, cast.sub_two)


def test_his_sight_ends_with_his_post(cast: Cast) -> None:
    head = cast.secretary_of(cast.general)
    post = cast.general.appointments.get(post="secretary", ended_on__isnull=True)
    end_appointment(appointment=post, ended_on=cast.today, actor=None, now=cast.now)
    forget_access(head)
    assert access_of(head, cast.today).sub_branches == {cast.branch_b.pk, cast.sub_two.pk}
    forget_access(head)
    later = cast.month.plus(1).first_day
    assert access_of(head, later).sub_branches == frozenset()


def test_their_pages_open_for_him_and_offer_no_writing(
    client: Client, cast: Cast, clock: object
) -> None:
    record = save_activity(
        branch=cast.branch_b,
        values=ActivityValues(
            duties=("group_study",),
            held_on=cast.today,
            place="北峰变电站",
            subject="学习安规",
            chair=cast.person(cast.secretary_b),
            recorder=cast.person(cast.secretary_b),
            agenda="学习安规第三章",
            study_hours=Decimal(1),
        ),
        actor=cast.secretary_b,
        now=cast.now,
    )
    page = reverse("branches:record-detail", args=[record.pk])
    client.force_login(cast.secretary_of(cast.general))
    shown = client.get(page)
    assert shown.status_code == 200
    assert reverse("branches:record-edit", args=[record.pk]) not in shown.content.decode()
    assert client.get(reverse("branches:record-edit", args=[record.pk])).status_code in {403, 404}
    client.force_login(cast.secretary_a)
    assert client.get(page).status_code == 404
