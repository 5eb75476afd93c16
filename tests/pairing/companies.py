"""Companies to draw for: the demo's 21 organisations, and any size with houses and counties."""

from __future__ import annotations

from collections.abc import Sequence

from evaluations.pairing import draw
from evaluations.pairing_terms import Pair, Plan, Rules, Task, Unit, history_of

HOUSES = {1: "p00", 2: "p00", 3: "p00", 5: "p04", 6: "p04"}


def demo() -> tuple[Unit, ...]:
    """13 production (two general branches with three and two under them), 4 management of
    which one is exempt, 4 business (domain.md 1.5)."""
    production = [Unit(f"p{n:02d}", "production", HOUSES.get(n, f"p{n:02d}")) for n in range(13)]
    management = [
        Unit(f"m{n}", "management", f"m{n}", is_visited=n < 3, sends_team=n < 3, fills=n == 2)
        for n in range(4)
    ]
    business = [Unit(f"b{n}", "business", f"b{n}") for n in range(4)]
    return (*production, *management, *business)


def company(
    size: int, shares: Sequence[float] = (0.4, 0.3, 0.3), counties: int = 1
) -> tuple[Unit, ...]:
    """``size`` branches by type; every tenth production branch is a general branch with the
    next two under it."""
    names = ("production", "management", "business")
    counts = [round(size * share) for share in shares[:-1]]
    counts.append(size - sum(counts))
    units = []
    for name, count in zip(names, counts, strict=True):
        for n in range(count):
            house = n - n % 10 if name == "production" and n % 10 < 3 else n
            key = f"{name[0]}{n:04d}"
            county = f"c{n % counties}"
            units.append(Unit(key, name, f"{name[0]}{house:04d}", county=county))
    return tuple(units)


def months(
    units: Sequence[Unit], count: int, *, rules: Rules | None = None, seed: str = ""
) -> list[tuple[Task, Plan]]:
    """``count`` draws one after the other, each knowing the ones before."""
    past: list[tuple[Pair, ...]] = []
    drawn = []
    for month in range(count):
        task = Task(
            tuple(units),
            rules or Rules(),
            history_of((age + 1, pairs) for age, pairs in enumerate(reversed(past[-12:]))),
            seed=f"{seed}|{month}",
        )
        plan = draw(task)
        past.append(plan.pairs)
        drawn.append((task, plan))
    return drawn
