"""The session that knows its account (ADR 80): nothing it opens outlives what Django allows."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts import sessions
from portal.accounts.models import SignedIn
from tests.cast import Cast

pytestmark = pytest.mark.django_db
HOME = "/"


def signed_in(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.secretary_a)
    assert client.get(HOME).status_code == 200
    return client


def test_the_row_names_its_account(cast: Cast) -> None:
    client = signed_in(cast)
    assert SignedIn.objects.get().user == cast.secretary_a
    assert client.get(HOME).wsgi_request.user == cast.secretary_a


def test_a_visitor_has_a_session_of_nobody(cast: Cast) -> None:
    client = Client()
    session = client.session
    session["draft"] = "1"
    session.save()
    assert SignedIn.objects.get().user is None
    assert client.get(HOME).status_code == 302


def test_a_closed_account_is_out_with_its_next_request(cast: Cast) -> None:
    client = signed_in(cast)
    cast.secretary_a.is_active = False
    cast.secretary_a.save()
    assert client.get(HOME).status_code == 302


def test_a_new_password_ends_the_other_sessions(cast: Cast) -> None:
    client = signed_in(cast)
    cast.secretary_a.set_password("another-long-password-2017")
    cast.secretary_a.save()
    assert client.get(HOME).status_code == 302
    assert not SignedIn.objects.filter(user=cast.secretary_a).exists()


def test_who_signs_in_after_another_is_not_taken_for_him(cast: Cast) -> None:
    client = signed_in(cast)
    client.force_login(cast.officer)
    assert client.get(HOME).wsgi_request.user == cast.officer
    assert [row.user for row in SignedIn.objects.all()] == [cast.officer]


def test_signing_out_leaves_no_row(cast: Cast) -> None:
    client = signed_in(cast)
    client.logout()
    assert not SignedIn.objects.exists()


def test_the_sweep_takes_only_what_has_run_out(cast: Cast) -> None:
    signed_in(cast)
    kept = SignedIn.objects.get()
    SignedIn.objects.create(
        session_key="gone", session_data="", expire_date=timezone.now() - dt.timedelta(seconds=1)
    )
    sessions.sweep(timezone.now())
    assert SignedIn.objects.get() == kept
