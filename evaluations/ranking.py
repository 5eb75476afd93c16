"""The standing of a month, computed by the database in one statement (``evaluations/sql``).

Pages show :func:`provisional`; publication inserts exactly the same rows. Python only hands
over the numbers that the policy and the calendar give.
"""

# ruff: noqa: S608 - the statements are files and constants of ours; values are parameters
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from branches.models import BranchType, Tier
from evaluations import calibration
from evaluations.lifecycles import RoundStatus
from evaluations.models import MonthRound, RankingBasis, RankingEntry
from portal.kernel.marks import HUNDREDTH

ANY_DAY = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
SQL_DIR = Path(__file__).parent / "sql"
MARKS = frozenset(
    {"correction", "other_total", "base", "bonus", "cap", "total", "key_marks", "previous_total"}
)

# What these files compute, a publication reads from temporary tables of its own, which have
# statistics. (The entries it has just written have none yet: joining to them took minutes.)
KEPT = {
    "loss.sql": "loss AS NOT MATERIALIZED (SELECT * FROM publication_losses)",
    "same_rule.sql": "same_rule AS NOT MATERIALIZED (SELECT * FROM publication_rules)",
}

# The columns of ``standing``, in the order in which publication inserts them.
COLUMNS = (
    "participant_id",
    "branch_id",
    "tier",
    "branch_type",
    "group_key",
    "secretary_id",
    "secretary_mode",
    "visits",
    "base",
    "bonus",
    "cap",
    "total",
    "key_marks",
    "open_findings",
    "band",
    "rank",
    "group_size",
    "unranked_reason",
    "previous_total",
    "previous_rank",
    "correction",
)


# What is read beside them: the total and place on the basis that is not official.
BESIDE = ("other_total", "other_rank")
# What was kept with the month before, to tell a change from chance.
EARLIER = ("total", "se", "raw_total", "raw_se")


class Sure(Protocol):
    """A total on either basis with its error, all in marks."""

    @property
    def total(self) -> Decimal: ...
    @property
    def se(self) -> Decimal: ...
    @property
    def raw_total(self) -> Decimal: ...
    @property
    def raw_se(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Earlier:
    """A branch's corrected score of the last published month. A :class:`Sure`."""

    total: Decimal
    se: Decimal
    raw_total: Decimal
    raw_se: Decimal


@dataclass(frozen=True, slots=True)
class StandingRow:
    """One participant's line: what would be published now. Names as in RankingEntry."""

    participant_id: int
    branch_id: int
    tier: str
    branch_type: str
    group_key: str
    secretary_id: int | None
    secretary_mode: str
    visits: int
    base: Decimal | None
    bonus: Decimal
    cap: Decimal | None
    total: Decimal | None
    key_marks: Decimal | None
    open_findings: int
    band: str
    rank: int | None
    group_size: int
    unranked_reason: str
    previous_total: Decimal | None
    previous_rank: int | None
    correction: Decimal | None
    other_total: Decimal | None
    other_rank: int | None
    parent_id: int | None
    branch_name: str
    branch_short_name: str
    earlier: Earlier | None = None

    @property
    def rise(self) -> Decimal | None:
        """Change of the total since the last published month."""
        if self.total is None or self.previous_total is None:
            return None
        return self.total - self.previous_total

    @property
    def places_gained(self) -> int | None:
        """Places won (positive) or lost since the last published month."""
        if self.rank is None or self.previous_rank is None:
            return None
        return self.previous_rank - self.rank

    @property
    def is_capped(self) -> bool:
        if self.cap is None or self.base is None:
            return False
        return self.base + (self.correction or 0) + self.bonus > self.cap

    @property
    def unranked_label(self) -> str:
        """Why the branch is only listed, in words; empty when it is ranked."""
        if not self.unranked_reason:
            return ""
        return str(RankingEntry.Unranked(self.unranked_reason).label)


@dataclass(frozen=True, slots=True)
class KeyFailure:
    """Failed key work of one branch: item, the rule that tripped, marks and facts."""

    participant_id: int
    branch_id: int
    item_id: int
    trigger: str
    marks: Decimal
    full_marks: Decimal
    facts: str


def provisional(round_: MonthRound) -> list[StandingRow]:
    """What would be published now: every participant, by group, in order of rank; those only
    listed follow. One statement, after what it takes to correct the marks."""
    return standing_rows(standing_parameters(round_))


def standing_rows(
    parameters: Mapping[str, Any], *, kept: bool = False, with_earlier: bool = False
) -> list[StandingRow]:
    """The standing for the given parameters, on whatever basis they say."""
    with connection.cursor() as cursor:
        cursor.execute(standing_query(kept=kept, with_earlier=with_earlier), parameters)
        return rows_from(cursor.fetchall())


def standing_query(
    *, kept: bool = False, vendor: str | None = None, with_earlier: bool = False
) -> str:
    """The statement behind :func:`standing_rows`."""
    columns = [f"s.{name}" for name in (*COLUMNS, *BESIDE)]
    columns += ["p.parent_id", "b.name", "b.short_name"]
    join = ""
    if with_earlier:
        columns += [f"c.{name}" for name in EARLIER]
        join = (
            "LEFT JOIN evaluations_correctedscore c "
            "ON c.run_id = %(previous_run_id)s AND c.branch_id = s.branch_id "
        )
    return (
        statement("standing.sql", kept=kept, vendor=vendor) + f"SELECT {', '.join(columns)} "
        "FROM standing s JOIN branches_branch b ON b.id = s.branch_id "
        f"JOIN evaluations_roundparticipant p ON p.id = s.participant_id {join}"
        "ORDER BY s.group_key, CASE WHEN s.rank IS NULL THEN 1 ELSE 0 END, s.rank, "
        "b.sort_order, b.id"
    )


def rows_from(rows: Iterable[tuple[Any, ...]]) -> list[StandingRow]:
    """What :func:`standing_query` gives, with marks as Decimals."""
    names = (*COLUMNS, *BESIDE, "", "", "")
    many = len(names)
    return [StandingRow(*[*_marks(names, row[:many]), _earlier(row[many:])]) for row in rows]


def _earlier(hundredths: tuple[Any, ...]) -> Earlier | None:
    if not hundredths or hundredths[0] is None:
        return None
    return Earlier(*(_mark(value) for value in hundredths))


def key_failures(
    round_: MonthRound, before: Iterable[int] | None = None, until: dt.datetime | None = None
) -> list[KeyFailure]:
    """Failed key work as publication would put it into draft notices, with what was upheld
    ``until`` then. One statement, where ``before`` (:func:`months_before`) has been read."""
    with connection.cursor() as cursor:
        cursor.execute(statement("key_failures.sql"), failure_parameters(round_, before, until))
        rows = cursor.fetchall()
    return [
        KeyFailure(p, b, i, trigger, _mark(got), _mark(full), facts)
        for p, b, i, trigger, got, full, facts in rows
    ]


def sheet_scores(round_: MonthRound, participant_id: int, until: dt.datetime) -> dict[int, Decimal]:
    """What the sheets of a branch score with what was upheld ``until`` then, by sheet."""
    parameters = {**round_parameters(round_, until), "participant_id": participant_id}
    with connection.cursor() as cursor:
        cursor.execute(statement("sheet_scores.sql"), parameters)
        return {sheet: _mark(base) for sheet, base in cursor.fetchall()}


def group_label(group_key: str) -> str:
    """``production`` -> 生产（服务）型; ``branch:production`` -> 党支部·生产（服务）型."""
    tier, _colon, branch_type = group_key.rpartition(":")
    name = str(BranchType(branch_type).label)
    return f"{Tier(tier).label}·{name}" if tier else name


# -- statements ---------------------------------------------------------------------------


def with_standing(*, kept: bool = False) -> str:
    """The WITH clause that ends in ``standing``; a SELECT or nothing else must follow it."""
    return statement("standing.sql", kept=kept)


def statement(name: str, *, kept: bool = False, vendor: str | None = None) -> str:
    """A file of ``evaluations/sql`` with its includes, in the words of ``vendor`` or of the
    database in use.

    ``kept``: what a publication has already worked out is read from where it keeps it.
    """
    return _statement(name, kept, vendor or connection.vendor)


@cache
def _statement(name: str, kept: bool, vendor: str) -> str:
    text = "\n".join(_lines_of(name, kept)) + "\n"
    text = text.replace("JSON_PAIRS(", "json_each(" if vendor == "sqlite" else "jsonb_each_text(")
    if vendor == "sqlite":  # STRING_AGG is an alias there from 3.44 on only
        text = text.replace("STRING_AGG(", "GROUP_CONCAT(")
    return text


def _lines_of(name: str, kept: bool) -> Iterator[str]:
    """The lines of a file. Comments go: a quotation mark or a per cent sign in one would be
    read as SQL."""
    if kept and name in KEPT:
        yield KEPT[name]
        return
    for line in (SQL_DIR / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("-- include: "):
            yield from _lines_of(line.removeprefix("-- include: "), kept)
        elif not line.lstrip().startswith("--"):
            yield line


def standing_parameters(round_: MonthRound) -> dict[str, Any]:
    """What standing.sql must be told: policy, calendar, and which earlier runs to look at.
    A round read through ``with_runs()`` answers the last without a query."""
    return parameters_with(round_, calibration.month_fit(round_))


def parameters_with(round_: MonthRound, found: calibration.MonthFit | None) -> dict[str, Any]:
    """The same, when the correction is at hand."""
    policy = round_.policy
    read: Any = round_
    if not hasattr(read, "previous_run_pk"):
        read = MonthRound.objects.with_runs().get(pk=round_.pk)
    return {
        **round_parameters(round_),
        "month": connection.ops.adapt_datefield_value(round_.month),
        "own_share": policy.own_share_percent,
        "by_tier": int(policy.ranking_basis == RankingBasis.TIER_TYPE),
        "min_group": policy.min_group_size,
        "previous_run_id": read.previous_run_pk or 0,
        "first_run_id": read.first_run_pk or 0,
        **calibration.standing_corrections(round_, found),
    }


def months_before(round_: MonthRound) -> QuerySet[MonthRound, int]:
    """The last two months, where they are published, by key."""
    return MonthRound.objects.filter(
        committee_id=round_.committee_id,
        status=RoundStatus.PUBLISHED,
        month__in=(round_.period.plus(-1).first_day, round_.period.plus(-2).first_day),
    ).values_list("pk", flat=True)


def failure_parameters(
    round_: MonthRound, before: Iterable[int] | None = None, until: dt.datetime | None = None
) -> dict[str, Any]:
    """What failures.sql must be told, with the few words that join facts to a text."""
    ids = sorted(months_before(round_) if before is None else before)
    if len(ids) < 2:  # both months or neither: "three months running" has no gaps
        ids = [0, 0]
    return {
        **round_parameters(round_, until),
        "fail_percent": round_.policy.key_fail_percent,
        "month_before_id": ids[0],
        "month_before_that_id": ids[1],
        **fact_words(),
    }


def round_parameters(round_: MonthRound, until: dt.datetime | None = None) -> dict[str, Any]:
    """What round.sql and taken.sql must be told. ``until``: the publication that is asked for;
    None counts everything that was upheld to this day."""
    month = round_.period
    return {
        "decided_until": connection.ops.adapt_datetimefield_value(until or ANY_DAY),
        "round_id": round_.pk,
        "ends_quarter": int(month.ends_quarter),
        "ends_half_year": int(month.ends_half_year),
        "ends_year": int(month.number == 12),
    }


def fact_words() -> Mapping[str, str]:
    """The words around numbers in the facts of a notice: "规则2项，扣4分：事实（第1组）"."""
    before_team, after_team = _("第{number}组").split("{number}")
    return {
        "word_once": "次",  # units as the rubrics write them: 次, 每项, 每人次
        "word_each": "每",
        "word_taken": _("，扣"),
        "word_marks": _("分"),
        "word_open": "（",
        "word_close": "）",
        "word_colon": "：",
        "word_team": before_team,
        "word_group": after_team,
        "word_falsified": _("弄虚作假，本项计0分"),
        "line_break": "\n",
    }


def _marks(names: tuple[str, ...], row: tuple[Any, ...]) -> list[Any]:
    """Turn the hundredths of a row into Decimals."""
    return [
        _mark(value) if name in MARKS and value is not None else value
        for name, value in zip(names, row, strict=True)
    ]


def _mark(hundredths: int) -> Decimal:
    return (Decimal(hundredths) / 100).quantize(HUNDREDTH)
