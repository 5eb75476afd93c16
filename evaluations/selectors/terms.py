"""What a printed total is made of, in terms that add up to it.

Marks are reckoned in hundredths and printed with one decimal. Each mark is rounded by itself, half
up; what lies between two marks (the correction, the sub-branches' share of a general branch) is
printed as the difference of the two printed marks. So whoever adds up a page, the wall or the
paper arrives at its total: 96.0 and 95.7 have −0.3 between them, though they be 0.36 apart. Such
a term is off by less than 0.1; the exact hundredths are in the month's file and in the API.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from branches.models import Tier
from portal.kernel.marks import one_decimal, tenth
from portal.kernel.ui import Term
from portal.kernel.words import signed

if TYPE_CHECKING:
    from evaluations.models import RankingEntry
    from evaluations.ranking import StandingRow


@dataclass(frozen=True, slots=True)
class Terms:
    """``base`` + ``correction`` + ``bonus`` = ``total``, all as printed; where a veto holds the
    total down, ``cap`` is that total. ``correction``: None in months ranked on raw scores.

    ``own`` + ``subs`` = ``base`` for a general branch with branches of its own: what its own sheets
    and the mean of its branches contribute, by the policy's ``share`` in per cent.
    """

    base: Decimal
    correction: Decimal | None
    bonus: Decimal
    total: Decimal
    cap: Decimal | None = None
    own: Decimal | None = None
    subs: Decimal | None = None
    share: int = 100

    @property
    def words(self) -> str:
        """``原始 91.9（本级 46.2、所属支部 45.7），校正 −0.1，加分 +1.0``."""
        inside = _("（本级 %(own)s、所属支部 %(subs)s）") if self.halves else ""
        return self._told(inside % self._halves)

    @property
    def lines(self) -> str:
        """The same where there is little room: the halves on a line of their own."""
        below = "\n" + _("本级 %(own)s＋所属 %(subs)s") if self.halves else ""
        return self._told() + below % self._halves

    def _told(self, inside: str = "") -> str:
        base = _("原始 %(base)s") % {"base": one_decimal(self.base)} + inside
        return "，".join([base, *(f"{term.label} {term.text}" for term in self.added)])

    @property
    def _halves(self) -> dict[str, str]:
        return {"own": one_decimal(self.own), "subs": one_decimal(self.subs)}

    @property
    def halves(self) -> list[Term]:
        """What the base of a general branch is made of; nothing for others."""
        if self.own is None or self.subs is None:
            return []
        return [
            Term(_("本级占 %(n)d%%") % {"n": self.share}, one_decimal(self.own)),
            Term(_("所属支部占 %(n)d%%") % {"n": 100 - self.share}, one_decimal(self.subs)),
            Term(_("基本分"), one_decimal(self.base)),
        ]

    @property
    def added(self) -> list[Term]:
        """What makes the total of the base."""
        found = []
        if self.correction is not None:
            found.append(Term(_("校正"), signed(self.correction), is_change=True))
        if self.bonus:
            found.append(Term(_("加分"), signed(self.bonus), is_change=True))
        if self.cap is not None:
            found.append(Term(_("否决封顶"), one_decimal(self.cap)))
        return found


def terms_of(
    row: StandingRow | RankingEntry, own: Decimal | None = None, share: int = 100
) -> Terms | None:
    """The terms of one line; None without a total. ``own``: the mean of the branch's own sheets,
    where it is known; ``share``: how much of it a general branch's base takes, in per cent."""
    if row.total is None or row.base is None:
        return None
    base, bonus, total = tenth(row.base), tenth(row.bonus), tenth(row.total)
    is_capped = row.cap is not None and row.base + (row.correction or 0) + row.bonus > row.cap
    correction = None
    if row.correction is not None:
        # Under a cap the total says nothing of the correction.
        after = tenth(row.base + row.correction) if is_capped else total - bonus
        correction = after - base
    half = subs = None
    if row.tier == Tier.GENERAL_BRANCH and own is not None and own != row.base:
        half = tenth(own * share / 100)
        subs = base - half
    return Terms(base, correction, bonus, total, row.cap if is_capped else None, half, subs, share)
