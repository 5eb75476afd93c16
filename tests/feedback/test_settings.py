"""What the party-affairs office sets: by it alone, in writing, without a gap."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from branches.access import access_of
from feedback.clocks import policy_of
from feedback.forms.settings import SUBJECTS
from feedback.models import (
    Category,
    Department,
    DepartmentSeat,
    Kind,
    ListeningPolicy,
    ReplyTemplate,
    VisitPlace,
    VisitQuestion,
)
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from tests.cast import Cast
from tests.feedback.scene import Listening, assigned, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SLUGS = [subject.slug for subject in SUBJECTS]


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(user: User, slug: str, key: Any = "", **given: Any) -> Any:
    name = "feedback:setting-edit" if key else "feedback:setting-new"
    return signed(user).post(reverse(name, args=[slug, key] if key else [slug]), given)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_setting_has_a_list_and_a_form(cast: Cast, listening: Listening, slug: str) -> None:
    office = signed(cast.officer)
    assert office.get(reverse("feedback:setting-list", args=[slug])).status_code == 200
    assert office.get(reverse("feedback:setting-new", args=[slug])).status_code == 200
    assert office.get(f"/api/v1/listening/settings/{slug}/").status_code == 200
    for user in (listening.aide, listening.handler, listening.worker, cast.leader, cast.auditor):
        stranger = signed(user)
        for path in (
            reverse("feedback:setting-list", args=[slug]),
            reverse("feedback:setting-new", args=[slug]),
            f"/api/v1/listening/settings/{slug}/",
        ):
            assert stranger.get(path).status_code == 403, (user, path)
            assert stranger.post(path).status_code in (403, 405), (user, path)


def test_a_new_category_is_offered_and_written_down(cast: Cast, listening: Listening) -> None:
    assert post(cast.officer, "categories", name="通勤班车", sort_order=3, is_active="on").url
    made = Category.objects.get(name="通勤班车")
    assert "通勤班车" in signed(listening.worker).get(reverse("feedback:say")).content.decode()
    entry = AuditEntry.objects.get(code="listening.category_added")
    assert (entry.actor, entry.object_id) == (cast.officer, made.pk)
    post(cast.officer, "categories", made.pk, name="通勤", sort_order=3)
    made.refresh_from_db()
    assert (made.name, made.is_active) == ("通勤", False)
    changed = AuditEntry.objects.get(code="listening.category_changed")
    assert changed.before == {"name": "通勤班车", "is_active": True}
    assert changed.after == {"name": "通勤", "is_active": False}


def test_a_gap_is_said_beside_the_field_and_nothing_is_lost(
    cast: Cast, listening: Listening
) -> None:
    refused = post(
        cast.officer, "templates", committee=cast.city.pk, name="", text="【哪天】起改。"
    )
    assert refused.status_code == 400
    page = refused.content.decode()
    assert "请写名称" in page
    assert "【哪天】起改。" in page
    twice = post(cast.officer, "departments", committee=cast.city.pk, name="物资部", is_active="on")
    assert twice.status_code == 400
    assert "已有同名的承办部门" in twice.content.decode()


def test_what_is_told_to_the_discipline_office_alone_stays_so(
    cast: Cast, listening: Listening
) -> None:
    post(cast.officer, "kinds", "discipline", name="举报", right_door="公司纪委", is_active="on")
    assert Kind.objects.get(pk="discipline").is_sealed
    for kind in Kind.objects.filter(is_sealed=False).exclude(pk="suggestion"):
        assert post(cast.officer, "kinds", kind.pk, name=kind.name).status_code == 302
    last = post(cast.officer, "kinds", "suggestion", name="建议")
    assert last.status_code == 409 or last.status_code == 400
    assert Kind.objects.get(pk="suggestion").is_active


def test_a_department_with_work_in_hand_is_not_closed(cast: Cast, listening: Listening) -> None:
    assigned(say(listening.worker), cast, listening)
    refused = post(cast.officer, "departments", listening.supplies.pk, name="物资部")
    assert refused.status_code in (400, 409)
    assert "手上还有1件" in refused.content.decode()
    assert Department.objects.get(pk=listening.supplies.pk).is_active


def test_who_sits_where_is_a_dated_fact(cast: Cast, listening: Listening) -> None:
    name = listening.colleague.display_name
    given = {
        "department": listening.supplies.pk,
        "person": name,
        "role": "handler",
        "started_on": "2017-06-27",
    }
    assert post(cast.officer, "seats", **(given | {"person": "没有这个人"})).status_code == 400
    assert post(cast.officer, "seats", **given).status_code == 302
    seat = DepartmentSeat.objects.get(person__user=listening.colleague)
    fresh = User.objects.get(pk=listening.colleague.pk)
    assert listening.supplies.pk in access_of(fresh).keys_of("handles_department")
    assert post(cast.officer, "seats", seat.pk, **given).status_code == 404  # ended, not edited
    signed(cast.officer).post(reverse("feedback:setting-end", args=["seats", seat.pk]))
    seat.refresh_from_db()
    assert seat.ended_on == dt.date(2017, 6, 27)


def test_the_clocks_of_a_committee(cast: Cast, listening: Listening) -> None:
    names = [
        field.name
        for field in ListeningPolicy._meta.fields
        if field.name.endswith(("workdays", "days", "cell"))
    ]
    given: dict[str, Any] = {name: getattr(ListeningPolicy(), name) for name in names}
    short = given | {"committee": cast.city.pk, "complex_workdays": 3}
    refused = post(cast.officer, "clocks", **short)
    assert "不能比一般事项短" in refused.content.decode()
    assert post(cast.officer, "clocks", **(short | {"complex_workdays": 20})).status_code == 302
    assert policy_of(cast.city.pk).complex_workdays == 20
    known = ListeningPolicy.objects.get()
    refused = post(cast.officer, "clocks", known.pk, **(given | {"smallest_cell": 1}))
    assert "统计最小格至少为2" in refused.content.decode()


def test_the_office_of_another_committee_touches_only_its_own(
    cast: Cast, listening: Listening
) -> None:
    place = VisitPlace.objects.create(committee=cast.city, kind="team", name="抢修一班")
    other = signed(cast.officer_elsewhere)
    assert other.get(reverse("feedback:setting-edit", args=["places", place.pk])).status_code == 404
    kinds = reverse("feedback:setting-list", args=["kinds"])
    assert other.get(kinds).status_code == 403  # they hold for everybody
    made = other.post(
        reverse("feedback:setting-new", args=["places"]),
        {"committee": cast.city.pk, "kind": "team", "name": "别人的班"},
    )
    assert made.status_code == 400
    assert not VisitPlace.objects.filter(name="别人的班").exists()


def test_a_template_is_switched_off_and_on_again(cast: Cast, listening: Listening) -> None:
    template = ReplyTemplate.objects.create(committee=cast.city, name="补发", text="【哪天】补发。")
    request = say(listening.worker)
    assigned(request, cast, listening)

    def offered() -> bool:
        address = reverse("feedback:request", args=[request.pk])
        return "【哪天】补发。" in signed(listening.handler).get(address).content.decode()

    values = {"name": template.name, "text": template.text, "sort_order": 0}
    assert offered()
    assert post(cast.officer, "templates", template.pk, **values).status_code == 302
    assert not offered()
    listed = reverse("feedback:setting-list", args=["templates"])
    assert "停用" in signed(cast.officer).get(listed).content.decode()
    post(cast.officer, "templates", template.pk, **values, is_active="on")
    assert offered()
    for slug, pk in (("templates", template.pk), ("categories", "safety")):
        address = reverse("feedback:setting-end", args=[slug, pk])
        assert signed(cast.officer).post(address).status_code == 404, "switched off, not removed"
    path = f"/api/v1/listening/settings/templates/{template.pk}/"
    assert signed(cast.officer).delete(path).status_code == 404
    off = signed(cast.officer).patch(path, {"is_active": False}, content_type="application/json")
    assert (off.status_code, off.json()["is_active"]) == (200, False)
    assert not offered()


def test_the_rest_twin_sets_the_same(cast: Cast, listening: Listening) -> None:
    office = signed(cast.officer)
    path = "/api/v1/listening/settings/questions/"
    made = office.post(
        path, {"group": "ask", "name": "问安全", "sort_order": 9}, content_type="application/json"
    )
    assert made.status_code == 201, made.content
    key = made.json()["id"]
    assert VisitQuestion.objects.get(pk=key).is_active
    changed = office.patch(f"{path}{key}/", {"is_active": False}, content_type="application/json")
    assert changed.json() == {**made.json(), "is_active": False}
    assert office.post(path, {"group": "x"}, content_type="application/json").status_code == 400
    assert AuditEntry.objects.filter(code="listening.visitquestion_changed", via="api").exists()
