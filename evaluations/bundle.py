"""A published month as a file, and the same month worked out again from the file alone.

The bundle holds what went in: rubrics, dated facts, sheets, appeals decided by then, the totals
of the month before. :func:`recompute` puts it into an empty SQLite in memory, fits and ranks
with the code of today, and gives the digest that comes out. Nothing of the result is read back,
but for the count of open findings, which was a fact of the day.
"""

# ruff: noqa: S608 - names of tables and columns are constants of ours; values are parameters
from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from evaluations import calibration, chain
from evaluations.models import EvaluationPolicy, MonthRound, RankingRun
from evaluations.ranking import (
    COLUMNS,
    parameters_with,
    round_parameters,
    rows_from,
    standing_query,
    statement,
)
from evaluations.services.corrections import calibration_of, corrected_scores, team_severities
from portal.kernel.errors import DomainError
from portal.kernel.marks import to_hundredths
from portal.kernel.months import Month

FORMAT = "month-1"
POLICY = ("ranking_basis", "official_basis", "min_group_size", "own_share_percent")
RUN = ("sequence", "round_id", "revision", "entry_count", "previous_digest", "digest")

# Table -> (columns, which rows). Words people wrote stay at home, except where a rule needs them.
_OF_ROUND = "round_id = %(round)s"
_OF_PARTICIPANT = (
    "participant_id IN (SELECT id FROM evaluations_roundparticipant WHERE round_id = %(round)s)"
)
_OF_SHEET = "inspection_id IN (SELECT id FROM evaluations_inspection WHERE round_id = %(round)s)"
_VERSIONS = "SELECT rubric_version_id FROM evaluations_roundparticipant WHERE round_id = %(round)s"
_OF_VERSION = f"version_id IN ({_VERSIONS})"
_OF_ITEM = f"item_id IN (SELECT id FROM evaluations_rubricitem WHERE {_OF_VERSION})"
TABLES: Mapping[str, tuple[str, str]] = {
    "evaluations_roundparticipant": (
        "id round_id branch_id parent_id tier branch_type rubric_version_id secretary_id "
        "secretary_mode is_exempt has_committee group_count",
        _OF_ROUND,
    ),
    "branches_branch": (
        "id name short_name sort_order",
        "id IN (SELECT branch_id FROM evaluations_roundparticipant WHERE round_id = %(round)s)",
    ),
    "evaluations_rubricversion": ("id not_due_policy bonus_cap", f"id IN ({_VERSIONS})"),
    "evaluations_rubricitem": (
        "id version_id full_marks applies_when is_key_work frequency",
        _OF_VERSION,
    ),
    "evaluations_band": ("id version_id name floor", _OF_VERSION),
    "evaluations_deductionrule": ("id item_id number points takes_all", _OF_ITEM),
    "evaluations_vetorule": ("id version_id cap zeroes_item", _OF_VERSION),
    "evaluations_inspection": ("id round_id participant_id team_id status score digest", _OF_ROUND),
    "evaluations_deduction": (
        "id inspection_id item_id rule_id count points severity",
        _OF_SHEET,
    ),
    "evaluations_itemcheck": ("id inspection_id item_id state", _OF_SHEET),
    "evaluations_vetoevent": ("id participant_id rule_id item_id", _OF_PARTICIPANT),
    "evaluations_bonusentry": ("id participant_id points", _OF_PARTICIPANT),
    "evaluations_scoreappeal": (
        "id deduction_id status count_after",
        "status = 'upheld' AND decided_at <= %(at)s AND deduction_id IN "
        f"(SELECT id FROM evaluations_deduction WHERE {_OF_SHEET})",
    ),
}
# What the statements name and a bundle has no rows for.
EMPTY = {
    "evaluations_finding": "id branch_id inspection_id status",
    "evaluations_monthround": "id month",
    "evaluations_rankingentry": f"run_id {' '.join(COLUMNS)}",
    "evaluations_runcalibration": "run_id basis model_version input_digest row_count",
    "evaluations_correctedscore": "run_id branch_id part raw correction withheld raw_total "
    "raw_rank raw_se total rank se tie_band rank_low rank_high reason",
    "evaluations_teamseverity": "run_id branch_id severity weight",
}
BEFORE, FIRST, NEW = -1, -2, -3  # keys of runs inside the bundle


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What came out, and how many entries and corrections that are."""

    digest: str
    expected: str
    entries: int
    corrected: int

    @property
    def agrees(self) -> bool:
        return self.digest == self.expected


def export(run: RankingRun) -> dict[str, Any]:
    """The bundle of a published run: plain JSON values only."""
    round_ = MonthRound.objects.select_related("policy").get(pk=run.round_id)
    at = run.published_at
    given = {"round": round_.pk, "at": connection.ops.adapt_datetimefield_value(at)}
    first = round_.runs.get(revision=1)
    before = (
        RankingRun.objects.filter(
            round__committee_id=round_.committee_id,
            round__month__lt=round_.month,
            sequence__lt=run.sequence,
        )
        .order_by("-round__month", "-revision")
        .first()
    )
    sheets = calibration.sheets_of(round_, as_of=at) if hasattr(run, "calibration") else None
    return {
        "format": FORMAT,
        "month": str(round_.period),
        "published_at": at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "run": {name: getattr(run, name) for name in RUN},
        "policy": {name: getattr(round_.policy, name) for name in POLICY},
        "tables": {
            name: _rows(
                f"SELECT {', '.join(columns.split())} FROM {name} WHERE {which} ORDER BY id", given
            )
            for name, (columns, which) in TABLES.items()
        },
        "before": _rows(
            "SELECT branch_id, total, rank FROM evaluations_rankingentry WHERE run_id = %(run)s "
            "ORDER BY branch_id",
            {"run": before.pk},
        )
        if before
        else None,
        "open_findings": _rows(
            "SELECT branch_id, open_findings FROM evaluations_rankingentry WHERE run_id = %(run)s "
            "ORDER BY branch_id",
            {"run": first.pk},
        ),
        "sheets": [
            [str(Month.of(m)), team, branch, group, f"{score:.2f}", int(contested), participant]
            for m, team, branch, group, score, contested, participant, _number, _name in sheets
        ]
        if sheets
        else None,
    }


def recompute(bundle: Mapping[str, Any]) -> Recomputed:
    """Work the month out again. Raises DomainError for a file that is no bundle."""
    if not isinstance(bundle, Mapping) or bundle.get("format") != FORMAT:
        raise DomainError(_("这不是月度数据包，或者版本不认识。"))
    round_ = _round(bundle)
    found = _fit(bundle, round_)
    parameters = {
        **round_parameters(round_),
        **parameters_with(round_, found),
        "decided_until": "9",  # a bundle has only what counted
    }
    database = sqlite3.connect(":memory:")
    try:
        for name, (columns, _which) in TABLES.items():
            _create(database, name, columns.split(), bundle["tables"][name])
        for name, text in EMPTY.items():
            _create(database, name, text.split(), [])
        # The statements read the words of a deduction too, for notices; here they are left out.
        database.execute("ALTER TABLE evaluations_deduction ADD COLUMN fact DEFAULT ''")
        database.execute("ALTER TABLE evaluations_scoreappeal ADD COLUMN decided_at DEFAULT ''")
        _earlier(database, bundle)
        rows = database.execute(_named(standing_query(vendor="sqlite")), parameters).fetchall()
        standing = rows_from(rows)
        count = database.execute(
            f"INSERT INTO evaluations_rankingentry (run_id, {', '.join(COLUMNS)}) "
            + _named(
                statement("standing.sql", vendor="sqlite")
                + statement("entries.sql", vendor="sqlite")
            ),
            {**parameters, "run_id": NEW},
        ).rowcount
        if found is not None:
            _corrections(database, round_, found, standing)
        lines = database.execute(
            _named(
                f"SELECT line FROM ({statement('chain_lines.sql', vendor='sqlite')}) l "
                "ORDER BY part, place"
            ),
            {"run_id": NEW, "round_id": round_.pk},
        )
        head = chain.header(_run(bundle, count))
        digest = chain.hash_lines(head, (row[0] for row in lines))
        corrected = database.execute("SELECT COUNT(*) FROM evaluations_correctedscore").fetchone()[
            0
        ]
    finally:
        database.close()
    return Recomputed(digest, bundle["run"]["digest"], count, corrected)


def _round(bundle: Mapping[str, Any]) -> MonthRound:
    """The round in memory, with the numbers of its policy and of the runs it refers to."""
    month = Month.parse(bundle["month"])
    round_ = MonthRound(
        pk=bundle["run"]["round_id"],
        month=month.first_day,
        policy=EvaluationPolicy(**bundle["policy"]),
    )
    read: Any = round_
    read.previous_run_pk = BEFORE if bundle["before"] is not None else None
    read.first_run_pk = FIRST
    return round_


def _run(bundle: Mapping[str, Any], entries: int) -> RankingRun:
    given = {**bundle["run"], "entry_count": entries}
    return RankingRun(**given, published_at=dt.datetime.fromisoformat(bundle["published_at"]))


def _fit(bundle: Mapping[str, Any], round_: MonthRound) -> calibration.MonthFit | None:
    if not bundle["sheets"]:
        return None
    sheets = [
        (
            Month.parse(month).first_day, team, branch, group, Decimal(score), bool(contested),
            participant, 0, "",
        )
        for month, team, branch, group, score, contested, participant in bundle["sheets"]
    ]  # fmt: skip
    return calibration.from_sheets(sheets, round_.month)


def _earlier(database: sqlite3.Connection, bundle: Mapping[str, Any]) -> None:
    """Last month's totals and places, and the open findings of the day."""
    database.executemany(
        "INSERT INTO evaluations_rankingentry (run_id, branch_id, total, rank) VALUES (?, ?, ?, ?)",
        [(BEFORE, *row) for row in bundle["before"] or []],
    )
    database.executemany(
        "INSERT INTO evaluations_rankingentry (run_id, branch_id, open_findings) VALUES (?, ?, ?)",
        [(FIRST, *row) for row in bundle["open_findings"]],
    )


def _corrections(
    database: sqlite3.Connection,
    round_: MonthRound,
    found: calibration.MonthFit,
    standing: Sequence[Any],
) -> None:
    scores = corrected_scores(round_, found, standing)
    kept = calibration_of(round_, found, scores, standing)
    for name, rows in (
        ("evaluations_runcalibration", [kept]),
        ("evaluations_correctedscore", scores),
        ("evaluations_teamseverity", team_severities(found)),
    ):
        columns = EMPTY[name].split()
        database.executemany(
            f"INSERT INTO {name} VALUES ({', '.join('?' for _c in columns)})",
            [[NEW, *(_stored(getattr(row, column)) for column in columns[1:])] for row in rows],
        )


def _stored(value: Any) -> Any:
    return to_hundredths(value) if isinstance(value, Decimal) else value


def _create(
    database: sqlite3.Connection, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    database.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
    database.executemany(
        f"INSERT INTO {name} VALUES ({', '.join('?' for _c in columns)})", [tuple(r) for r in rows]
    )


def _named(sql: str) -> str:
    """``%(name)s`` as sqlite3 has it: ``:name``."""
    return re.sub(r"%\((\w+)\)s", r":\1", sql)


def _rows(sql: str, parameters: Mapping[str, Any]) -> list[list[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [[int(v) if isinstance(v, bool) else v for v in row] for row in cursor.fetchall()]
