"""Error pages say what happened, what was kept and what to do; drafts are let go on success."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from portal.dashboard import errors
from portal.kernel.drafts import COOKIE, DraftMiddleware
from portal.kernel.errors import DomainError, EditConflict, Frozen, TransitionRefused
from tests.cast import Cast

THREE = ("出了什么事", "留下了什么", "现在怎么办")


def test_an_unknown_address(client: Client, cast: Cast) -> None:
    client.force_login(cast.employee)
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert all(words in answer.content.decode() for words in THREE)


def test_a_refusal_says_who_can_open_it(rf: RequestFactory) -> None:
    answer = errors.permission_denied(rf.get("/"), PermissionDenied("只有党群部能打开。"))
    assert answer.status_code == 403
    assert "只有党群部能打开。" in answer.content.decode()


def test_a_bad_request(rf: RequestFactory) -> None:
    answer = errors.bad_request(rf.get("/"))
    assert answer.status_code == 400
    assert all(words in answer.content.decode() for words in THREE)


def test_a_crash_needs_neither_database_nor_request(rf: RequestFactory) -> None:
    answer = errors.server_error(rf.get("/"))
    assert answer.status_code == 500
    assert all(words in answer.content.decode() for words in THREE)
    assert render_to_string("errors/500.html").startswith("<!doctype html>")


def test_a_stale_form_leads_back_to_where_it_stood() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(
        reverse("accounts:large_type"),
        {"on": "1"},
        headers={"Referer": "http://testserver/account/sign-in/?next=/a/"},
    )
    assert answer.status_code == 403
    text = answer.content.decode()
    assert 'href="http://testserver/account/sign-in/?next=/a/"' in text
    assert "您填的内容还在这台设备里" in text


def test_a_strange_referer_is_not_led_back_to(rf: RequestFactory) -> None:
    request = rf.post("/x/", headers={"Referer": "https://example.org/trap"})
    assert errors.came_from(request) == "/"


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (TransitionRefused("这份通知书已经签发。"), 409, "可能别人刚办过"),
        (EditConflict("林建明刚改过。"), 409, "别人已经改过"),
        (Frozen("6月已经公布。"), 409, "不能再改"),
        (DomainError("不能检查自己。"), 400, "有一条规则不允许"),
    ],
)
def test_a_rule_of_the_office_becomes_a_page(
    rf: RequestFactory, error: DomainError, status: int, words: str
) -> None:
    middleware = errors.DomainErrorMiddleware(lambda request: HttpResponseRedirect("/"))
    answer = middleware.process_exception(rf.post("/x/"), error)
    assert answer is not None
    assert answer.status_code == status
    text = answer.content.decode()
    assert error.message in text
    assert words in text
    fragment = middleware.process_exception(rf.post("/x/", headers={"HX-Request": "true"}), error)
    assert fragment is not None
    assert "<html" not in fragment.content.decode()
    assert error.message in fragment.content.decode()
    assert middleware.process_exception(rf.post("/x/"), ValueError("a bug")) is None


@pytest.mark.parametrize(
    ("location", "key", "taken"),
    [
        ("/records/", "activity-new", True),
        ("/account/sign-in/?next=/records/", "activity-new", False),
        ("/records/", "x; Path=/", False),
        ("/records/", "", False),
    ],
)
def test_a_draft_is_let_go_only_when_the_post_led_on(
    rf: RequestFactory, location: str, key: str, taken: bool
) -> None:
    middleware = DraftMiddleware(lambda request: HttpResponseRedirect(location))
    answer = middleware(rf.post("/records/new/", {"_draft": key}))
    assert (COOKIE in answer.cookies) is taken
