"""Role x route x method: the whole table held against ``matrix.txt``, and the rules that hold
whatever the table says.

``REWRITE_LEDGERS=1 .venv/bin/pytest tests/permissions`` writes the table anew; read its diff like
an attacker before committing it.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.audit.models import AuditEntry
from tests.cast import Cast
from tests.permissions import channel_routes
from tests.permissions.listening import MAY_READ as LISTENING_SECRETS
from tests.permissions.matrix import (
    LOGIN,
    METHOD_UNKNOWN,
    Outcome,
    ask_everything,
    client_of,
    rolled_back,
    send,
)
from tests.permissions.matrix import lines as matrix_lines
from tests.permissions.offline_routes import OPEN_OFFLINE
from tests.permissions.routes import SAMPLES, addresses, routes, without_sample
from tests.permissions.scene import (
    IN_DRAFT_NOTICE,
    IN_MAIL,
    IN_MESSAGE,
    IN_RECORD,
    IN_TALK,
    SECRETS,
    House,
)

pytestmark = pytest.mark.xdist_group("permissions")  # one worker asks everything

MATRIX = Path(__file__).with_name("matrix.txt")
REWRITE = os.environ.get("REWRITE_LEDGERS") == "1"
BRANCH_A = "配电运检"
NAMES = (BRANCH_A, "变电运维", "物资供应", "市公司党委")
REFUSED = {"403", "404", METHOD_UNKNOWN, LOGIN, "401"}

# Says number, date and addressee to whoever holds the paper with its code, and nothing else.
VOUCHES = "evaluations:verify"
# Whose address is its key: a calendar program can't sign in.
FEED = "notifications:feed"
# Open to everybody: the way in, whether the machine is well, whether a paper is true; the board
# names nobody.
OPEN = (
    {"accounts:login", "healthz", "readyz", "feedback:board", VOUCHES}
    | OPEN_OFFLINE
    | channel_routes.OPEN
)
# GET that writes, each for a reason: reading a message marks it read; a copy of the audit trail
# leaves the house, and the trail says so.
WRITING_READS = {
    "notifications:open": {"notifications_inboxmessage"},
    "audit:export": {"audit_auditentry"},
    "feedback:ledger-excel": {"audit_auditentry"},
}
# Examples with invented names.
EXAMPLES = "dashboard:styleguide"
# The trail says what was done, in the words of the day; the auditor reads it whole.
AUDIT = {"audit:list", "audit:export", "api:audit-list", "api:audit-detail"}

_known: list[Outcome] = []


@pytest.fixture
def outcomes(request: pytest.FixtureRequest) -> list[Outcome]:
    """Every request once per process: some thousands of them."""
    if not _known:
        missing = without_sample()
        assert not missing, "\n".join(missing)
        cast, house = request.getfixturevalue("cast"), request.getfixturevalue("house")
        request.getfixturevalue("house_clock")
        _known.extend(ask_everything(cast, house, NAMES))
    return _known


def told(found: list[Outcome], also: Callable[[Outcome], str] = lambda o: "") -> str:
    return "\n".join(f"{outcome} {also(outcome)}".rstrip() for outcome in found)


def test_every_route_has_a_sample() -> None:
    missing = without_sample()
    assert not missing, "\n".join(missing)


def test_every_sample_has_a_route() -> None:
    known = {route.name for route in routes()}
    assert not set(SAMPLES) - known, "samples of routes that are gone: take them out"


def test_the_matrix_is_as_written(outcomes: list[Outcome]) -> None:
    found = matrix_lines(outcomes)
    if REWRITE:
        MATRIX.write_text("\n".join(found) + "\n")
    written = MATRIX.read_text().splitlines() if MATRIX.exists() else []
    differences = [
        line
        for line in difflib.unified_diff(written, found, "matrix.txt", "the portal", "", "", 0, "")
        if not line.startswith("@@")
    ]
    assert not differences, (
        "Who may do what has changed. If each line is meant, run again with REWRITE_LEDGERS=1:\n"
        + "\n".join(differences)
    )


def test_nothing_crashes(outcomes: list[Outcome]) -> None:
    crashed = [o for o in outcomes if o.status.startswith("5") and o.label != "readyz"]
    assert not crashed, told(crashed)


def test_who_is_not_signed_in_reads_nothing(outcomes: list[Outcome]) -> None:
    opened = [
        o
        for o in outcomes
        if o.role == "anonymous" and o.status.startswith("2") and o.label not in OPEN
    ]
    assert not opened, told(opened)


def test_who_is_not_signed_in_is_led_to_the_door(outcomes: list[Outcome]) -> None:
    """Never a hint whether a thing exists: the sign-in page everywhere, 401 or 403 in the API."""
    expected = {LOGIN, "401", "403", METHOD_UNKNOWN}
    astray = [
        o
        for o in outcomes
        if o.role == "anonymous"
        and o.status not in expected
        and o.label not in OPEN | {"api:token", "accounts:large_type"}
    ]
    assert not astray, told(astray)


def of_the_city(outcome: Outcome) -> bool:
    """Whether the address is a thing of the city's: neither the rubrics and the five programmes,
    which are every committee's, nor the working days of the country."""
    # Nor joining a matter: where a county has no department to answer, the city listens for it.
    common = (
        *("evaluations:rubric", "api:rubric", "workdays:"),
        *("servicecrew:programme", "api:programme"),
        *("feedback:me-too", "api:request-me-too", VOUCHES, FEED),
        # Each office sets its own; what belongs to the city is behind the keys below them.
        *("feedback:setting-list", "feedback:setting-new", "api:setting-list"),
    )
    return bool(outcome.address.route.gaps) and not outcome.label.startswith(common)


def test_the_officer_of_another_committee_gets_nothing_of_the_city(
    outcomes: list[Outcome],
) -> None:
    hers = [o for o in outcomes if o.role == "officer_elsewhere"]
    opened = [o for o in hers if of_the_city(o) and o.status not in REFUSED]
    assert not opened, told(opened)
    named = [o for o in hers if o.found and o.label not in {EXAMPLES, VOUCHES, FEED}]
    assert not named, told(named, lambda o: str(sorted(o.found)))


def test_the_neighbour_never_sees_the_inside_of_a(outcomes: list[Outcome]) -> None:
    theirs = {
        "branches:members",
        "branches:record-list",
        "branches:roster",
        "branches:calendar",
        "branches:record-detail",
        "branches:record-edit",
        "evaluations:score[june]",
        "evaluations:score[july]",
        "evaluations:notice-detail[issued]",
        "evaluations:finding-detail[to_fix]",
        "evaluations:finding-detail[reported]",
        "evaluations:appeal-detail",
        "evaluations:sheet[under_way]",
        "evaluations:sheet-summary[under_way]",
        "evaluations:sheet-summary[submitted]",
        "evaluations:sheet-file[under_way]",
        "evaluations:sheet-file[submitted]",
        "evaluations:sheet-item",
        "api:activity-detail",
        "api:sheet-detail[under_way]",
        "api:sheet-items",
        "api:sheet-paper[submitted]",
        "api:finding-detail",
        "api:appeal-detail",
        "api:notice-detail[issued]",
    }
    outsiders = ("secretary_b", "employee", "officer_elsewhere", "sysadmin", "secadmin", "auditor")
    asked = [o for o in outcomes if o.role in outsiders and o.label in theirs]
    assert {o.label for o in asked} == theirs
    opened = [o for o in asked if o.status not in REFUSED]
    assert not opened, told(opened)


def test_secrets_stay_with_those_they_concern(outcomes: list[Outcome]) -> None:
    """Wherever they stand: on lists, in search, in the API, on a page about something else."""
    inside_a = {"secretary_a", "deputy_a", "captain", "officer", "leader"}
    may_read = dict.fromkeys(SECRETS, inside_a | {"inspector"}) | {
        IN_RECORD: inside_a,
        IN_TALK: inside_a,
        IN_DRAFT_NOTICE: {"officer", "leader"},
        IN_MESSAGE: {"secretary_a"},
        IN_MAIL: {"sysadmin"},
        **LISTENING_SECRETS,
    }
    leaks = [
        o
        for o in outcomes
        if any(o.role not in may_read[word] for word in o.found if word in may_read)
        and not (o.role == "auditor" and o.label in AUDIT)
    ]
    assert not leaks, told(leaks, lambda o: str(sorted(o.found)))


# Which committees and branches there are is no secret to those who run the machine.
ORGANISATION = {"branches:list", "branches:committee-detail"}


@pytest.mark.parametrize(
    ("role", "third"),
    [
        (
            "sysadmin",
            {
                "notifications:machinery",
                "notifications:resend",
                "branches:account-list",
                "branches:account-open",
                "branches:account-reset",
                "branches:account-switch",
                "branches:committee-create",
                "branches:committee-edit",
            },
        ),
        (
            "secadmin",
            AUDIT | {"branches:grant-list", "branches:grant-create", "branches:grant-end"},
        ),
        ("auditor", AUDIT | {"branches:grant-list"}),
    ],
)
def test_administrators_keep_to_their_third(
    role: str, third: set[str], outcomes: list[Outcome]
) -> None:
    """Nothing of the city opens to them beyond it, and no list or search shows them a name."""
    theirs = [o for o in outcomes if o.role == role]
    opened = {o.label for o in theirs if o.status == "200"}
    assert opened & third, "the third itself is open"
    beyond = [o for o in theirs if o.label not in third | ORGANISATION | {EXAMPLES, VOUCHES, FEED}]
    inside = [o for o in beyond if of_the_city(o) and o.status not in REFUSED]
    assert not inside, told(inside)
    named = [o for o in beyond if o.found]
    assert not named, told(named, lambda o: str(sorted(o.found)))


def test_reading_changes_nothing(outcomes: list[Outcome]) -> None:
    wrote = [
        o for o in outcomes if o.method == "GET" and o.wrote - WRITING_READS.get(o.label, set())
    ]
    assert not wrote, told(wrote, lambda o: str(sorted(o.wrote)))


def test_who_is_refused_has_changed_nothing(outcomes: list[Outcome]) -> None:
    wrote = [
        o
        for o in outcomes
        if o.wrote and (o.status in REFUSED or o.role == "anonymous") and o.label != "api:token"
    ]
    assert not wrote, told(wrote, lambda o: str(sorted(o.wrote)))


@pytest.mark.usefixtures("house_clock")
@pytest.mark.parametrize("role", ["officer", "secretary_a", "inspector", "sysadmin", "secadmin"])
def test_nothing_is_posted_without_a_token(
    role: str, cast: Cast, house: House, outcomes: list[Outcome]
) -> None:
    """What another site could make a signed-in browser send. ``api:token`` asks for a password
    itself and looks at no session; the anonymous channel has none to look at, and asks where a
    form was sent from (``feedback.middleware``)."""
    tokenless = {"api:token"} | channel_routes.OPEN
    heard = {
        (o.label, o.method)
        for o in outcomes
        if o.role == role and o.method != "GET" and o.status != METHOD_UNKNOWN
    }
    client = client_of(cast, role, enforce_csrf_checks=True)
    entries = AuditEntry.objects.count()
    passed = []
    for address in addresses(cast, house):
        for method in address.route.methods:
            if (address.label, method) not in heard or address.label in tokenless:
                continue
            with rolled_back():
                answer = send(client, method, address)
            refused = answer.status_code == 403 and (
                "csrf" in answer.content.decode().lower()
                or any(t.name == "errors/csrf.html" for t in answer.templates)
            )
            if not refused:
                passed.append(f"{method} {address.path} ({address.label}): {answer.status_code}")
    assert len(heard) > 5
    assert not passed, "\n".join(passed)
    assert AuditEntry.objects.count() == entries
