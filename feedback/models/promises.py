"""Promises: followed until those who asked say it has arrived."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from feedback.keys import RandomKeyed
from feedback.lifecycles import PromiseStatus
from feedback.models.departments import Department
from feedback.models.requests import StaffRequest
from feedback.querysets import PromiseQuerySet


class Promise(RandomKeyed):
    """承诺: what a department promised to whom by which day. Promised, ordered, delivered,
    confirmed by those who asked; an overdue one stands on the secretary's board."""

    request = models.ForeignKey(StaffRequest, on_delete=models.PROTECT, related_name="promises")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="promises")
    what = models.CharField(_("承诺什么"), max_length=200)
    due_on = models.DateField(_("兑现期限"))
    status = models.CharField(
        _("状态"), max_length=12, choices=PromiseStatus, default=PromiseStatus.PROMISED
    )
    promised_at = models.DateTimeField(_("承诺时间"))
    ordered_at = models.DateTimeField(_("下单时间"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("送达时间"), null=True, blank=True)
    delivery_note = models.CharField(_("送达情况"), max_length=200, blank=True)
    confirm_by = models.DateField(_("确认截止"), null=True, blank=True)
    confirmed_on = models.DateField(_("确认日期"), null=True, blank=True)
    recall_reason = models.CharField(_("收回的理由"), max_length=300, blank=True)
    version = models.PositiveIntegerField(_("版本"), default=1)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        verbose_name = _("承诺")
        verbose_name_plural = _("承诺")
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=["delivered", "confirmed"]) | Q(delivered_at__isnull=False),
                name="delivered_promise_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(confirmed_on__isnull=False),
                name="confirmed_promise_has_day",
            ),
            models.CheckConstraint(
                condition=~Q(status="recalled") | ~Q(recall_reason=""),
                name="recalled_promise_says_why",
                violation_error_message=_("收回承诺须说明理由"),
            ),
        ]
        indexes = [models.Index(fields=["status", "due_on"], name="promises_by_clock")]

    def __str__(self) -> str:
        return self.what


class PromiseTeam(models.Model):
    """待确认的班组: one of those a promise was delivered to, and whether it arrived there."""

    promise = models.ForeignKey(Promise, on_delete=models.CASCADE, related_name="teams")
    name = models.CharField(_("班组"), max_length=60)
    has_arrived = models.BooleanField(_("收到了"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    answered_on = models.DateField(_("确认日期"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("待确认的班组")
        verbose_name_plural = _("待确认的班组")
        ordering = ["promise", "id"]
        constraints = [
            models.UniqueConstraint(fields=["promise", "name"], name="team_once_per_promise"),
        ]

    def __str__(self) -> str:
        return self.name
