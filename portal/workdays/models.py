"""The working-day calendar of the office."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CalendarYear(models.Model):
    """日历年: whether a year is confirmed by the State Council's notice or only estimated.

    ``revision`` is a random token that every change of the year's days replaces; processes
    that hold the calendar in memory compare it (see ``portal.workdays.calendar``).
    """

    class Source(models.TextChoices):
        CONFIRMED = "confirmed", _("已按国务院办公厅通知核定")
        ESTIMATED = "estimated", _("按惯例推算，待核定")

    year = models.PositiveSmallIntegerField(_("年份"), primary_key=True)
    source = models.CharField(_("依据"), max_length=10, choices=Source)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    revision = models.CharField(_("版次"), max_length=32, blank=True, editable=False)

    class Meta:
        verbose_name = _("日历年")
        verbose_name_plural = _("日历年")
        ordering = ["year"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(year__range=(1990, 2200)),
                name="calendar_year_is_plausible",
                violation_error_message=_("年份应在 1990 到 2200 之间"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.year)

    @property
    def is_confirmed(self) -> bool:
        return self.source == self.Source.CONFIRMED


class CalendarDay(models.Model):
    """日历日: a public holiday, or a 调休 make-up working day.

    Days without a row follow Monday-to-Friday.
    """

    date = models.DateField(_("日期"), primary_key=True)
    is_workday = models.BooleanField(_("上班"))
    note = models.CharField(_("说明"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("日历日")
        verbose_name_plural = _("日历日")
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.note}".strip()
