"""Accounts, policies and the first set-up: who may, what stays, what is shown once."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from branches.models import Role, RoleGrant
from branches.services import accounts
from evaluations.models import EvaluationPolicy, RubricVersion
from evaluations.services import rounds
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import Month
from tests.cast import NOW, Cast

pytestmark = pytest.mark.usefixtures("clock")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def open_one(cast: Cast, **more: Any) -> tuple[User, str]:
    values = {"username": "newcomer", "display_name": "叶新来", "actor": cast.sysadmin, "now": NOW}
    return accounts.open_account(**{**values, **more})


def test_a_new_account_signs_in_with_its_temporary_password_and_must_change_it(cast: Cast) -> None:
    page = signed_in(cast.sysadmin).post(
        "/accounts/new/", {"username": "newcomer", "display_name": "叶新来"}
    )
    found = re.search(r"<code>([a-z0-9]{4}(?:-[a-z0-9]{4}){2})</code>", page.content.decode())
    assert found, "the temporary password is shown once"
    assert page["Cache-Control"] == "no-store"
    client = Client()
    answer = client.post("/account/sign-in/", {"username": "newcomer", "password": found[1]})
    assert answer.status_code == 302
    assert client.get("/").headers["Location"].startswith("/account/password/")
    assert found[1] not in str(AuditEntry.objects.get(code="account.opened").after)


def test_an_account_is_hung_on_the_person_with_the_staff_number(cast: Cast) -> None:
    person = cast.members(cast.branch_b)[3]
    person.staff_no = "35001234"
    person.save()
    client = signed_in(cast.sysadmin)
    unknown = client.post("/accounts/new/", {"username": "x1", "staff_no": "999"})
    assert "没有这个工号" in unknown.content.decode()
    client.post("/accounts/new/", {"username": "member", "staff_no": "35001234"})
    person.refresh_from_db()
    assert person.user is not None
    assert person.user.display_name == person.name
    with pytest.raises(TransitionRefused, match="已经有账号"):
        open_one(cast, username="second", person=person)


def test_a_taken_or_impossible_name_is_said_beside_the_field(cast: Cast) -> None:
    with pytest.raises(DomainError, match="已有人用") as taken:
        open_one(cast, username="officer")
    assert taken.value.field == "username"
    with pytest.raises(DomainError, match="只能用字母"):
        open_one(cast, username="两 个 字")


@pytest.mark.parametrize("who", ["secadmin", "auditor", "officer", "leader", "secretary_a"])
def test_nobody_else_manages_accounts(cast: Cast, who: str) -> None:
    client = signed_in(cast.users[who])
    assert client.get("/accounts/").status_code == 403
    assert client.post(f"/accounts/{cast.employee.pk}/password/").status_code == 403
    with pytest.raises(PermissionDenied):
        open_one(cast, actor=cast.users[who])


def test_a_reset_ends_the_sessions_that_were_open(cast: Cast) -> None:
    employee = signed_in(cast.employee)
    assert employee.get("/").status_code == 200
    password = accounts.reset_password(user=cast.employee, actor=cast.sysadmin, now=NOW)
    assert employee.get("/").status_code == 302
    assert User.objects.get(pk=cast.employee.pk).check_password(password)


@pytest.mark.parametrize("who", ["secadmin", "auditor"])
def test_one_administrator_does_not_open_anothers_door(cast: Cast, who: str) -> None:
    with pytest.raises(DomainError, match="不能由一个人的手打开"):
        accounts.reset_password(user=cast.users[who], actor=cast.sysadmin, now=NOW)


@pytest.mark.parametrize("role", [Role.DISCIPLINE_OFFICE, Role.SECRETARY_OFFICE])
def test_he_does_not_read_by_a_password_of_his_what_he_may_not_read(cast: Cast, role: str) -> None:
    RoleGrant.objects.create(
        user=cast.employee, role=role, committee=cast.city, started_on=NOW.date()
    )
    answer = signed_in(cast.sysadmin).post(f"/accounts/{cast.employee.pk}/password/")
    assert "不能由一个人的手打开" in answer.content.decode()
    cast.employee.refresh_from_db()
    assert not cast.employee.must_change_password


def test_a_closed_account_is_out_at_once_and_keeps_its_history(cast: Cast) -> None:
    employee = signed_in(cast.employee)
    answer = signed_in(cast.sysadmin).post(
        f"/accounts/{cast.employee.pk}/switch/", {"reason": "调离"}
    )
    assert answer.status_code == 302
    assert employee.get("/").status_code == 302
    assert AuditEntry.objects.get(code="account.closed").reason == "调离"
    with pytest.raises(DomainError, match="不能停用自己"):
        accounts.set_active(
            user=cast.sysadmin, active=False, reason="误点", actor=cast.sysadmin, now=NOW
        )


def test_set_up_gives_an_empty_portal_its_first_things_once(db: None) -> None:
    out = StringIO()
    arguments = {
        "committee": "示范供电公司党委",
        "issuer_code": "示电党",
        "first_month": Month(2017, 1),
    }
    call_command("set_up", stdout=out, **arguments)
    assert RoleGrant.objects.count() == 3
    assert RubricVersion.objects.filter(status="active").count() == 5
    assert EvaluationPolicy.objects.count() == 1
    username, password = re.findall(r"(auditor)\s+(\S+)", out.getvalue())[0]
    assert User.objects.get(username=username).check_password(password)
    with pytest.raises(CommandError, match="已经设置过"):
        call_command("set_up", stdout=out, **arguments)


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"visits_per_branch": 60}, "visits_per_branch", "请填1到4。"),
        ({"pairing_memory": 500}, "pairing_memory", "请填0到12。"),
        ({"draw_day": 31}, "draw_day", "请填1到28：每个月都要有这一天。"),
        ({"draw_day": 20, "window_first_day": 3}, "window_first_day", "互查开始日要在抽签日之后。"),
        ({"publish_day": 2, "meeting_day": 1}, "meeting_day", "例会日不能早于通报日。"),
        ({"appeal_workdays": 0}, "appeal_workdays", "请填1到10。"),
        (
            {"fix_now_workdays": 60, "minor_workdays": 1},
            "minor_workdays",
            "一般问题的期限不能短于立行立改。",
        ),
    ],
)
def test_a_policy_of_nonsense_is_refused_at_its_field(
    cast: Cast, values: dict[str, int], field: str, sentence: str
) -> None:
    client = signed_in(cast.officer)
    address = f"/policies/{cast.city.pk}/"
    form = client.get(address).context["form"]
    typed = {name: form[name].value() for name in form.fields} | {"month": "2017-08"} | values
    answer = client.post(address, typed)
    assert answer.status_code == 400
    assert answer.context["form"].errors == {field: [sentence]}
    assert answer.context["form"][field].value() == str(values[field])
    with pytest.raises(ValidationError) as refused:  # the service says the same
        rounds.set_policy(
            committee=cast.city, first_month=Month(2017, 8), values=values, actor=None, now=NOW
        )
    assert refused.value.message_dict == {field: [sentence]}


def test_a_policy_is_set_from_a_month_on_by_its_officer(cast: Cast) -> None:
    rounds.set_policy(
        committee=cast.city, first_month=Month(2016, 1), values={}, actor=None, now=NOW
    )
    client = signed_in(cast.officer)
    form = client.get(f"/policies/{cast.city.pk}/").context["form"]
    values = {name: form[name].value() for name in form.fields}
    answer = client.post(
        f"/policies/{cast.city.pk}/", {**values, "month": "2017-08", "key_fail_percent": 70}
    )
    assert answer.status_code == 302
    assert rounds.policy_in_force(cast.city, Month(2017, 7)).key_fail_percent == 60
    assert rounds.policy_in_force(cast.city, Month(2017, 8)).key_fail_percent == 70
    too_much = client.post(
        f"/policies/{cast.city.pk}/", {**values, "month": "2017-09", "key_fail_percent": 170}
    )
    assert too_much.status_code == 400
    assert "不能超过100" in too_much.content.decode()
    assert signed_in(cast.secretary_a).get("/policies/").status_code == 200
    assert signed_in(cast.secretary_a).get(f"/policies/{cast.city.pk}/").status_code == 404
    assert signed_in(cast.leader).get(f"/policies/{cast.city.pk}/").status_code == 403
    assert signed_in(cast.officer_elsewhere).get(f"/policies/{cast.city.pk}/").status_code == 404
