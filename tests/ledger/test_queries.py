"""How many queries a page asks. A number that rises is seen here before a user feels it.

``queries.json`` holds one number per page: queries of a warm request (the second one), session
and user included, at the size of the cast and with at least twice the rows. It is rewritten only
with ``REWRITE_LEDGERS=1``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluations.models import ItemCheck, MonthRound, RectificationNotice, RubricItem
from evaluations.proposals import CODES
from evaluations.services import pairing, rounds, sheets
from portal.accounts.models import User
from tests.cast import Cast, kept
from tests.ledger.scene import grown
from tests.permissions.scene import TODAY_AT, House, build

pytestmark = pytest.mark.xdist_group("ledger")  # one worker asks for every page

LEDGER = Path(__file__).with_name("queries.json")
REWRITE = os.environ.get("REWRITE_LEDGERS") == "1"

# What the product promises (issue: speed), whatever the ledger says.
LIMITS = {
    "135 board": 15,
    "what-if": 8,
    "what-if, a month": 8,
    "own severity": 8,
    "home (officer) = round, inspecting": 8,
    "home (leader) = round, inspecting": 8,
    "round, provisional": 8,
    "round, published": 8,
    "round, teams": 8,
    "round, visit": 8,
    "round, pairing": 8,
    "round, pairing to be mended": 8,
    "round, bonus and veto": 8,
    "round, calendar": 8,
    "round, words": 8,
    "policies": 8,
    "ranking, published": 6,
    "ranking, provisional": 6,
    "ranking, provisional (officer)": 6,
    "ranking, published (officer)": 6,
    "ranking, published (employee)": 6,
    "ranking with a branch's why": 8,
    "score": 8,
    "score, provisional": 8,
    "bulletins": 8,
    "bulletin": 8,
    "bulletin (secretary)": 8,
    "bulletin (officer)": 8,
    "bulletin, provisional": 8,
    "bulletin, provisional, text": 8,
    "sheets": 8,
    "sheet": 8,
    "sheet item": 8,
    "sheet item, with records": 8,
    "sheet summary": 8,
    "notices": 8,
    "notice": 8,
    "notice (officer)": 8,
    "notice, draft": 8,
    "notice, own words": 8,
    "findings": 8,
    "findings (officer)": 8,
    "finding": 8,
    "finding (officer)": 8,
    "finding, to look back at": 8,
    "appeals": 8,
    "appeal": 8,
    "appeal (officer)": 8,
    "sheet item, save": 8,
    "api sheet item, save": 8,
    "meeting": 8,
    "meeting (leader)": 8,
    "meeting, opening": 8,
    "meeting, board": 8,
    "meeting, branch": 8,
    "meeting, closing": 8,
    "meeting, minutes": 8,
    "appraisals": 8,
    "appraisals, inspecting": 8,
    "appraisal": 8,
    "appraisal, inspecting": 8,
    "appraisal (officer)": 8,
    "own appraisals": 8,
    "rubrics": 8,
    "rubrics (officer)": 8,
    "rubric version": 8,
    "rubric version (officer)": 8,
    "rubric difference": 8,
    "rubric draft": 8,
    "rubric draft, item": 8,
    "rubric draft, frame": 8,
    "rubric draft, activate": 8,
    "rubric import": 8,
    "about papers": 8,
    "archive": 8,
    "archive, search": 8,
    "batch": 8,
}
_NOT_A_QUERY = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


@dataclass(frozen=True, slots=True)
class Ask:
    """One page of the ledger: who asks for what."""

    role: str
    route: str
    arguments: Callable[[Cast, House], list[Any]] = lambda cast, house: []
    query: Callable[[Cast, House], dict[str, Any]] = lambda cast, house: {}
    method: str = "GET"
    body: Callable[[Cast, House], dict[str, Any]] = lambda cast, house: {}
    headers: dict[str, str] = field(default_factory=dict)
    first: Callable[[Cast, House], object] = lambda cast, house: None  # forgotten afterwards


def _june(cast: Cast, house: House) -> list[Any]:
    return [house.june.pk]


def _july(cast: Cast, house: House) -> list[Any]:
    return [house.july.pk]


def _branch(cast: Cast, house: House) -> list[Any]:
    return [cast.branch_a.pk]


def _visit(cast: Cast, house: House) -> list[Any]:
    return [house.visit.pk]


def _planned(cast: Cast, house: House) -> list[Any]:
    return [house.july.pk, house.planned.pk]


def _of_july(cast: Cast, house: House) -> list[Any]:
    return [house.july.pk, house.visit.participant_id]


def _june_stop(cast: Cast, house: House) -> list[Any]:
    return [house.june.pk, house.june.participants.get(branch=cast.branch_a).pk]


def _july_stop(cast: Cast, house: House) -> list[Any]:
    return [house.july.pk, house.participant.pk]


def _drafted(cast: Cast, house: House) -> list[Any]:
    return [house.drafted.pk]


def _drafted_item(cast: Cast, house: House) -> list[Any]:
    return [house.drafted.pk, "D1"]


def _item(cast: Cast, house: House) -> list[Any]:
    return [house.visit.pk, house.item.pk]


def _item_with_records(cast: Cast, house: House) -> list[Any]:
    """An item for which the branch's own records propose something."""
    version = house.visit.participant.rubric_version_id
    item = RubricItem.objects.filter(version=version, code__in=CODES).order_by("sort_order").first()
    assert item is not None
    return [house.visit.pk, item.pk]


def _seen_version(house: House) -> int:
    return ItemCheck.objects.get(inspection=house.visit, item=house.item).version


def _pad(cast: Cast, house: House) -> dict[str, Any]:
    rule = house.item.rules.order_by("number").first()
    assert rule is not None
    return {
        "version": _seen_version(house),
        f"count-{rule.pk}": 2,
        f"fact-{rule.pk}": "两名党员未系安全带",
        f"severity-{rule.pk}": "minor",
        f"kind-{rule.pk}": "fix_by_date",
    }


def _api_pad(cast: Cast, house: House) -> dict[str, Any]:
    rule = house.item.rules.order_by("number").first()
    assert rule is not None
    line = {
        "rule": rule.pk,
        "count": 2,
        "fact": "两名党员未系安全带",
        "severity": "minor",
        "kind": "fix_by_date",
    }
    return {"version": _seen_version(house), "lines": [line]}


PAGES: dict[str, Ask] = {
    "turnouts": Ask("officer", "servicecrew:turnouts"),
    "crew figures": Ask("leader", "servicecrew:figures"),
    "135 board": Ask("leader", "dashboard:board"),
    "135 board, public": Ask("employee", "dashboard:board-public"),
    "programmes": Ask("secretary_a", "servicecrew:programmes"),
    "api turnouts": Ask("captain", "api:turnout-list"),
    "home (secretary)": Ask("secretary_a", "dashboard:home"),
    "home (inspector)": Ask("inspector", "dashboard:home"),
    "home (employee)": Ask("employee", "dashboard:home"),
    "home (captain) = three buttons": Ask("captain", "servicecrew:home"),
    "home (auditor) = audit": Ask("auditor", "audit:list"),
    "home (security administrator) = grants": Ask("secadmin", "branches:grant-list"),
    "home (system administrator) = machinery": Ask("sysadmin", "notifications:machinery"),
    "home (officer) = round, inspecting": Ask("officer", "evaluations:round", _july),
    "home (leader) = round, inspecting": Ask("leader", "evaluations:round", _july),
    "round, published": Ask("officer", "evaluations:round", _june),
    "round, teams": Ask("officer", "evaluations:round-teams", _july),
    "round, pairing": Ask("officer", "evaluations:round-pairing", _july),
    "round, visit": Ask("officer", "evaluations:round-reassign", _planned),
    "round, bonus and veto": Ask("officer", "evaluations:round-adjust", _of_july),
    "round, calendar": Ask("officer", "evaluations:round-calendar", _july),
    "round, words": Ask("officer", "evaluations:round-words", _july),
    "policies": Ask("officer", "evaluations:policies"),
    "what-if": Ask("officer", "evaluations:what-if", _june),
    "what-if, a month": Ask("officer", "evaluations:what-if-month", _june),
    "own severity": Ask("secretary_a", "evaluations:own-severity"),
    "ranking, published": Ask("secretary_a", "evaluations:ranking", _june),
    "ranking, published (officer)": Ask("officer", "evaluations:ranking", _june),
    "ranking, published (employee)": Ask("employee", "evaluations:ranking", _june),
    "ranking with a branch's why": Ask(
        "secretary_a",
        "evaluations:ranking",
        _june,
        query=lambda cast, house: {"branch": cast.branch_a.pk},
    ),
    "score": Ask(
        "secretary_a", "evaluations:score", lambda cast, house: [house.june.pk, cast.branch_a.pk]
    ),
    "bulletins": Ask("employee", "evaluations:bulletins"),
    "bulletin": Ask("employee", "evaluations:bulletin", _june),
    "bulletin (secretary)": Ask("secretary_a", "evaluations:bulletin", _june),
    "bulletin (officer)": Ask("officer", "evaluations:bulletin", _june),
    "sheets": Ask("inspector", "evaluations:sheets"),
    "sheet": Ask("inspector", "evaluations:sheet", _visit),
    "sheet item": Ask("inspector", "evaluations:sheet-item", _item),
    "sheet item, with records": Ask("inspector", "evaluations:sheet-item", _item_with_records),
    "sheet item, save": Ask(
        "inspector",
        "evaluations:sheet-item",
        _item,
        method="POST",
        body=_pad,
        headers={"Accept": "application/json"},
    ),
    "sheet summary": Ask("inspector", "evaluations:sheet-summary", _visit),
    "notices": Ask("officer", "evaluations:notice-list"),
    "notice": Ask("secretary_a", "evaluations:notice-detail", lambda c, h: [h.notice.pk]),
    "findings": Ask("secretary_a", "evaluations:finding-list"),
    "findings (officer)": Ask("officer", "evaluations:finding-list"),
    "finding": Ask("secretary_a", "evaluations:finding-detail", lambda c, h: [h.to_fix.pk]),
    "notice (officer)": Ask("officer", "evaluations:notice-detail", lambda c, h: [h.notice.pk]),
    "notice, draft": Ask("leader", "evaluations:notice-detail", lambda c, h: [h.draft_notice.pk]),
    "notice, own words": Ask(
        "leader",
        "evaluations:notice-detail",
        lambda c, h: [h.draft_notice.pk],
        first=lambda c, h: RectificationNotice.objects.filter(pk=h.draft_notice.pk).update(
            edited_by=c.leader
        ),
    ),
    "finding (officer)": Ask("officer", "evaluations:finding-detail", lambda c, h: [h.to_fix.pk]),
    "finding, to look back at": Ask(
        "inspector", "evaluations:finding-detail", lambda c, h: [h.reported.pk]
    ),
    "appeals": Ask("officer", "evaluations:appeal-list"),
    "appeal": Ask("secretary_a", "evaluations:appeal-detail", lambda c, h: [h.appeal.pk]),
    "appeal (officer)": Ask("officer", "evaluations:appeal-detail", lambda c, h: [h.appeal.pk]),
    "branches": Ask("officer", "branches:list"),
    "branch": Ask("secretary_a", "branches:detail", _branch),
    "members": Ask("secretary_a", "branches:members", _branch),
    "people": Ask("officer", "branches:person-list"),
    "records": Ask("secretary_a", "branches:record-list", _branch),
    "record": Ask("secretary_a", "branches:record-detail", lambda c, h: [h.activity.pk]),
    "record, new": Ask("secretary_a", "branches:record-create", _branch),
    "roster": Ask("secretary_a", "branches:roster", _branch),
    "branch calendar": Ask("secretary_a", "branches:calendar", _branch),
    "meeting": Ask("officer", "evaluations:meeting", _june),
    "meeting (leader)": Ask("leader", "evaluations:meeting", _june),
    "meeting, opening": Ask("officer", "evaluations:meeting-opening", _june),
    "meeting, board": Ask("officer", "evaluations:meeting-board", lambda c, h: [h.june.pk, 1]),
    "meeting, branch": Ask("officer", "evaluations:meeting-screen", _june_stop),
    "meeting, closing": Ask("officer", "evaluations:meeting-closing", _june),
    "meeting, minutes": Ask("officer", "evaluations:meeting-minutes", _june),
    "appraisals": Ask("officer", "evaluations:appraisals", _june),
    "appraisals, inspecting": Ask("officer", "evaluations:appraisals", _july),
    "appraisal": Ask("secretary_a", "evaluations:appraisal", _june_stop),
    "appraisal, inspecting": Ask("secretary_a", "evaluations:appraisal", _july_stop),
    "appraisal (officer)": Ask("officer", "evaluations:appraisal", _june_stop),
    "own appraisals": Ask("secretary_a", "evaluations:appraisal-index"),
    "rubrics": Ask("employee", "evaluations:rubric-list"),
    "rubrics (officer)": Ask("officer", "evaluations:rubric-list"),
    "rubric version": Ask("employee", "evaluations:rubric-version", lambda c, h: [h.in_force.pk]),
    "rubric version (officer)": Ask("officer", "evaluations:rubric-version", _drafted),
    "rubric difference": Ask("officer", "evaluations:rubric-difference", _drafted),
    "rubric draft": Ask("officer", "evaluations:rubric-edit", _drafted),
    "rubric draft, item": Ask("officer", "evaluations:rubric-item", _drafted_item),
    "rubric draft, frame": Ask("officer", "evaluations:rubric-frame", _drafted),
    "rubric draft, activate": Ask("officer", "evaluations:rubric-activate", _drafted),
    "rubric import": Ask(
        "officer", "evaluations:rubric-import-preview", lambda c, h: [h.rubric.pk]
    ),
    "about papers": Ask("employee", "evaluations:papers"),
    "archive": Ask("officer", "evaluations:archive"),
    "archive, search": Ask("officer", "evaluations:archive", query=lambda c, h: {"q": "党支部"}),
    "batch": Ask("officer", "evaluations:batch", lambda c, h: [h.batch.pk]),
    "inbox": Ask("secretary_a", "notifications:inbox"),
    "search": Ask("officer", "dashboard:search", query=lambda c, h: {"q": "党支部"}),
    "api branches": Ask("officer", "api:branch-list"),
    "api activities": Ask("secretary_a", "api:activity-list"),
    "api rounds": Ask("officer", "api:round-list"),
    "api participants": Ask("officer", "api:round-participants", _july),
    "api sheets": Ask("officer", "api:sheet-list"),
    "api sheet items": Ask("inspector", "api:sheet-items", _visit),
    "api sheet item, save": Ask(
        "inspector", "api:sheet-save-item", _item, method="PUT", body=_api_pad
    ),
    "api findings": Ask("officer", "api:finding-list"),
    "api rankings": Ask("officer", "api:ranking-list"),
    "api notices": Ask("officer", "api:notice-list"),
    "api rubric versions": Ask("officer", "api:rubric-version-list"),
    "api messages": Ask("secretary_a", "api:message-list"),
    "api audit": Ask("auditor", "api:audit-list"),
    # requests
    "listening board": Ask("employee", "feedback:board"),
    "my requests": Ask("employee", "feedback:mine"),
    "request (author)": Ask("employee", "feedback:request", lambda c, h: [h.listening.assigned.pk]),
    "request (officer)": Ask("officer", "feedback:request", lambda c, h: [h.listening.assigned.pk]),
    "requests in hand": Ask("handler", "feedback:hands"),
    "request (handler)": Ask("handler", "feedback:request", lambda c, h: [h.listening.assigned.pk]),
    "requests ledger": Ask("officer", "feedback:ledger"),
    "requests ledger, search": Ask("officer", "feedback:ledger", query=lambda c, h: {"q": "车位"}),
    "promises": Ask("leader", "feedback:promises"),
    "sessions": Ask("employee", "feedback:sessions"),
    "session": Ask("employee", "feedback:session", lambda c, h: [h.listening.session.pk]),
    "say": Ask("employee", "feedback:say"),
    "api requests": Ask("officer", "api:request-list"),
    "api board": Ask("employee", "api:board"),
}
# Asked while a team that July's draw counted on has dropped out.
DROPPED_OUT_PAGES: dict[str, Ask] = {
    "round, pairing to be mended": Ask("officer", "evaluations:round-pairing", _july),
}
# Asked after July's inspection is closed.
PROVISIONAL_PAGES: dict[str, Ask] = {
    "turnouts": Ask("officer", "servicecrew:turnouts"),
    "crew figures": Ask("leader", "servicecrew:figures"),
    "135 board": Ask("leader", "dashboard:board"),
    "135 board, public": Ask("employee", "dashboard:board-public"),
    "programmes": Ask("secretary_a", "servicecrew:programmes"),
    "api turnouts": Ask("captain", "api:turnout-list"),
    "ranking, provisional": Ask("secretary_a", "evaluations:ranking", _july),
    "ranking, provisional (officer)": Ask("officer", "evaluations:ranking", _july),
    "score, provisional": Ask(
        "secretary_a", "evaluations:score", lambda cast, house: [house.july.pk, cast.branch_a.pk]
    ),
    "round, provisional": Ask("officer", "evaluations:round", _july),
    "bulletin, provisional": Ask("officer", "evaluations:bulletin", _july),
    "bulletin, provisional, text": Ask("officer", "evaluations:bulletin-edit", _july),
}


def queries_of(ask: Ask, cast: Cast, house: House) -> list[str]:
    """The queries of the second of two equal requests; nothing of either stays."""
    client = Client()
    client.force_login(cast.users.get(ask.role) or User.objects.get(username=ask.role))
    path = reverse(ask.route, args=ask.arguments(cast, house))
    data = ask.query(cast, house) if ask.method == "GET" else ask.body(cast, house)
    form = {} if ask.method != "PUT" else {"content_type": "application/json"}
    send = getattr(client, ask.method.lower())
    with transaction.atomic():
        ask.first(cast, house)
        for _request in range(2):
            with transaction.atomic():
                with CaptureQueriesContext(connection) as caught:
                    answer = send(path, data, headers=ask.headers, **form)
                transaction.set_rollback(True)
            assert answer.status_code == 200, f"{ask.method} {path}: {answer.status_code}"
        transaction.set_rollback(True)
    return [q["sql"] for q in caught if not q["sql"].startswith(_NOT_A_QUERY)]


def measured(cast: Cast, house: House) -> dict[str, list[str]]:
    """The queries of every page of the ledger."""
    found = {name: queries_of(ask, cast, house) for name, ask in PAGES.items()}
    with transaction.atomic():
        _drop_out(cast, house)
        found |= {name: queries_of(ask, cast, house) for name, ask in DROPPED_OUT_PAGES.items()}
        transaction.set_rollback(True)
    _close_july(cast, house)
    return found | {name: queries_of(ask, cast, house) for name, ask in PROVISIONAL_PAGES.items()}


def _drop_out(cast: Cast, house: House) -> None:
    pairing.draw_round(round_id=house.july.pk, actor=cast.officer, now=TODAY_AT)
    pairing.drop_out(
        round_id=house.july.pk,
        branch=cast.branch_b,
        reason="迎审",
        actor=cast.officer,
        now=TODAY_AT,
    )


def _close_july(cast: Cast, house: House) -> None:
    sheets.confirm_sheet(inspection_id=house.submitted.pk, actor=cast.secretary_a, now=TODAY_AT)
    rounds.close_inspection(
        round_id=house.july.pk, reason="检查提前结束", actor=cast.officer, now=TODAY_AT
    )
    house.july = MonthRound.objects.get(pk=house.july.pk)


_small: dict[str, list[str]] = {}


@pytest.fixture
def small(request: pytest.FixtureRequest) -> dict[str, list[str]]:
    """Asked once per process."""
    if not _small:
        cast = request.getfixturevalue("cast")
        request.getfixturevalue("house_clock")
        _small.update(measured(cast, kept("permissions: house", lambda: build(cast))))
    return _small


@pytest.fixture
def big(cast: Cast, house_clock: object) -> dict[str, list[str]]:
    return measured(cast, kept("ledger: grown", lambda: grown(cast)))


def numbers(found: dict[str, list[str]]) -> dict[str, int]:
    return {name: len(queries) for name, queries in found.items()}


def test_the_ledger_is_true(small: dict[str, list[str]]) -> None:
    found = numbers(small)
    if REWRITE:
        LEDGER.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    written = json.loads(LEDGER.read_text()) if LEDGER.exists() else {}
    differences = [
        f"{name}: {written.get(name, 'not written')} -> {found.get(name, 'not asked')}"
        for name in sorted(written | found)
        if written.get(name) != found.get(name)
    ]
    assert not differences, (
        "Pages ask another number of queries than tests/ledger/queries.json says (if that is"
        " meant, run again with REWRITE_LEDGERS=1):\n" + "\n".join(differences)
    )


def test_what_is_promised_is_kept(small: dict[str, list[str]]) -> None:
    over = [
        f"{name}: {len(small[name])} queries, promised {limit}:\n" + "\n".join(small[name])
        for name, limit in LIMITS.items()
        if len(small[name]) > limit
    ]
    assert not over, "\n\n".join(over)


# Lists that are empty in the cast: a page of no rows is counted, not fetched.
FIRST_ROWS = {"listening board": 1, "api board": 1}


def test_twice_the_rows_cost_no_more_queries(big: dict[str, list[str]]) -> None:
    written = json.loads(LEDGER.read_text())
    grew = [
        f"{name}: {written[name]} at the size of the cast, {len(queries)} with more rows:\n"
        + "\n".join(queries)
        for name, queries in big.items()
        if len(queries) > written[name] + FIRST_ROWS.get(name, 0)
    ]
    assert not grew, "\n\n".join(grew)
