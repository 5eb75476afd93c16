"""One band up: the smallest set of items whose marks would lift a branch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from django.utils.translation import gettext as _

from evaluations.places import CLEARLY
from evaluations.selectors.standings import Group, Line
from portal.kernel.marks import HUNDREDTH, one_decimal


@dataclass(frozen=True, slots=True)
class Lift:
    """What would lift a branch one band: the smallest set of items to win back. ``cap``: a veto
    that keeps the total below the band, whatever is won back."""

    target: str
    need: Decimal
    items: Sequence[tuple[str, str, Decimal]]  # code, name, marks to win back
    is_enough: bool
    cap: Decimal | None = None

    @property
    def words(self) -> str:
        head = _("升到%(target)s还差 %(need)s 分") % {
            "target": self.target,
            "need": one_decimal(self.need),
        }
        if self.cap is not None:
            return head + _("：有否决事项，总分最高 %(cap)s，扣分补上也升不了档。") % {
                "cap": one_decimal(self.cap)
            }
        named = "、".join(f"{code} {name}（{one_decimal(m)}）" for code, name, m in self.items)
        if not self.items:
            return head + _("，本月没有可以补的扣分。")
        if self.is_enough:
            return head + _("：补上 %(items)s 就够。") % {"items": named}
        return head + _("：本月扣分全补上也不够，最多的是 %(items)s。") % {"items": named}


def lift(
    line: Line,
    group: Group,
    lost: Mapping[tuple[str, str], Decimal],
    *,
    share: Decimal = Decimal(1),
) -> Lift | None:
    """The fewest items whose marks bring ``line`` into the band above; None at the top or where
    bands are unknown. ``lost``: marks per (code, name), mean over the teams; ``share``: how much
    of them reaches the total.

    Fewest, because the largest are taken first: any other set of as many wins less.
    """
    fair, row = line.fair, line.standing
    if fair is None or not fair.band or fair.band < 2 or row.total is None:
        return None
    rivals = [
        other
        for other in group.ranked
        if other.fair and other.fair.part == fair.part and other.standing.total is not None
    ]
    above = _leader(rivals, fair.band - 1)
    if above is None:
        return None
    need = _need(line, above, _leader(rivals, fair.band))
    target = _("第 %(n)d 档") % {"n": fair.band - 1}
    if row.cap is not None and row.cap - row.total < need:
        return Lift(target, need, (), is_enough=False, cap=row.cap)
    won, chosen = Decimal(0), []
    for (code, name), marks in sorted(lost.items(), key=lambda pair: (-pair[1], pair[0])):
        if won >= need or marks <= 0:
            break
        won += marks * share
        chosen.append((code, name, marks))
    return Lift(target, need, chosen if won >= need else chosen[:3], won >= need)


def _leader(rivals: Sequence[Line], band: int) -> Line | None:
    """Who leads a band, as :func:`evaluations.places.place` has it."""
    return min(
        (other for other in rivals if other.fair and other.fair.band == band),
        key=lambda other: (-(other.standing.total or Decimal(0)), str(other.standing.branch_id)),
        default=None,
    )


def _need(line: Line, above: Line, leader: Line | None) -> Decimal:
    """The least gain, in hundredths, after which ``line`` is counted into the band of
    ``above``: no longer clearly below that band's leader, and ahead of the leader of its own
    band, behind whom it would stay in that one however large its error."""
    assert line.fair is not None  # noqa: S101 - lift() has looked
    assert above.fair is not None  # noqa: S101
    total = line.standing.total or Decimal(0)
    margin = CLEARLY * math.hypot(float(above.fair.error), float(line.fair.error)) + 1e-9
    gap = (above.standing.total or Decimal(0)) - total - Decimal(margin)
    need = gap.quantize(HUNDREDTH, rounding=ROUND_CEILING)
    if leader is not None and leader.standing.branch_id != line.standing.branch_id:
        behind = str(leader.standing.branch_id) < str(line.standing.branch_id)
        ahead = (leader.standing.total or Decimal(0)) - total + (HUNDREDTH if behind else 0)
        need = max(need, ahead)
    return max(need, HUNDREDTH)
