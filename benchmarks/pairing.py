"""How long does it take to draw a month, and to correct one?

    .venv/bin/python benchmarks/pairing.py
    .venv/bin/python benchmarks/pairing.py --organisations 3000 --months 24

Draws months one after the other, each knowing the ones before, checks every certificate with the
independent checker, and corrects a simulated year of the same size. Plain Python, no database.
Wanted: a draw for 256 organisations under 1 s, for 3,000 under 5 s, no fault; the correction of
256 organisations x 12 months x 2 under 2 s.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from evaluations.fairness import fit
from evaluations.pairing import draw
from evaluations.pairing_certificate import certificate
from evaluations.pairing_check import check
from evaluations.pairing_terms import Task, history_of
from tests.fairness.simulation import World, year
from tests.pairing.companies import company


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--organisations", type=int, nargs="*", default=[21, 256, 3000])
    parser.add_argument("--months", type=int, default=3)
    given = parser.parse_args()
    for size in given.organisations:
        units = company(size)
        past: list[tuple[tuple[str, str], ...]] = []
        slowest, faults, spread = 0.0, 0, 0
        for month in range(given.months):
            history = history_of((n + 1, pairs) for n, pairs in enumerate(reversed(past[-12:])))
            task = Task(units, history=history, seed=f"bench|{size}|{month}")
            before = time.perf_counter()
            plan = draw(task)
            slowest = max(slowest, time.perf_counter() - before)
            past.append(plan.pairs)
            faults += len(check(certificate(task, plan)))
            loads = [plan.loads[unit.key] for unit in units]
            spread = max(spread, max(loads) - min(loads))
        print(f"{size:6d} organisations: {slowest:.2f} s a draw, {faults} faults, spread {spread}")
        if size <= 300:
            rows = year(World(branches=size), 1).rows
            before = time.perf_counter()
            fit(rows)
            print(f"{'':21s} {time.perf_counter() - before:.2f} s to correct {len(rows)} sheets")


if __name__ == "__main__":
    main()
