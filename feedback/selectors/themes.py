"""What comes back month after month: things named in many requests."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from feedback.models import SimilarText
from portal.kernel.months import Month

LEAST = 3  # requests, over all months, before a thing is a theme
# Said of where it is, not of what is wanted: alike for finding twins, but no theme.
PLACES = frozenset({"#营业厅"})


@dataclass(frozen=True, slots=True)
class Theme:
    """One thing (食堂, 班车) with its requests of each month."""

    name: str
    counts: tuple[int, ...]
    total: int
    months_named: int

    @property
    def is_back(self) -> bool:
        """Named in three of the months at least: answering single requests has not ended it."""
        return self.months_named >= 3


@dataclass(frozen=True, slots=True)
class Themes:
    months: tuple[Month, ...]
    rows: tuple[Theme, ...]
    requests: int

    @property
    def lines(self) -> list[tuple[Theme, list[tuple[Month, int]]]]:
        """Each row with its counts beside their months, as a phone shows them."""
        return [(row, list(zip(self.months, row.counts, strict=True))) for row in self.rows]

    @property
    def most(self) -> int:
        return max((count for row in self.rows for count in row.counts), default=0)


def themes(
    committees: Collection[int],
    until: Month,
    today: dt.date,
    *,
    months: int = 6,
    most: int = 20,
) -> Themes:
    """Things by month, those of most requests first; anonymous requests from the day of their
    batch. One query."""
    span = tuple(until.plus(n + 1 - months) for n in range(months))
    rows = SimilarText.objects.filter(
        request__committee_id__in=committees,
        request__is_sealed=False,
        request__released_on__lte=today,
        request__submitted_on__gte=span[0].first_day,
        request__submitted_on__lt=until.plus(1).first_day,
    ).values_list("request__submitted_on", "inner")
    counts: dict[str, Counter[Month]] = defaultdict(Counter)
    requests = 0
    for on, inner in rows:
        requests += 1
        month = Month.of(on)
        for piece in {piece for piece in inner.split() if piece.startswith("#")} - PLACES:
            counts[piece[1:]][month] += 1
    found = [
        Theme(
            name=name,
            counts=tuple(by_month[month] for month in span),
            total=by_month.total(),
            months_named=len(by_month),
        )
        for name, by_month in counts.items()
        if by_month.total() >= LEAST
    ]
    found.sort(key=lambda theme: (-theme.total, theme.name))
    return Themes(span, tuple(found[:most]), requests)
