"""对标: the appraisals of a month as tables, one for each mode of secretary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from branches.models import SecretaryMode
from evaluations.appraisal import Item
from evaluations.selectors.appraisals import Row


@dataclass(frozen=True, slots=True)
class ModeTable:
    """对标: the secretaries of one mode side by side, in the order of the branches. Nobody has a
    place in it: the columns say where each could learn from whom."""

    mode: str
    label: str
    items: Sequence[Item]
    rows: Sequence[Row]
    averages: Sequence[Decimal | None]


def mode_tables(rows: Sequence[Row]) -> list[ModeTable]:
    """One table per mode that occurs."""
    tables = []
    for mode in SecretaryMode.values:
        ours = [row for row in rows if row.participant.secretary_mode == mode]
        if not ours:
            continue
        results = ours[0].appraisal.items
        columns = [[row.appraisal.items[n].marks for row in ours] for n in range(len(results))]
        tables.append(
            ModeTable(
                mode,
                str(SecretaryMode(mode).label),
                [Item(r.code, r.name, r.full) for r in results],
                ours,
                [_mean([m for m in column if m is not None]) for column in columns],
            )
        )
    return tables


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, Decimal(0)) / len(values) if values else None
