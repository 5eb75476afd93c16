"""The two proofs of the anonymous channel.

*Canary scan*: everything that could lead to the author carries a word that occurs nowhere else.
One request lives its whole life; then every place where something may have been left is searched
for those words.

*Non-interference*: two people, on different machines, hours apart, say the same. Whatever the
portal has afterwards is the same to the last byte: so nothing in it depends on who it was.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import logging
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, models, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from branches.models import Person
from feedback import rates
from feedback.models import StaffRequest
from feedback.quiet import NoAnonymousRequests
from feedback.services import batch, handling, office
from feedback.services.handling import Answer, Pledge
from portal.accounts.models import User
from portal.attachments.models import Attachment, SealedContent
from portal.kernel import sweep
from portal.notifications.services import send_digests_once
from tests.attachments import files
from tests.cast import NOW, Cast
from tests.feedback.channel import TEXT, code_in, send, with_receipt
from tests.feedback.scene import Listening

pytestmark = [pytest.mark.django_db]
ROOT = Path(__file__).resolve().parents[2]
NEXT_DAY = NOW + dt.timedelta(days=1)
_LOGGING: Any = settings.LOGGING
LOG_FORMAT = str(_LOGGING["formatters"]["plain"]["format"])


class Dice:
    """Chance that comes out the same for both people: thrown anew for every step they take."""

    def __init__(self) -> None:
        self.steps = 0
        self.random = random.Random()

    def next_step(self) -> None:
        self.steps += 1
        self.random.seed(self.steps)

    def __call__(self, count: int) -> bytes:
        return self.random.randbytes(count)


dice = Dice()


@dataclass(frozen=True)
class Identity:
    """Somebody with everything that could give him away."""

    word: str
    user: User
    address: str
    at: dt.datetime
    client: Client = field(default_factory=Client)

    def sign_in(self) -> None:
        self.client.force_login(self.user)
        self.client.cookies["canary"] = f"{self.word}-cookie"

    @property
    def canaries(self) -> list[str]:
        return [self.word, self.address, self.user.username, self.user.display_name]

    @property
    def headers(self) -> dict[str, str]:
        return {
            "User-Agent": f"{self.word}-browser",
            "Referer": f"http://testserver/{self.word}-page",
            "X-Forwarded-For": self.address,
            "X-Real-IP": self.address,
            "Authorization": f"Token {self.word}",
            "Accept-Language": f"zh-{self.word}",
            "X-Device": self.word,
        }

    @property
    def uploads(self) -> list[SimpleUploadedFile]:
        exif = Image.Exif()
        exif[0x010F] = self.word
        photo = files.photo(exif=exif, comment=self.word.encode()) + self.word.encode()
        return [
            SimpleUploadedFile(f"{self.word}.jpg", photo, f"image/{self.word}"),
            SimpleUploadedFile(f"{self.word}.pdf", files.pdf(info=self.word), "application/pdf"),
        ]

    def send(self, text: str = TEXT, **more: Any) -> Any:
        with self.from_here():
            return send(self.client, text, headers=self.headers, **more)

    def with_receipt(self, code: str, step: str = "receipt", **fields: Any) -> Any:
        with self.from_here():
            return with_receipt(self.client, code, step, headers=self.headers, **fields)

    @contextlib.contextmanager
    def from_here(self) -> Iterator[None]:
        dice.next_step()
        with patch.dict(self.client.defaults, {"REMOTE_ADDR": self.address}):
            yield


def identity(cast: Cast, word: str, address: str, at: dt.datetime) -> Identity:
    user = User.objects.create_user(f"{word}-login", display_name=f"{word}姓名", password=None)
    # Not through the service: its audit row, read by the auditor, would hold the name.
    Person.objects.create(name=f"{word}姓名", committee=cast.city, user=user)
    who = Identity(word, user, address, at)
    who.sign_in()
    return who


@contextlib.contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """What the portal's own handler would write, at the most talkative level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter(LOG_FORMAT))
    handler.addFilter(NoAnonymousRequests())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def rows() -> dict[str, list[str]]:
    """Every row of every table; keys that merely count are left out, for a sequence does not
    turn back with a transaction."""
    found: dict[str, list[str]] = {}
    for model in apps.get_models(include_auto_created=True):
        names = [
            f.attname
            for f in model._meta.concrete_fields
            if not isinstance(f, models.AutoField | models.BigAutoField)
        ]
        found[model._meta.db_table] = sorted(
            repr([bytes(v) if isinstance(v, memoryview) else v for v in row])
            for row in model._default_manager.order_by().values_list(*names)
        )
    return found


def new_rows(before: dict[str, list[str]]) -> dict[str, list[str]]:
    return {
        table: fresh
        for table, now in rows().items()
        if (fresh := [row for row in now if row not in set(before.get(table, []))])
    }


@contextlib.contextmanager
def running_numbers() -> Iterator[dict[str, int | None]]:
    """Where each sequence of the database stands at the end, filled in then; afterwards they all
    stand where they stood before. PostgreSQL's do not turn back with a transaction: without this
    the second life would begin with later numbers, whoever lives it."""
    last: dict[str, int | None] = {}
    before = _sequences()
    try:
        yield last
        last |= _sequences()
    finally:
        with connection.cursor() as cursor:
            for name, value in before.items():
                cursor.execute("SELECT setval(%s, %s, %s)", [name, value or 1, value is not None])


def _sequences() -> dict[str, int | None]:
    if connection.vendor != "postgresql":
        return {}  # SQLite keeps them in a table, which is rolled back
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(sequencename), last_value FROM pg_sequences"
            " WHERE schemaname = current_schema() ORDER BY sequencename"
        )
        return dict(cursor.fetchall())


def raw_database() -> bytes:
    """Everything the database holds as text, whatever the models think is there."""
    out = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            out += [repr(row).encode() for row in cursor.fetchall()]
        out += [bytes(row) for row in SealedContent.objects.values_list("data", flat=True)]
    return b"\n".join(out)


def broker() -> bytes:
    if not settings.CELERY_BROKER_URL.startswith("redis"):
        return b""
    import redis

    store = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    return b"\n".join(key + repr(store.dump(key)).encode() for key in store.scan_iter())


def on_disk() -> bytes:
    folder = Path(settings.MEDIA_ROOT)
    return b"\n".join(
        str(path.relative_to(folder)).encode() + path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    )


def house_handles(cast: Cast, listening: Listening, made: StaffRequest) -> None:
    """The house's part, always at the same moments."""
    dice.next_step()
    office.accept(request_id=made.pk, headline="夜间就餐", actor=cast.officer, now=NEXT_DAY)
    office.assign(
        request_id=made.pk, department=listening.supplies, actor=cast.officer, now=NEXT_DAY
    )
    handling.ask_author(
        request_id=made.pk, text="哪个值班点？", actor=listening.handler, now=NEXT_DAY
    )


def house_answers(listening: Listening, made: StaffRequest) -> None:
    dice.next_step()
    pledge = Pledge("夜餐", NEXT_DAY.date() + dt.timedelta(days=9))
    handling.reply(
        request_id=made.pk,
        answer=Answer("7月1日起供夜餐到凌晨1点。", "planned", pledge=pledge),
        actor=listening.handler,
        now=NEXT_DAY,
    )
    handling.deliver_promised(
        promise_id=made.promises.get().pk, actor=listening.handler, now=NEXT_DAY
    )


def whole_life(who: Identity, cast: Cast, listening: Listening) -> list[Any]:
    """From the form to the rating, and what goes wrong on the way. The pages, in order."""
    pages = []
    with time_machine.travel(who.at, tick=False):
        with who.from_here():
            pages.append(who.client.get(reverse("feedback:anonymous"), headers=who.headers))
        pages.append(who.send(" "))  # a mistake
        pages.append(who.send(photos=who.uploads))
        code = code_in(pages[-1])
        pages.append(who.send(photos=who.uploads))  # pressed twice
        pages.append(who.with_receipt(code))
        pages.append(who.with_receipt(code[:-2]))
        with patch(
            "feedback.views.anonymous.submit_anonymously", side_effect=DatabaseError(who.word)
        ):
            pages.append(who.send("另一件，没有存上。"))
        with patch("feedback.views.anonymous.dialogue", side_effect=RuntimeError(who.word)):
            who.client.raise_request_exception = False
            pages.append(who.with_receipt(code))
    made = StaffRequest.objects.get()
    house_handles(cast, listening, made)
    with time_machine.travel(who.at + dt.timedelta(days=1), tick=False):
        pages.append(who.with_receipt(code, "add", text="城东值班点。"))
    house_answers(listening, made)
    with time_machine.travel(who.at + dt.timedelta(days=2), tick=False):
        pages.append(who.with_receipt(code, "arrived", promise=made.promises.get().pk, arrived="1"))
        pages.append(who.with_receipt(code, "rate", solved="solved", is_answered="1"))
        pages.append(who.with_receipt(code, "withdraw"))  # too late
    later = NEXT_DAY + dt.timedelta(days=2)
    with time_machine.travel(later, tick=False):
        batch.deliver(later)
        sweep.run(now=later)
        send_digests_once(now=later)
    return pages


def house_reads(cast: Cast, listening: Listening) -> list[bytes]:
    """What the office, the handler and the auditor see of it, pages and API."""
    seen = []
    later = NEXT_DAY + dt.timedelta(days=3)
    with time_machine.travel(later, tick=False):
        for user in (cast.officer, cast.leader, listening.handler, cast.auditor, cast.sysadmin):
            reader = Client()
            reader.force_login(user)
            dice.next_step()
            for path in ("/audit/", "/listen/ledger/", "/inbox/", "/api/v1/audit/"):
                seen.append(reader.get(path).content)
    return seen


def test_canaries_are_found_nowhere(cast: Cast, listening: Listening) -> None:
    rates.counter.forget()
    who = identity(cast, "zhongquehua", "203.0.113.77", NOW)
    before = rows()
    temporary = set(Path(tempfile.gettempdir()).glob("*.upload*"))
    with everything_logged() as log:
        pages = whole_life(who, cast, listening)
        read = house_reads(cast, listening)
    assert [page.status_code for page in pages] == [
        *(200, 400, 200, 200, 200, 400, 503, 500),
        *(200, 200, 200, 409),
    ]
    assert StaffRequest.objects.get().status == "closed"
    assert Attachment.objects.count() == 2
    own = {"accounts_user", "accounts_signedin"}  # the visitor's own sign-in, from before
    fresh = new_rows(before)
    assert "feedback_staffrequest" in fresh
    assert "portal_inboxmessage" in fresh or any("inbox" in table for table in fresh)
    places = {
        "new rows": repr({t: r for t, r in fresh.items() if t not in own}).encode(),
        "media": on_disk(),
        "broker": broker(),
        "log": log.getvalue().encode(),
        "mail": b"".join(m.message().as_bytes() for m in mail.outbox),
        "pages": b"".join(page.content + repr(page.headers).encode() for page in pages),
        "what the house reads": b"".join(read),
        "counters": repr(vars(rates.counter)).encode(),
    }
    for place, content in places.items():
        for canary in who.canaries:
            assert canary.encode() not in content, f"{canary} in {place}"
    # And in the raw tables they stand exactly where they stood: with the account and the person.
    holding = raw_database().count(who.word.encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM branches_person WHERE name LIKE %s", [f"{who.word}%"])
        assert cursor.fetchone()[0] == 1
    assert holding <= 3  # user name, display name, person
    assert "哪个值班点" in raw_database().decode(errors="ignore")  # the scan can find something
    assert set(Path(tempfile.gettempdir()).glob("*.upload*")) == temporary
    assert not any(page.cookies for page in pages)


def artefacts(who: Identity, cast: Cast, listening: Listening) -> dict[str, Any]:
    """Everything there is after one life, made with the same dice; then as if it had not been.
    Both begin with the same running numbers: what one of them uses up, the other must."""
    rates.counter.forget()
    mail.outbox.clear()
    dice.steps = 0
    before = rows()
    with (
        running_numbers() as numbers,
        transaction.atomic(),
        patch("os.urandom", dice),
        patch("random._urandom", dice),
        everything_logged() as log,
    ):
        pages = whole_life(who, cast, listening)
        found = {
            "rows": new_rows(before),
            "pages": [page.content for page in pages],
            "headers": [sorted(page.headers.items()) for page in pages],
            "reads": house_reads(cast, listening),
            "mail": [(m.subject, m.body, m.recipients()) for m in mail.outbox],
            "media": on_disk(),
            "log": log.getvalue(),
        }
        transaction.set_rollback(True)
    return found | {"running numbers": numbers}


def test_two_people_leave_the_same(cast: Cast, listening: Listening) -> None:
    one = identity(cast, "yihao", "203.0.113.1", NOW)
    two = identity(cast, "erhao", "198.51.100.200", NOW + dt.timedelta(hours=5, minutes=17))
    first, second = artefacts(one, cast, listening), artefacts(two, cast, listening)
    assert first["rows"]["feedback_staffrequest"]
    assert first["pages"]
    for place in first:
        assert _difference(first[place], second[place]) == "", place


def _difference(one: Any, two: Any) -> str:
    """Where two artefacts part, with a few words around it; empty when they are the same."""
    if isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        return next(
            (found for a, b in zip(one, two, strict=True) if (found := _difference(a, b))), ""
        )
    a, b = (part if isinstance(part, bytes) else repr(part).encode() for part in (one, two))
    if a == b:
        return ""
    at = next(
        (n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    around = slice(max(at - 150, 0), at + 80)
    return f"{a[around].decode(errors='replace')}\n|||\n{b[around].decode(errors='replace')}"


# -- the server in front ---------------------------------------------------------------------


def test_the_servers_own_log_has_no_line_of_it(tmp_path: Path) -> None:
    """A real gunicorn with the portal's own configuration, its database out of reach: pages,
    mistakes and crashes of the channel leave neither address nor word nor line."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": str(Path(sys.executable).parent),
        "PORTAL_ENV": "test",
        "PORTAL_DATABASE_URL": f"sqlite:///{tmp_path / 'nowhere' / 'x.sqlite3'}",
        "PORTAL_LOG_LEVEL": "DEBUG",
    }
    log = tmp_path / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "portal.wsgi"),
                *("--config", "deploy/gunicorn.py", "--bind", f"127.0.0.1:{port}"),
            ],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        base = f"http://127.0.0.1:{port}"
        _until_it_answers(f"{base}/healthz")
        for path, body in (
            ("/listen/anonymous/verify/", None),
            ("/listen/anonymous/verify/", b"number=canary-body&signature=x&on=2017-06-27"),
            ("/listen/anonymous/receipt/", b"code=canary-body"),
            ("/listen/anonymous/", b"text=canary-body"),
            ("/listen/anonymous/nowhere/", None),
        ):
            _ask(f"{base}{path}?q=canary-query", body)
        _ask(f"{base}/static/css/listen-anonymous.css", None)
        _ask(f"{base}/static/js/listen-anonymous.js", None)
        _ask(f"{base}/healthz", None)
    finally:
        server.terminate()
        server.wait(20)
    written = log.read_text()
    assert written.count("GET /healthz") >= 2  # other lines are there
    assert "canary" not in written
    assert "127.0.0.1" not in written.replace(f"http://127.0.0.1:{port}", "")
    assert "/listen/anonymous" not in written
    assert "GET /static/" not in written


def _ask(address: str, body: bytes | None) -> None:
    request = urllib.request.Request(  # noqa: S310 - our own server
        address,
        data=body,
        headers={
            "User-Agent": "canary-browser",
            "Referer": "http://x/canary",
            "Cookie": "a=canary",
        },
    )
    with contextlib.suppress(urllib.error.HTTPError):
        urllib.request.urlopen(request, timeout=20).read()  # noqa: S310


def _until_it_answers(address: str) -> None:
    until = time.monotonic() + 40
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).read()  # noqa: S310
        except OSError:
            assert time.monotonic() < until, "the server did not start"
        else:
            return
