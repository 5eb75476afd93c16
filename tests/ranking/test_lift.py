"""What would lift a branch one band: held against trying every set of items."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from evaluations.places import place
from evaluations.selectors.lift import lift

HUNDREDTH = Decimal("0.01")

scores = st.lists(
    st.tuples(st.integers(8000, 9500), st.sampled_from([30, 110, 190, 320])),
    min_size=4,
    max_size=9,
)
losses = st.lists(st.sampled_from([30, 50, 100, 150, 200, 400]), min_size=1, max_size=6)


def lines(
    marks: list[tuple[int, int]], cap: Decimal | None = None, capped: int | None = None
) -> list[Any]:
    """A group as the ranking page has it: total and error per branch, with bands and order."""
    placed = place({n: (total / 100, se / 100) for n, (total, se) in enumerate(marks)})
    found = []
    for n, (mark, se) in enumerate(marks):
        total, limit = Decimal(mark) / 100, cap if n == capped else None
        standing = SimpleNamespace(branch_id=n, total=min(total, limit or total), cap=limit)
        fair = SimpleNamespace(band=placed[n].band, error=Decimal(se) / 100, part=0)
        found.append(SimpleNamespace(standing=standing, fair=fair))
    return sorted(found, key=lambda line: (-line.standing.total, str(line.standing.branch_id)))


def band_after(marks: list[tuple[int, int]], branch: int, won: int) -> int:
    """The band of ``branch`` when it wins so many hundredths and nobody else changes."""
    after = [(t + won if n == branch else t, se) for n, (t, se) in enumerate(marks)]
    return place({n: (t / 100, se / 100) for n, (t, se) in enumerate(after)})[branch].band


@settings(max_examples=300)
@given(scores, losses)
def test_no_smaller_set_of_items_would_do(marks: list[tuple[int, int]], lost: list[int]) -> None:
    group: Any = SimpleNamespace(ranked=lines(marks))
    items = {(f"A{n}", "项目"): Decimal(points) / 100 for n, points in enumerate(lost)}
    for line in group.ranked:
        branch, band = line.standing.branch_id, line.fair.band
        found = lift(line, group, items)
        if band == 1:
            assert found is None
            continue
        assert found is not None
        sizes = [
            size
            for size in range(1, len(lost) + 1)
            if any(band_after(marks, branch, sum(some)) < band for some in combinations(lost, size))
        ]
        assert found.is_enough == bool(sizes)
        if found.is_enough:
            assert len(found.items) == sizes[0]
            won = sum((points for _code, _name, points in found.items), Decimal(0))
            assert band_after(marks, branch, int(won * 100)) < band


@settings(max_examples=200)
@given(scores)
def test_the_marks_it_names_are_the_least_that_do(marks: list[tuple[int, int]]) -> None:
    group: Any = SimpleNamespace(ranked=lines(marks))
    for line in group.ranked:
        found = lift(line, group, {})
        if found is None:
            continue
        branch, band, need = line.standing.branch_id, line.fair.band, int(found.need * 100)
        assert band_after(marks, branch, need) < band
        assert need == 1 or band_after(marks, branch, need - 1) == band


def test_a_veto_that_bars_the_way_is_said_instead_of_items() -> None:
    marks = [(9200, 30), (9100, 30), (6000, 30)]
    group: Any = SimpleNamespace(ranked=lines(marks, cap=Decimal(60), capped=2))
    found = lift(group.ranked[-1], group, {("A1", "党课"): Decimal(40)})
    assert found is not None
    assert not found.is_enough
    assert "否决" in found.words
    assert "党课" not in found.words
