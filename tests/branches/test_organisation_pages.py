"""Pages of organisation and people, for officers, neighbours and strangers."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import (
    Appointment,
    Branch,
    Committee,
    Membership,
    PartyGroup,
    Person,
    RoleGrant,
)
from branches.services import organisation
from portal.accounts.models import User
from tests.branches.test_record_pages import page, signed
from tests.cast import FIRST_MONTH, NOW, SINCE, Cast

pytestmark = pytest.mark.usefixtures("clock")


def to(name: str, pk: int | None = None) -> str:
    return reverse(f"branches:{name}", args=[pk] if pk is not None else [])


# -- who ------------------------------------------------------------------------------------

OFFICERS_ONLY = ["edit", "classify", "close", "group-create", "member-add", "appoint"]


@pytest.mark.parametrize("name", OFFICERS_ONLY)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("officer", 200),
        ("secretary_a", 403),
        ("secretary_b", 403),
        ("leader", 403),
        ("employee", 403),
        ("officer_elsewhere", 404),
        ("sysadmin", 404),
        ("auditor", 404),
    ],
)
def test_officers_forms_about_a_branch(cast: Cast, name: str, who: str, status: int) -> None:
    page(signed(getattr(cast, who)), to(name, cast.branch_a.pk), status)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("secretary_a", 200),
        ("secretary_b", 200),  # names are no secret inside a committee
        ("employee", 200),
        ("officer", 200),
        ("officer_elsewhere", 404),
        ("auditor", 404),
    ],
)
def test_branch_page(cast: Cast, who: str, status: int) -> None:
    page(signed(getattr(cast, who)), to("detail", cast.branch_a.pk), status)


def test_a_general_branch_counts_the_members_of_those_below(cast: Cast) -> None:
    below = sum(len(cast.members(branch)) for branch in (cast.branch_b, cast.sub_two))
    assert below
    text = page(signed(cast.officer), to("detail", cast.general.pk))
    assert f"党员 {below} 名" in text


def test_neighbour_sees_the_name_but_not_the_inside(cast: Cast) -> None:
    theirs = page(signed(cast.secretary_b), to("detail", cast.branch_a.pk))
    assert "林建明" in theirs
    assert "月任务" not in theirs
    assert "月任务" in page(signed(cast.secretary_a), to("detail", cast.branch_a.pk))


def test_visitors_are_sent_to_sign_in(cast: Cast) -> None:
    for name, pk in (
        ("list", None),
        ("create", None),
        ("person-list", None),
        ("person-create", None),
        ("grant-list", None),
        ("grant-create", None),
        ("committee-create", None),
        ("detail", cast.branch_a.pk),
        ("committee-detail", cast.city.pk),
        *((name, cast.branch_a.pk) for name in OFFICERS_ONLY),
    ):
        response = Client().get(to(name, pk))
        assert response.status_code == 302, name
        assert response["Location"].startswith(reverse("accounts:login"))


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("create", {"officer", "officer_elsewhere"}),
        ("person-list", {"officer", "officer_elsewhere", "leader"}),
        ("person-create", {"officer", "officer_elsewhere"}),
        ("committee-create", {"officer", "officer_elsewhere", "sysadmin"}),
        ("grant-list", {"secadmin", "auditor"}),
        ("grant-create", {"secadmin"}),
    ],
)
def test_pages_of_one_role(cast: Cast, name: str, allowed: set[str]) -> None:
    for who, user in cast.users.items():
        page(signed(user), to(name), 200 if who in allowed else 403)


# -- the tree -------------------------------------------------------------------------------


def test_tree_shows_branches_under_their_general_branch(cast: Cast) -> None:
    text = page(signed(cast.officer), to("list"))
    assert "11 个党支部（总支），59 名党员" in text
    assert (
        text.index("变电运检党总支") < text.index("变电运维党支部") < text.index("配电运检党支部")
    )
    assert "tree-sub" in text
    assert "晋江营销党支部" in text


def test_tree_of_the_county_officer_is_his_own(cast: Cast) -> None:
    text = page(signed(cast.officer_elsewhere), to("list"))
    assert "晋江营销党支部" in text
    assert "配电运检党支部" not in text


def test_tree_is_searched_by_branch_secretary_and_type(cast: Cast) -> None:
    client = signed(cast.officer)
    by_secretary = page(client, f"{to('list')}?q=林建明")
    assert "配电运检党支部" in by_secretary
    assert "物资供应党支部" not in by_secretary
    assert "找到 1 个支部" in by_secretary
    by_type = page(client, f"{to('list')}?type=business")
    assert "物资供应党支部" in by_type
    assert "配电运检党支部" not in by_type
    assert "没有找到" in page(client, f"{to('list')}?q=不存在的")


def test_tree_costs_the_same_for_more_branches(cast: Cast) -> None:
    client = signed(cast.officer)
    page(client, to("list"))
    with CaptureQueriesContext(connection) as few:
        page(client, to("list"))
    for number in range(30):
        organisation.create_branch(
            committee=cast.city,
            name=f"供电所第{number + 1}党支部",
            tier="branch",
            branch_type="production",
            first_month=FIRST_MONTH,
            actor=None,
            now=NOW,
        )
    with CaptureQueriesContext(connection) as many:
        page(client, to("list"))
    assert len(many) == len(few) <= 16


# -- forms ----------------------------------------------------------------------------------


def test_officer_creates_and_changes_a_branch(cast: Cast) -> None:
    client = signed(cast.officer)
    created = client.post(
        to("create"),
        {
            "name": "电力调控党支部",
            "tier": "branch",
            "branch_type": "production",
            "parent": cast.general.pk,
            "first_month": "2017-06",
            "sort_order": "15",
        },
    )
    branch = Branch.objects.get(name="电力调控党支部")
    assert created["Location"] == to("detail", branch.pk)
    assert branch.parent == cast.general
    client.post(to("edit", branch.pk), {"name": "电力调度党支部", "sort_order": "15"})
    branch.refresh_from_db()
    assert branch.name == "电力调度党支部"
    assert branch.parent_id is None


def test_taken_name_is_said_at_its_field(cast: Cast) -> None:
    response = signed(cast.officer).post(
        to("edit", cast.branch_a.pk), {"name": "物资供应党支部", "sort_order": "20"}
    )
    text = response.content.decode()
    assert "市公司党委已有“物资供应党支部”" in text
    assert 'id="id_name_error"' in text


def test_only_living_general_branches_are_offered_as_parents(cast: Cast) -> None:
    text = page(signed(cast.officer), to("edit", cast.branch_a.pk))
    assert f'<option value="{cast.general.pk}">变电运检党总支</option>' in text
    assert f'<option value="{cast.supplies.pk}">' not in text


def test_classification_from_next_month(cast: Cast) -> None:
    client = signed(cast.officer)
    url = to("classify", cast.branch_a.pk)
    assert 'value="2017-07"' in page(client, url)
    client.post(
        url, {"tier": "branch", "branch_type": "business", "first_month": "2017-07", "note": "划转"}
    )
    text = page(client, to("detail", cast.branch_a.pk))
    assert "2017年7月起" in text
    again = client.post(
        url, {"tier": "branch", "branch_type": "business", "first_month": "2017-08"}
    )
    assert "没有变化" in again.content.decode()
    bad = client.post(url, {"tier": "branch", "branch_type": "business", "first_month": "七月"})
    assert "请填月份" in bad.content.decode()


def test_posts_change_hands(cast: Cast) -> None:
    client = signed(cast.officer)
    url = to("appoint", cast.branch_a.pk)
    heir = cast.members(cast.branch_a)[4]
    new = {"person": heir.pk, "post": "secretary", "secretary_mode": "part_time"}
    taken = client.post(url, new | {"started_on": "2017-06-27"})
    assert "已有书记林建明" in taken.content.decode()
    sitting = Appointment.objects.get(branch=cast.branch_a, post="secretary")
    client.post(to("appointment-end", sitting.pk), {"ended_on": "2017-06-26"})
    client.post(url, new | {"started_on": "2017-06-27"})
    text = page(client, to("detail", cast.branch_a.pk))
    assert f"{heir.name}" in text
    assert "以前的 1 任" in text
    twice = client.post(to("appointment-end", sitting.pk), {"ended_on": "2017-06-26"})
    assert twice.status_code == 409


@pytest.mark.parametrize(
    ("who", "status"), [("secretary_a", 403), ("officer_elsewhere", 404), ("leader", 403)]
)
def test_others_do_not_end_appointments(cast: Cast, who: str, status: int) -> None:
    sitting = Appointment.objects.get(branch=cast.branch_a, post="secretary")
    response = signed(getattr(cast, who)).post(
        to("appointment-end", sitting.pk), {"ended_on": "2017-06-26"}
    )
    assert response.status_code == status
    sitting.refresh_from_db()
    assert sitting.ended_on is None


def test_members_come_move_and_go(cast: Cast) -> None:
    client = signed(cast.officer)
    client.post(
        to("person-create"),
        {
            "name": "方志敏捷",
            "committee": cast.city.pk,
            "staff_no": "350599",
            "workplace": "配电班",
        },
    )
    person = Person.objects.get(staff_no="350599")
    client.post(
        to("member-add", cast.branch_a.pk),
        {
            "person": person.pk,
            "kind": "probationary",
            "group": cast.group_one.pk,
            "started_on": "2017-06-20",
        },
    )
    membership = Membership.objects.get(person=person)
    client.post(to("member-group", membership.pk), {"group": cast.group_two.pk})
    membership.refresh_from_db()
    assert membership.group == cast.group_two
    assert "13 名党员，其中正式 11 名" in page(client, to("members", cast.branch_a.pk))
    client.post(to("member-end", membership.pk), {"ended_on": "2017-06-26"})
    assert "12 名党员" in page(client, to("members", cast.branch_a.pk))


def test_groups_are_made_and_dissolved(cast: Cast) -> None:
    client = signed(cast.officer)
    client.post(
        to("group-create", cast.branch_a.pk), {"name": "第四党小组", "started_on": "2017-06-20"}
    )
    group = PartyGroup.objects.get(name="第四党小组")
    client.post(to("group-end", group.pk), {"ended_on": "2017-06-27"})
    assert client.post(to("group-end", group.pk), {"ended_on": "2017-06-27"}).status_code == 409
    assert signed(cast.secretary_a).get(to("group-end", group.pk)).status_code == 403


def test_person_gets_an_account_that_exists(cast: Cast) -> None:
    client = signed(cast.officer)
    person = cast.members(cast.branch_a)[6]
    url = to("person-edit", person.pk)
    unknown = client.post(url, {"name": person.name, "username": "nobody"})
    assert "没有这个账号" in unknown.content.decode()
    taken = client.post(url, {"name": person.name, "username": "captain"})
    assert "已是吴海生的" in taken.content.decode()
    User.objects.create_user("zhangml", display_name=person.name, password=None)
    client.post(url, {"name": person.name, "username": "zhangml"})
    person.refresh_from_db()
    assert person.user is not None


def test_person_of_another_committee_is_unknown(cast: Cast) -> None:
    person = cast.members(cast.branch_a)[6]
    page(signed(cast.officer_elsewhere), to("person-edit", person.pk), 404)
    page(signed(cast.leader), to("person-edit", person.pk), 403)


def test_people_are_found_by_name_number_and_workplace(cast: Cast) -> None:
    client = signed(cast.officer)
    assert "林建明" in page(client, f"{to('person-list')}?q=林建")
    assert "没有找到" in page(client, f"{to('person-list')}?q=三五零")
    assert "林建明" not in page(signed(cast.officer_elsewhere), to("person-list"))


def test_committee_page_and_its_posts(cast: Cast) -> None:
    client = signed(cast.officer)
    assert "王振华" in page(client, to("committee-detail", cast.city.pk))
    page(signed(cast.officer_elsewhere), to("committee-detail", cast.city.pk), 404)
    deputy = cast.members(cast.office_one)[1]
    client.post(
        to("committee-appoint", cast.city.pk),
        {"person": deputy.pk, "post": "deputy_secretary", "started_on": "2017-06-27"},
    )
    assert Appointment.objects.filter(committee=cast.city, person=deputy).exists()
    page(signed(cast.leader), to("committee-appoint", cast.city.pk), 404)


def test_committee_does_not_come_under_its_own_child(cast: Cast) -> None:
    response = signed(cast.sysadmin).post(
        to("committee-edit", cast.city.pk),
        {
            "name": cast.city.name,
            "issuer_code": "泉电党",
            "parent": cast.county.pk,
            "sort_order": 1,
        },
    )
    assert "就在它下面" in response.content.decode()
    assert Committee.objects.get(pk=cast.city.pk).parent is None


def test_branch_with_members_is_not_closed(cast: Cast) -> None:
    response = signed(cast.officer).post(
        to("close", cast.energy.pk), {"closed_on": "2017-06-27", "reason": "机构调整"}
    )
    assert "请先办转出或免职" in response.content.decode()


# -- grants ---------------------------------------------------------------------------------


def test_grants_are_given_and_taken_by_the_security_administrator(cast: Cast) -> None:
    client = signed(cast.secadmin)
    client.post(
        to("grant-create"),
        {
            "username": "employee",
            "role": "party_affairs_officer",
            "committee": cast.county.pk,
            "started_on": "2017-06-27",
        },
    )
    made = RoleGrant.objects.get(user=cast.employee)
    assert "谢小敏" in page(client, to("grant-list"))
    client.post(to("grant-end", made.pk), {"ended_on": "2017-06-27"})
    made.refresh_from_db()
    assert made.ended_on is not None
    assert signed(cast.auditor).get(to("grant-end", made.pk)).status_code == 403


def test_three_administrators_stay_separated_on_the_page(cast: Cast) -> None:
    response = signed(cast.secadmin).post(
        to("grant-create"),
        {"username": "sysadmin", "role": "auditor", "started_on": "2017-06-27"},
    )
    assert "不得由一人兼任" in response.content.decode()


def test_own_grant_is_not_offered_for_taking_back(cast: Cast) -> None:
    own = RoleGrant.objects.get(user=cast.secadmin)
    client = signed(cast.secadmin)
    assert to("grant-end", own.pk) not in page(client, to("grant-list"))
    assert client.post(to("grant-end", own.pk), {"ended_on": "2017-06-27"}).status_code == 403


# -- the Django admin -----------------------------------------------------------------------


@pytest.fixture
def superuser(cast: Cast) -> Client:
    return signed(User.objects.create_superuser("root", display_name="应急账号", password=None))


@pytest.mark.parametrize(
    "model",
    [
        "activity",
        "appointment",
        "branch",
        "branchclassification",
        "committee",
        "membership",
        "partygroup",
        "person",
        "rolegrant",
    ],
)
def test_admin_only_reads_what_services_write(superuser: Client, cast: Cast, model: str) -> None:
    page(superuser, reverse(f"admin:branches_{model}_changelist"))
    page(superuser, reverse(f"admin:branches_{model}_add"), 403)


def test_admin_edits_posts_but_not_their_codes(superuser: Client) -> None:
    text = page(superuser, reverse("admin:branches_post_change", args=["youth_member"]))
    assert 'name="name"' in text
    assert 'name="code"' not in text
    page(superuser, reverse("admin:branches_post_delete", args=["youth_member"]), 403)


def test_admin_changes_no_appointment(superuser: Client, cast: Cast) -> None:
    row: Any = Appointment.objects.get(branch=cast.branch_a, post="secretary")
    response = superuser.post(
        reverse("admin:branches_appointment_change", args=[row.pk]), {"started_on": "2017-01-01"}
    )
    assert response.status_code == 403
    row.refresh_from_db()
    assert row.started_on == SINCE
