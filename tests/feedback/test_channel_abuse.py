"""The anonymous channel under bad input, abuse and breakdown, and what it tells of itself."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from feedback.models import StaffRequest
from tests.attachments import files
from tests.cast import Cast
from tests.feedback.channel import TEXT, say, send, with_receipt, words
from tests.feedback.scene import Listening

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_the_time")]

ROOT = Path(__file__).resolve().parents[2]


def test_a_hundred_thousand_characters_get_a_sentence_and_stay(visitor: Client) -> None:
    response = send(visitor, "手" * 100_000)
    assert response.status_code == 400
    assert "请控制在2000字以内，现在是100000字" in words(response)
    assert "手" * 100_000 in words(response)
    assert not StaffRequest.objects.exists()


def test_script_in_every_field_is_only_text(visitor: Client) -> None:
    evil = "<script>alert(1)</script>{{ 7*7 }}'\"><img src=x onerror=alert(1)>"
    code = say(visitor, evil)
    raw = with_receipt(visitor, code).content.decode()
    assert "<script>alert" not in raw
    assert "onerror=alert(1)>" not in raw
    for name in ("kind", "category", "committee", "nonce"):
        response = send(visitor, **{name: evil})
        assert response.status_code in (200, 400)
        assert "<script>alert" not in response.content.decode()
    assert with_receipt(visitor, evil).status_code == 400


def test_hostile_files_are_named_with_their_reason(visitor: Client) -> None:
    upload = SimpleUploadedFile("表.docx", files.office(), "application/msword")
    response = send(visitor, photos=upload)
    assert response.status_code == 400
    assert "办公文件里藏着作者姓名" in words(response)
    assert TEXT in words(response)


def test_thirty_megabytes_are_not_even_read(visitor: Client) -> None:
    response = visitor.post(
        reverse("feedback:anonymous"),
        b"x",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(40 << 20),
    )
    assert response.status_code == 413
    assert "超过30MB" in words(response)


def test_a_lost_or_wrong_receipt_is_told_what_is_wrong(visitor: Client) -> None:
    code = say(visitor)
    other = "0" * 24
    from feedback.receipts import check_symbol

    unknown = with_receipt(visitor, other + check_symbol(other))
    assert unknown.status_code == 404
    assert "没有找到这个查询码" in words(unknown)
    assert "抄错了" in words(with_receipt(visitor, code[:-1] + ("7" if code[-1] != "7" else "8")))
    assert "找不回来" in words(visitor.get(reverse("feedback:anonymous-receipt")))


def test_a_receipt_tried_a_thousand_times_meets_a_wall_and_the_form_stays_open(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from feedback.receipts import CHECK_ALPHABET

    say(visitor)
    seen: dict[int, int] = {}
    with patch("feedback.views.anonymous.find", return_value=None):
        for number in range(1000):
            code = f"{number:024d}"
            check = CHECK_ALPHABET[number % 37]
            status = with_receipt(visitor, code + check).status_code
            seen[status] = seen.get(status, 0) + 1
    limit = settings.ANONYMOUS_LOOKUPS_PER_HOUR
    assert seen[429] == 1000 - limit
    assert visitor.get(reverse("feedback:anonymous-receipt")).status_code == 200
    assert send(visitor, "还能说话。").status_code == 200
    elsewhere = visitor.post(
        reverse("feedback:anonymous-receipt"), {"code": ""}, REMOTE_ADDR="10.9.9.9"
    )
    assert elsewhere.status_code == 400


def test_a_burst_is_stopped_and_what_was_typed_stays(visitor: Client, settings: Any) -> None:
    settings.ANONYMOUS_REQUESTS_PER_HOUR = 3
    for number in range(3):
        assert send(visitor, f"第{number}件事情。").status_code == 200
    response = send(visitor, "第四件事情。")
    assert response.status_code == 429
    assert "第四件事情。" in words(response)
    assert "没有丢" in words(response)
    assert StaffRequest.objects.count() == 3


def test_a_form_from_elsewhere_is_not_taken_and_not_lost(visitor: Client) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        response = send(visitor, headers=headers)
        assert response.status_code == 403
        assert TEXT in words(response)
    assert not StaffRequest.objects.exists()
    assert send(visitor, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_a_session_that_is_gone_loses_nothing(cast: Cast, listening: Listening) -> None:
    member = Client()
    member.force_login(listening.worker)
    member.cookies["sessionid"] = "gone"
    assert send(member).status_code == 200


def test_a_database_that_is_away_is_said_beside_the_text(
    visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    trouble = DatabaseError(f"DETAIL: Failing row contains ({TEXT})")
    with patch("feedback.views.anonymous.submit_anonymously", side_effect=trouble):
        response = send(visitor)
    assert response.status_code == 503
    assert TEXT in words(response)
    assert "没有存上" in words(response)
    assert TEXT not in caplog.text


def test_the_log_keeps_no_line_of_the_channel() -> None:
    from feedback.quiet import NoAnonymousRequests

    quiet = NoAnonymousRequests()

    def record(path: str, level: int, **more: Any) -> logging.LogRecord:
        made = logging.LogRecord("django.request", level, "", 1, "%s: %s", ("x", path), None)
        made.request = type("Request", (), {"path_info": path})()
        vars(made).update(more)
        return made

    assert not quiet.filter(record("/listen/anonymous/", logging.WARNING))
    assert quiet.filter(record("/listen/", logging.WARNING))
    try:
        raise ValueError("canary")
    except ValueError:
        crash = record("/listen/anonymous/", logging.ERROR, exc_info=sys.exc_info())
    assert quiet.filter(crash)
    assert crash.getMessage() == "the anonymous channel failed: ValueError"
    assert crash.exc_info is None
    assert crash.created % (24 * 3600) == 0


def test_the_stub_is_verified_by_the_server_and_says_nothing_else(visitor: Client) -> None:
    page = words(send(visitor))
    values = [part.split("<", 1)[0] for part in page.split('class="stub-value">')[1:]]
    fields = {"number": values[0], "signature": values[1], "on": "2017-06-27"}
    address = reverse("feedback:anonymous-verify")
    good = visitor.post(address, fields)
    assert "是本门户发的" in words(good)
    assert TEXT not in words(good)
    StaffRequest.objects.all()
    assert "对不上" in words(visitor.post(address, fields | {"on": "2017-06-28"}))
    assert visitor.post(address, {"on": "昨天"}).status_code == 400
    assert visitor.get(address).status_code == 200


def test_production_wants_a_receipt_secret_of_its_own() -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_ENV": "production",
        "PORTAL_SECRET_KEY": "k7Qz-" * 15,
        "PORTAL_DATABASE_URL": "postgres://portal:x@127.0.0.1:1/portal",
    }

    def start(**more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from django.conf import settings as s; s.DEBUG"],
            env=environment | more,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    for secret in ("", "too-short", "k7Qz-" * 15):
        more = {"PORTAL_RECEIPT_SECRET": secret} if secret else {}
        assert "PORTAL_RECEIPT_SECRET is missing" in start(**more).stderr
    assert start(PORTAL_RECEIPT_SECRET="r3Xt-" * 15).returncode == 0
