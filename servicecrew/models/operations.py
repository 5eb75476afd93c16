"""Operations: a typhoon, a summer peak, an event, a project, and what was reported during it."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from branches.models import Committee
from servicecrew.models.crews import Crew
from servicecrew.querysets import OperationQuerySet


class OperationKind(models.TextChoices):
    TYPHOON = "typhoon", _("抗灾抢险")
    PEAK = "peak_season", _("迎峰度夏（冬）")
    EVENT = "event", _("重要活动保电")
    PROJECT = "project", _("工程攻坚")


class Operation(models.Model):
    """保供电行动: a named stretch of days in which many crews go out for one reason.

    Its figures are never stored: they are counted from the turnouts that name it.
    """

    committee = models.ForeignKey(
        Committee, verbose_name=_("牵头党委"), on_delete=models.PROTECT, related_name="operations"
    )
    name = models.CharField(_("名称"), max_length=40)
    kind = models.CharField(_("类别"), max_length=12, choices=OperationKind)
    started_on = models.DateField(_("开始日期"))
    ended_on = models.DateField(_("结束日期"), null=True, blank=True)
    commander = models.CharField(_("总指挥"), max_length=40, blank=True)
    summary = models.TextField(_("概况"), blank=True)
    lessons = models.TextField(_("复盘"), blank=True, help_text=_("哪些做得好，下次怎么改"))
    landfall_at = models.DateTimeField(_("登陆时间"), null=True, blank=True)
    version = models.PositiveIntegerField(_("版本"), default=1)

    objects = OperationQuerySet.as_manager()

    class Meta:
        verbose_name = _("保供电行动")
        verbose_name_plural = _("保供电行动")
        ordering = ["-started_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "name"],
                name="operation_name_once",
                violation_error_message=_("已有同名行动"),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="operation_dates_in_order",
                violation_error_message=_("结束日期不能早于开始日期"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.ended_on is None

    def holds(self, day: dt.date) -> bool:
        """Whether a turnout of that day may belong to it."""
        return self.started_on <= day and (self.ended_on is None or day <= self.ended_on)


class OperationCounty(models.Model):
    """受影响区县: how many customers of a county an operation is about."""

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="counties")
    county = models.CharField(_("区县"), max_length=20)
    customers_affected = models.PositiveIntegerField(_("影响用户"))

    class Meta:
        verbose_name = _("受影响区县")
        verbose_name_plural = _("受影响区县")
        constraints = [
            models.UniqueConstraint(fields=["operation", "county"], name="county_once"),
        ]

    def __str__(self) -> str:
        return self.county


class OutageReport(models.Model):
    """停电时报: how many customers of a county were still without power at an hour."""

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="outages")
    county = models.CharField(_("区县"), max_length=20)
    reported_at = models.DateTimeField(_("时间"))
    customers_out = models.PositiveIntegerField(_("待复电用户"))
    areas_out = models.PositiveIntegerField(_("待复电台区"), default=0)
    source = models.CharField(_("来源"), max_length=30, default="配网调度")

    class Meta:
        verbose_name = _("停电时报")
        verbose_name_plural = _("停电时报")
        ordering = ["reported_at", "county"]
        constraints = [
            models.UniqueConstraint(
                fields=["operation", "county", "reported_at"],
                name="one_report_per_hour",
                violation_error_message=_("该区县这一时刻已有时报"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.county} {self.customers_out}"


class OperationEvent(models.Model):
    """大事记: a sentence of an operation's timeline; ``is_key`` marks what everybody remembers."""

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="events")
    happened_at = models.DateTimeField(_("时间"))
    text = models.CharField(_("事项"), max_length=200)
    who = models.CharField(_("报告人"), max_length=30, blank=True)
    is_key = models.BooleanField(_("关键节点"), default=False)

    class Meta:
        verbose_name = _("大事记")
        verbose_name_plural = _("大事记")
        ordering = ["-happened_at", "-id"]

    def __str__(self) -> str:
        return self.text


class OperationTeam(models.Model):
    """前置力量: a team placed before the blow falls: who, where, with how much."""

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="teams")
    crew = models.ForeignKey(
        Crew, verbose_name=_("服务队"), on_delete=models.PROTECT, related_name="placements"
    )
    county = models.CharField(_("区县"), max_length=20)
    place = models.CharField(_("驻点"), max_length=60)
    people = models.PositiveSmallIntegerField(_("人数"))
    vehicles = models.PositiveSmallIntegerField(_("车辆"), default=0)
    placed_at = models.DateTimeField(_("到位时间"))

    class Meta:
        verbose_name = _("前置力量")
        verbose_name_plural = _("前置力量")
        ordering = ["operation", "crew__sort_order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["operation", "crew", "place"], name="placed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.crew} {self.place}"
