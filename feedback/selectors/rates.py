"""The four rates and the statistics behind the board, added up from rows.

Definitions (``domain.md`` 6; each stands one click from its number):

* 受理率: accepted ÷ received whose answer to "accepted?" is due or given
* 按时办结率: answered within the clock ÷ answered
* 整改率: carried out ÷ received (answered is not enough), one decimal, half up
* 满意率: solved or half solved ÷ rated; who did not rate stays out
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, Case, Count, ExpressionWrapper, Q, QuerySet, When
from django.utils.translation import gettext as _

from feedback.lifecycles import OPEN_STATUSES
from feedback.models import ListeningPolicy, StaffRequest
from feedback.querysets import late_on

if TYPE_CHECKING:
    from collections.abc import Collection

TAKEN = ("accepted", "assigned", "replied", "reopened", "appealed", "closed", "merged")


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its two counts. ``percent`` is None when nothing is counted yet. Where so few
    were counted that each could be known, ``is_hidden`` and both counts are 0. ``of`` names the
    whole, which is another one in each rate."""

    key: str
    label: str
    part: int
    whole: int
    definition: str
    is_hidden: bool = False
    of: str = ""

    @property
    def percent(self) -> Decimal | None:
        return percent(self.part, self.whole)


def percent(part: int, whole: int) -> Decimal | None:
    """One decimal, half up: 136 of 147 is 92.5."""
    if not whole:
        return None
    share = Decimal(part) * 100 / Decimal(whole)
    return share.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Counts:
    """What one set of requests adds up to."""

    received: int
    taken: int
    waiting: int
    declined: int
    answered: int
    in_time: int
    carried_out: int
    rated: int
    satisfied: int
    closed: int
    open: int
    confirming: int

    def rates(self, policy: ListeningPolicy | None = None) -> list[Rate]:
        """The four, defined by the clocks of ``policy`` and hidden where fewer were counted than
        its smallest cell; without one nothing is hidden."""
        clocks = policy or ListeningPolicy(smallest_cell=1)
        smallest = clocks.smallest_cell
        judged = self.received - self.waiting
        found = [
            Rate(
                "accepted",
                _("受理率"),
                self.taken,
                judged,
                _("受理 ÷ 已作受理决定的。刚收到、还没决定的不算；不予受理的另列，每件都有理由。"),
                of=_("已作受理决定"),
            ),
            Rate(
                "in_time",
                _("按时办结率"),
                self.in_time,
                self.answered,
                _("期限内答复 ÷ 已答复。一般 %(a)d 个、复杂 %(b)d 个工作日；只转给部门不算。")
                % {"a": clocks.ordinary_workdays, "b": clocks.complex_workdays},
                of=_("已答复"),
            ),
            Rate(
                "satisfied",
                _("满意率"),
                self.satisfied,
                self.rated,
                _("解决和解决一半 ÷ 已评价。没有评价的不计入。"),
                of=_("已评价"),
            ),
            Rate(
                "carried_out",
                _("整改率"),
                self.carried_out,
                self.received,
                _("真的改了的 ÷ 收到的全部，还在办的也算在内。答复了但没改的不算改了。"),
                of=_("收到"),
            ),
        ]
        return [
            replace(rate, part=0, whole=0, is_hidden=True) if 0 < rate.whole < smallest else rate
            for rate in found
        ]


def year_before(today: dt.date) -> dt.date:
    """The first day of the twelve months that end today."""
    try:
        before = today.replace(year=today.year - 1)
    except ValueError:  # 29 February
        before = today.replace(year=today.year - 1, day=28)
    return before + dt.timedelta(days=1)


def received_in(committees: Collection[int], first: dt.date, last: dt.date) -> QuerySet[Any]:
    """What is counted: not sealed, not withdrawn, not merged into another, released."""
    return StaffRequest.objects.filter(
        committee_id__in=committees,
        is_sealed=False,
        submitted_on__gte=first,
        submitted_on__lte=last,
        released_on__lte=last,
    ).exclude(status__in=("withdrawn", "merged"))


# What each figure counts, told from the columns that rows are grouped by.
_GROUPED = ("status", "outcome", "replied_in_time", "last_rating", "is_answered")
_COUNTED: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "received": lambda row: True,
    "taken": lambda row: row["status"] in TAKEN,
    "waiting": lambda row: row["status"] == "submitted",
    "declined": lambda row: row["status"] == "declined",
    "answered": lambda row: row["is_answered"],
    "in_time": lambda row: row["replied_in_time"] is True,
    "carried_out": lambda row: row["outcome"] == "carried_out",
    "rated": lambda row: row["last_rating"] != "",
    "satisfied": lambda row: row["last_rating"] in ("solved", "half"),
    "closed": lambda row: row["status"] == "closed",
    "open": lambda row: row["status"] in OPEN_STATUSES,
    "confirming": lambda row: row["status"] in ("replied", "appealed"),
}


def _grouped(rows: QuerySet[Any], *more: str) -> list[dict[str, Any]]:
    """One count for each way a request can stand: a handful of rows, whatever there is. Thirteen
    conditions on each of 20,000 requests would take the database several times as long."""
    answered = ExpressionWrapper(Q(replied_on__isnull=False), output_field=BooleanField())
    return list(
        rows.order_by()
        .annotate(is_answered=answered)
        .values(*_GROUPED, *more)
        .annotate(n=Count("pk"))
    )


def _added(found: Iterable[Mapping[str, Any]]) -> Counts:
    rows = list(found)
    return Counts(
        **{name: sum(row["n"] for row in rows if counts(row)) for name, counts in _COUNTED.items()}
    )


def counts_of(rows: QuerySet[Any]) -> Counts:
    """One query."""
    return _added(_grouped(rows))


@dataclass(frozen=True, slots=True)
class Figures:
    """What the board counts of one set of requests: everything, how many are late, and by
    category (code, name, number; None for those without)."""

    counts: Counts
    late: int
    categories: Sequence[tuple[str | None, str | None, int]]


def figures_of(rows: QuerySet[Any], today: dt.date) -> Figures:
    """One query and one pass over the rows, however many they are."""
    late = Case(When(late_on(today), then=True), default=False, output_field=BooleanField())
    found = _grouped(rows.annotate(is_late=late), "is_late", "category_id", "category__name")
    categories: Counter[tuple[str | None, str | None]] = Counter()
    for row in found:
        categories[row["category_id"], row["category__name"]] += row["n"]
    return Figures(
        _added(found),
        sum(row["n"] for row in found if row["is_late"]),
        [(code, name, n) for (code, name), n in categories.items()],
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a small chart. ``share`` is the bar's width in per cent of the longest."""

    label: str
    count: int
    share: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Counts by category. ``has_rest``: some were too few and stand together as one line."""

    bars: Sequence[Bar]
    total: int
    smallest: int
    has_rest: bool = False


def by_category(
    categories: Iterable[tuple[str | None, str | None, int]], *, smallest: int
) -> Breakdown:
    """Cells under ``smallest`` are never shown: they go into 其他, and so does the next smallest
    cell when 其他 alone would still be too few to hide anybody (complementary suppression)."""
    rest_label = _("其他")
    cells = sorted(
        ((name or rest_label, n) for _code, name, n in categories), key=lambda c: (-c[1], c[0])
    )
    rest = sum(n for name, n in cells if name == rest_label)
    shown = [(name, n) for name, n in cells if name != rest_label]
    while shown and (shown[-1][1] < smallest or 0 < rest < smallest):
        rest += shown.pop()[1]
    if rest >= smallest:
        shown.append((rest_label, rest))
    total = sum(n for _name, n in cells)
    most = max((n for _name, n in shown), default=1)
    return Breakdown(
        [Bar(name, n, max(2, round(n * 100 / most))) for name, n in shown],
        total if total >= smallest else 0,
        smallest,
        has_rest=(rest_label, rest) in shown,
    )
