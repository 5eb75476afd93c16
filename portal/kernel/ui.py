"""What the components in ``templates/components`` draw, as frozen values.

Selectors may return these directly; a template may also be given any object with the same
attribute names. Nothing here knows the database. See ``docs/components.md``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

State = Literal["late", "soon", "doing", "idle", "done", "makeup"]

# Sort order everywhere: what needs somebody first.
STATE_ORDER: tuple[State, ...] = ("late", "soon", "doing", "idle", "makeup", "done")
STATE_ICONS: dict[str, str] = {
    "late": "alert-circle",
    "soon": "clock",
    "done": "circle-check",
    "doing": "progress",
    "idle": "circle-dashed",
    "makeup": "history",
}


@dataclass(frozen=True, slots=True)
class Status:
    """Icon + word + days. ``icon`` replaces the state's own."""

    state: State
    text: Any
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Crumb:
    label: Any
    url: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """``state``: done, current, beside (runs alongside, dashed) or todo."""

    name: Any
    note: Any = ""
    state: Literal["done", "current", "beside", "todo"] = "todo"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to do. Shrinks to one line when its status is done."""

    title: Any
    status: Status
    code: str = ""
    is_key: bool = False
    line: Any = ""
    due: dt.date | dt.datetime | None = None
    action: Any = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class DutyGroup:
    """A counted header ("逾期 1") and its rows."""

    label: Any
    rows: Sequence[Duty]
    state: State | Literal[""] = ""
    note: Any = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week strip; at most two lines."""

    day: dt.date
    lines: Sequence[Any] = ()
    is_today: bool = False
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class Deduction:
    """One row of "why": ``points`` holds one (negative) value per team, in the teams' order."""

    code: str
    name: Any
    points: Sequence[Decimal | None]
    is_key: bool = False
    brief: Any = ""
    fact: Any = ""
    rule: Any = ""
    evidence: Any = ""
    evidence_url: str = ""
    inspector: Any = ""
    appeal_url: str = ""
    appeal_note: Any = ""
    appeal_status: Status | None = None
    correct_urls: Sequence[tuple[Any, str]] = ()
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Team:
    """A team that visited, with what it gave."""

    name: Any
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a sum, as it is printed. ``is_change``: it is added or taken away."""

    label: Any
    text: str
    is_change: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """A score with its why. ``value`` is None where nobody inspected; everything else may be
    missing. ``terms``: what makes the value of the teams' mean, in its order."""

    value: Decimal | None
    error: Decimal | None = None
    full: Decimal = Decimal(100)
    rank_line: Any = ""
    range_line: Any = ""
    teams: Sequence[Team] = ()
    raw_mean: Decimal | None = None
    terms: Sequence[Term] = ()
    words: Any = ""
    deductions: Sequence[Deduction] = ()
    hidden: int = 0
    hidden_points: Sequence[Decimal] = ()
    hidden_url: str = ""
    bonus: Sequence[Deduction] = ()
    totals_label: Any = ""
    totals: Sequence[Decimal] = ()
    key_sentence: Any = ""
    key_ok: bool = True


@dataclass(frozen=True, slots=True)
class RankRow:
    """``low``/``high``: possible ranks within the error; ``raw_rank``: rank by raw score."""

    rank: int
    name: Any
    score: Decimal
    note: Any = ""
    low: int | None = None
    high: int | None = None
    raw_rank: int | None = None
    error: Decimal | None = None
    score_line: Any = ""
    moved: int | None = None
    change_line: Any = ""
    is_clear: bool = False
    is_own: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class RankBand:
    label: Any
    note: Any
    rows: Sequence[RankRow]


@dataclass(frozen=True, slots=True)
class Severity:
    """How far a team's marks lie from those of others at the same branches."""

    team: Any
    value: Decimal
    name: Any = ""
    visits: int | None = None
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the matrix: code, up to two short lines; ``starts_block`` draws a line."""

    code: str
    lines: Sequence[Any] = ()
    is_key: bool = False
    starts_block: bool = False
    title: Any = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """``state`` done draws a tick, "na" a dash, "plan" a bare blue word, else a chip.

    ``text`` is what is seen, ``hidden`` what a screen reader says instead of a symbol.
    """

    state: State | Literal["na", "plan"]
    text: Any = ""
    hidden: Any = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    name: Any
    cells: Sequence[Cell]
    missing: int
    url: str = ""
    indent: bool = False


@dataclass(frozen=True, slots=True)
class MatrixGroup:
    label: Any
    rows: Sequence[MatrixRow]
    note: Any = ""


@dataclass(frozen=True, slots=True)
class Matrix:
    columns: Sequence[Column]
    groups: Sequence[MatrixGroup]
    head: Any = "支部"
    missing_head: Any = "缺"
    caption: Any = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a timeline. ``is_promised`` draws it dashed."""

    when: dt.date | dt.datetime | str
    text: Any
    who: Any = ""
    note: Any = ""
    is_promised: bool = False
    state: State | Literal[""] = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit, its definition and a link to its rows."""

    label: Any
    value: Any
    unit: Any = ""
    note: Any = ""
    url: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    label: Any
    url: str
    count: Any = ""
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """One item of the pad's progress: plain, deducted, current or todo."""

    state: Literal["plain", "deducted", "current", "todo"]


@dataclass(frozen=True, slots=True)
class Series:
    """One line or bar set of a chart; None leaves a gap."""

    name: str
    values: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Read by static/js/charts.js; the table twin is drawn from the same values."""

    kind: Literal["trend", "bars", "radar"]
    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    source: str = ""
    minimum: float | None = None
    maximum: float | None = None
    maxima: Sequence[float] = field(default_factory=tuple)
