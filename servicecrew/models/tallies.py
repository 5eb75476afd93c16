"""The monthly tally: sums of the counted rows, kept so that boards stay quick."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.kernel.months import first_of_month
from servicecrew.models.crews import Crew


class CrewTally(models.Model):
    """月度计数: the counted rows (``sql/count_rows.sql``) of one crew and month, summed.

    Kept by the difference each write makes, in its transaction; ``manage.py count_crews`` counts
    everything anew and says what differed. ``operation_key`` is 0 and ``goal`` empty for none.
    """

    crew = models.ForeignKey(Crew, on_delete=models.PROTECT, related_name="tallies")
    month = models.DateField(_("月份"))
    county = models.CharField(_("区县"), max_length=20)
    service_kind = models.CharField(_("服务类别"), max_length=12)
    sub_kind = models.CharField(_("服务小类"), max_length=20, blank=True)
    operation_key = models.BigIntegerField(_("行动"), default=0)
    goal = models.CharField(_("五个泉州"), max_length=20, blank=True)
    is_verified = models.BooleanField(_("已核定"))
    is_opening = models.BooleanField(_("期初数"), default=False)
    turnouts = models.IntegerField(default=0)
    person_times = models.IntegerField(default=0)
    vehicle_times = models.IntegerField(default=0)
    timed = models.IntegerField(default=0)
    in_time = models.IntegerField(default=0)
    asked = models.IntegerField(default=0)
    satisfied = models.IntegerField(default=0)
    customers_restored = models.BigIntegerField(default=0)
    lines_restored = models.IntegerField(default=0)
    minutes_out = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("月度计数")
        verbose_name_plural = _("月度计数")
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "crew",
                    "month",
                    "county",
                    "service_kind",
                    "sub_kind",
                    "operation_key",
                    "goal",
                    "is_verified",
                    "is_opening",
                ],
                name="one_tally_per_key",
            ),
            first_of_month("month", "tally_first_of_month"),
        ]
        indexes = [models.Index(fields=["month"], name="tallies_by_month")]

    def __str__(self) -> str:
        return f"{self.crew_id} {self.month:%Y-%m}"
