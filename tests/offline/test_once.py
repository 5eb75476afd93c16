"""The same operation twice: one write, one answer."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evaluations.models import Deduction, Inspection, ItemCheck
from portal.audit.models import AuditEntry
from portal.notifications.models import InboxMessage
from portal.offline.clock import moment_of
from portal.offline.models import GivenAnswer
from portal.offline.once import KEPT_DAYS, forget_old
from tests.cast import NOW, Cast
from tests.month import MonthCast

pytestmark = pytest.mark.usefixtures("clock")


def put(
    client: Client, month: MonthCast, key: uuid.UUID | str, count: int = 1, **headers: Any
) -> Any:
    item = month.item(month.visit_a, "D1")
    rule = item.rules.get(number=1)
    body = {
        "version": 0,
        "lines": [{"rule": rule.pk, "count": count, "fact": "6月14日，1名党员下颏带未系好"}],
    }
    return client.put(
        reverse("api:sheet-save-item", args=[month.visit_a.pk, item.pk]),
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": str(key), **headers},
    )


def test_the_second_time_gets_the_same_answer_and_writes_nothing(
    cast: Cast, month_cast: MonthCast, client: Client
) -> None:
    client.force_login(cast.inspector)
    key = uuid.uuid4()
    first = put(client, month_cast, key)
    written = (ItemCheck.objects.get().version, Deduction.objects.get().pk)
    second = put(client, month_cast, key)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert second.headers["X-Answered-Before"] == "1"
    assert (ItemCheck.objects.get().version, Deduction.objects.get().pk) == written
    assert GivenAnswer.objects.count() == 1


def test_a_refusal_is_not_remembered(cast: Cast, month_cast: MonthCast, client: Client) -> None:
    client.force_login(cast.inspector)
    assert put(client, month_cast, uuid.uuid4()).status_code == 200
    late = uuid.uuid4()
    assert put(client, month_cast, late, count=2).status_code == 409
    assert GivenAnswer.objects.count() == 1
    ItemCheck.objects.all().delete()
    assert put(client, month_cast, late, count=2).status_code == 200


def test_one_key_for_two_things_is_refused(
    cast: Cast, month_cast: MonthCast, client: Client
) -> None:
    client.force_login(cast.inspector)
    key = uuid.uuid4()
    assert put(client, month_cast, key).status_code == 200
    other = put(client, month_cast, key, count=3)
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert Deduction.objects.get().count == 1


def test_keys_belong_to_their_user(cast: Cast, month_cast: MonthCast, client: Client) -> None:
    client.force_login(cast.inspector)
    key = uuid.uuid4()
    assert put(client, month_cast, key).status_code == 200
    client.force_login(cast.secretary_of(cast.office_two))
    answer = put(client, month_cast, key)
    assert "X-Answered-Before" not in answer.headers
    client.force_login(cast.employee)
    assert put(client, month_cast, key).status_code == 404
    assert GivenAnswer.objects.filter(user=cast.employee).count() == 0


def test_who_is_not_signed_in_leaves_no_trace(month_cast: MonthCast, client: Client) -> None:
    assert put(client, month_cast, uuid.uuid4()).status_code in (401, 403)
    assert not GivenAnswer.objects.exists()


def test_a_key_that_is_none_is_refused(cast: Cast, month_cast: MonthCast, client: Client) -> None:
    client.force_login(cast.inspector)
    assert put(client, month_cast, "not-a-key").status_code == 400


def test_a_program_with_a_token_is_heard_once_too(
    cast: Cast, month_cast: MonthCast, client: Client
) -> None:
    from rest_framework.authtoken.models import Token

    token = Token.objects.create(user=cast.inspector)
    key = uuid.uuid4()
    for _ in range(2):
        answer = put(client, month_cast, key, Authorization=f"Token {token.key}")
        assert answer.status_code == 200
    assert ItemCheck.objects.get().version == 1
    assert GivenAnswer.objects.get().user == cast.inspector


def test_both_clocks_are_kept(cast: Cast, month_cast: MonthCast, client: Client) -> None:
    """The phone is seven minutes fast: 16:27 on it was 16:20."""
    client.force_login(cast.inspector)
    phone = NOW - dt.timedelta(minutes=33)
    headers: dict[str, Any] = {"X-Made-At": phone.isoformat(), "X-Clock-Skew": str(-7 * 60_000)}
    assert put(client, month_cast, uuid.uuid4(), **headers).status_code == 200
    row = GivenAnswer.objects.get()
    assert (row.made_at, row.clock_skew_ms) == (phone, -420_000)


@pytest.mark.parametrize(
    ("made", "skew", "at", "wrong"),
    [
        ("2017-06-27T01:30:00Z", "0", "09:30", False),
        ("2017-06-27T01:30:00Z", "-420000", "09:23", True),
        ("2017-06-27T09:00:00Z", "0", "10:00", False),  # never later than now
        ("2017-06-27T01:30:00Z", "", "09:30", False),
        ("yesterday", "0", "10:00", False),
        ("2017-06-27T01:30:00", "0", "10:00", False),  # says no zone
        ("0001-01-01T00:00:00Z", "-420000000", "10:00", False),
        ("2017-06-27T01:30:00Z", "9" * 40, "09:30", False),
    ],
)
def test_when_it_was_done(rf: Any, made: str, skew: str, at: str, wrong: bool) -> None:
    from portal.kernel.months import SHANGHAI

    request = rf.post("/", headers={"X-Made-At": made, "X-Clock-Skew": skew})
    found = moment_of(request, NOW)
    assert found.at.astimezone(SHANGHAI).strftime("%H:%M") == at
    assert found.was_wrong is wrong


def test_old_answers_go(cast: Cast, month_cast: MonthCast, client: Client) -> None:
    client.force_login(cast.inspector)
    put(client, month_cast, uuid.uuid4())
    assert forget_old(now=NOW + dt.timedelta(days=KEPT_DAYS - 1)) == 0
    assert forget_old(now=NOW + dt.timedelta(days=KEPT_DAYS + 1)) == 1


# -- the sheet on the spot --------------------------------------------------------------------


def submitted(cast: Cast, month: MonthCast, client: Client, **headers: Any) -> Inspection:
    client.force_login(cast.inspector)
    for step, body in (("start", {}), ("submit", {"rest_is_fine": True})):
        answer = client.post(
            reverse(f"api:sheet-{step}", args=[month.visit_a.pk]),
            json.dumps(body),
            content_type="application/json",
            headers={"Idempotency-Key": str(uuid.uuid4()), **headers},
        )
        assert answer.status_code == 200, answer.content
    return Inspection.objects.get(pk=month.visit_a.pk)


def sign(client: Client, visit: Inspection, person: int, objection: str = "") -> Any:
    return client.post(
        reverse("api:sheet-sign", args=[visit.pk]),
        json.dumps({"person": person, "objection": objection}),
        content_type="application/json",
        headers={
            "X-Made-At": (NOW - dt.timedelta(minutes=20)).isoformat(),
            "X-Clock-Skew": "0",
        },
    )


def test_both_sides_sign_on_one_phone_and_the_account_confirms_later(
    cast: Cast, month_cast: MonthCast, client: Client
) -> None:
    half_past = {"X-Made-At": (NOW - dt.timedelta(minutes=30)).isoformat(), "X-Clock-Skew": "0"}
    visit = submitted(cast, month_cast, client, **half_past)
    secretary = cast.person(cast.secretary_a)
    assert sign(client, visit, secretary.pk).status_code == 200
    assert sign(client, visit, secretary.pk).status_code == 200  # the same again is no error
    visit.refresh_from_db()
    assert visit.status == "submitted", "somebody else held the phone: nothing is confirmed"
    signed = [(s.side, s.person.name, s.signed_at) for s in visit.signatures.all()]
    assert signed == [
        ("inspectors", cast.person(cast.inspector).name, NOW - dt.timedelta(minutes=30)),
        ("inspected", secretary.name, NOW - dt.timedelta(minutes=20)),
    ]
    told = InboxMessage.objects.get(user=cast.secretary_a, key__startswith="signed-on-site")
    assert "有异议" in told.body
    assert AuditEntry.objects.filter(code="sheet.signed_on_site").count() == 2


def test_only_those_who_answer_for_the_branch_sign(
    cast: Cast, month_cast: MonthCast, client: Client
) -> None:
    visit = submitted(cast, month_cast, client)
    assert sign(client, visit, cast.person(cast.captain).pk).status_code == 400
    client.force_login(cast.secretary_a)
    assert sign(client, visit, cast.person(cast.secretary_a).pk).status_code == 403
    client.force_login(cast.employee)
    assert sign(client, visit, cast.person(cast.secretary_a).pk).status_code == 404
    assert not visit.signatures.exists()


def test_a_sheet_taken_back_is_signed_anew(
    cast: Cast, month_cast: MonthCast, client: Client
) -> None:
    visit = submitted(cast, month_cast, client)
    sign(client, visit, cast.person(cast.deputy_a).pk, "党课记录是有的")
    assert visit.signatures.get(side="inspected").objection == "党课记录是有的"
    client.post(reverse("api:sheet-take-back", args=[visit.pk]), content_type="application/json")
    assert not visit.signatures.exists()
    assert sign(client, visit, cast.person(cast.deputy_a).pk).status_code == 409


def test_the_version_that_was_not_chosen_stays_in_the_trail(
    cast: Cast, month_cast: MonthCast, client: Client
) -> None:
    client.force_login(cast.inspector)
    put(client, month_cast, uuid.uuid4())
    item = month_cast.item(month_cast.visit_a, "D1")
    answer = client.put(
        reverse("api:sheet-save-item", args=[month_cast.visit_a.pk, item.pk]),
        json.dumps({"version": 1, "lines": [], "overrules": True}),
        content_type="application/json",
    )
    assert answer.status_code == 200
    entry = AuditEntry.objects.get(code="sheet.item_overruled")
    assert "下颏带未系好" in entry.before["lines"][0]
    assert entry.after["lines"] == []
