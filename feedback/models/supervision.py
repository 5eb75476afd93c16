"""Supervision orders: the secretary has somebody look after it until it is struck off."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from feedback.keys import RandomKeyed
from feedback.lifecycles import SupervisionStatus
from feedback.models.departments import Department
from feedback.models.requests import StaffRequest
from feedback.querysets import SupervisionQuerySet


class SupervisionOrder(RandomKeyed):
    """督办单: numbered, addressed to a department, with a day, until it is struck off (销号)."""

    request = models.ForeignKey(StaffRequest, on_delete=models.PROTECT, related_name="orders")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="orders")
    year = models.PositiveSmallIntegerField(_("年份"))
    number = models.PositiveIntegerField(_("序号"))
    demand = models.CharField(_("督办要求"), max_length=300)
    due_on = models.DateField(_("期限"))
    status = models.CharField(
        _("状态"), max_length=12, choices=SupervisionStatus, default=SupervisionStatus.OPEN
    )
    issued_at = models.DateTimeField(_("发出时间"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    result = models.CharField(_("办理结果"), max_length=500, blank=True)
    reported_at = models.DateTimeField(_("上报时间"), null=True, blank=True)
    struck_off_at = models.DateTimeField(_("销号时间"), null=True, blank=True)
    struck_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = SupervisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("督办单")
        verbose_name_plural = _("督办单")
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=~Q(status="struck_off"),
                name="one_open_order_per_request",
                violation_error_message=_("这件事已有一张未销号的督办单"),
            ),
            models.CheckConstraint(
                condition=~Q(status="struck_off") | Q(struck_off_at__isnull=False),
                name="struck_off_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"督办〔{self.year}〕{self.number}号"
