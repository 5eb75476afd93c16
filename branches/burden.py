"""减负账单: what the portal asked of people in a month, and how much of it was there already.

Counted from the rows themselves, so nobody is measured: a field that stands as it stood in the
branch's record before (place, hour, people, agenda), or that the roster filled in, was not typed.
Nothing is asked twice: what a record proves no register asks again; dues paid at a meeting and
study hours are read from the record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import Lag
from django.utils.translation import gettext as _

from branches.duty_rules import RULES, Rule
from branches.models import Activity, DuesPayment, Talk
from portal.kernel.months import Month

# Fields of a record that may be carried over from the one before it.
CARRIED = ("place", "starts_at", "chair_id", "recorder_id", "agenda")
# Fields every record has besides: what happened, its day, what it was about, who came.
ALWAYS = 4  # duties, held_on, subject, attendance


@dataclass(frozen=True, slots=True)
class Line:
    """A form: how often it was filled in, how many fields that were, how many were prefilled."""

    label: str
    role: str
    times: int
    asked: int
    prefilled: int

    @property
    def typed(self) -> int:
        return self.asked - self.prefilled

    @property
    def share(self) -> int:
        """Prefilled, in whole per cent."""
        return self.prefilled * 100 // self.asked if self.asked else 0


@dataclass(frozen=True, slots=True)
class Burden:
    """A month's bill."""

    month: Month
    lines: tuple[Line, ...]
    rules: tuple[Rule, ...] = field(default=RULES)
    asked_twice: int = 0

    @property
    def asked(self) -> int:
        return sum(line.asked for line in self.lines)

    @property
    def typed(self) -> int:
        return sum(line.typed for line in self.lines)

    @property
    def share(self) -> int:
        return (self.asked - self.typed) * 100 // self.asked if self.asked else 0


def burden_of(branches: QuerySet[Any], month: Month) -> Burden:
    """The bill of ``branches`` in a month. Four queries whatever their number."""
    return Burden(
        month=month,
        lines=(_records(branches, month), _dues(branches, month), _talks(branches, month)),
        asked_twice=asked_twice(branches, month),
    )


def _records(branches: QuerySet[Any], month: Month) -> Line:
    rows = list(
        Activity.objects.filter(branch__in=branches, held_on__lte=month.last_day)
        .filter(held_on__gte=month.plus(-2).first_day)
        .annotate(
            **{
                f"before_{name}": Window(
                    Lag(name), partition_by=F("branch"), order_by=[F("held_on"), F("pk")]
                )
                for name in CARRIED
            }
        )
        .values_list(
            "held_on",
            "expected_count",
            "present_count",
            *CARRIED,
            *(f"before_{name}" for name in CARRIED),
        )
    )
    times = asked = prefilled = 0
    for held_on, expected, present, *values in rows:
        if Month.of(held_on) != month:
            continue
        now, before = values[: len(CARRIED)], values[len(CARRIED) :]
        times += 1
        asked += ALWAYS + len(CARRIED)
        prefilled += sum(value == earlier for value, earlier in zip(now, before, strict=True))
        prefilled += expected == present  # attendance by exception: nobody was marked
    return Line(_("记一件事"), _("支部书记、副书记"), times, asked, prefilled)


def _dues(branches: QuerySet[Any], month: Month) -> Line:
    """One field a member; prefilled when he paid what he had paid the month before, or when it
    came from a meeting's record."""
    last = DuesPayment.objects.filter(
        person=OuterRef("person"), month=month.plus(-1).first_day
    ).values("amount")[:1]
    rows = list(
        DuesPayment.objects.filter(branch__in=branches, month=month.first_day)
        .annotate(before=Subquery(last))
        .values_list("amount", "before", "activity_id")
    )
    prefilled = sum(amount == before or activity is not None for amount, before, activity in rows)
    return Line(_("党费登记"), _("支部书记、副书记"), len(rows), len(rows), prefilled)


def _talks(branches: QuerySet[Any], month: Month) -> Line:
    """Day, speaker, listener, occasion, points; day and occasion are there already."""
    times = Talk.objects.filter(
        branch__in=branches, held_on__range=(month.first_day, month.last_day)
    ).count()
    return Line(_("谈心谈话"), _("支部书记、副书记"), times, times * 5, times * 2)


def asked_twice(branches: QuerySet[Any], month: Month) -> int:
    """Facts that stand in two places: the same meeting entered as two records (same branch, day,
    subject and group). Must be 0."""
    twins = (
        Activity.objects.filter(
            branch__in=branches, held_on__range=(month.first_day, month.last_day)
        )
        .order_by()
        .values("branch", "held_on", "subject", "group")
        .annotate(times=Count("pk"))
        .filter(times__gt=1)
        .values_list("times", flat=True)
    )
    return sum(times - 1 for times in twins)
