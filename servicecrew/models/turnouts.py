"""Turnouts: who went out, when, for what, and what came of it."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from branches.models import Committee, Person
from servicecrew.lifecycles import TurnoutStatus
from servicecrew.models.crews import Crew, CrewRole, Vehicle, VehicleKind
from servicecrew.models.operations import Operation
from servicecrew.models.turnout_kinds import (
    ARRIVAL_PROMISE,
    RESTORE_AVERAGE,
    AreaKind,
    EnteredVia,
    FaultCause,
    Mark,
    Satisfaction,
    ServiceKind,
    SubKind,
    TurnoutSource,
    Voltage,
)
from servicecrew.querysets import TurnoutQuerySet


class CityGoal(models.Model):
    """五个泉州: what of the city's goal a turnout served. Rows, because slogans age."""

    code = models.SlugField(_("代码"), max_length=20, primary_key=True)
    name = models.CharField(_("名称"), max_length=20)
    hint = models.CharField(_("说明"), max_length=120, blank=True)
    sort_order = models.PositiveSmallIntegerField(_("排序"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("五个泉州")
        verbose_name_plural = _("五个泉州")
        ordering = ["sort_order"]

    def __str__(self) -> str:
        return self.name


class Turnout(models.Model):
    """出队: crews went out once, for one reason; for a storm that may be several days.

    ``uuid`` is made by the phone before it has a network: the same one twice is one turnout.
    The six moments here are those that count; :class:`TurnoutTime` keeps where each comes from.
    ``version`` counts saves. Several crews share one turnout, ``crew`` leads.
    """

    uuid = models.UUIDField(_("标识"), unique=True)
    crew = models.ForeignKey(
        Crew, verbose_name=_("带队"), on_delete=models.PROTECT, related_name="led_turnouts"
    )
    crews = models.ManyToManyField(
        Crew, verbose_name=_("服务队"), through="TurnoutCrew", related_name="turnouts"
    )
    committee = models.ForeignKey(
        Committee, verbose_name=_("所属党委"), on_delete=models.PROTECT, related_name="turnouts"
    )
    operation = models.ForeignKey(
        Operation,
        verbose_name=_("行动"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="turnouts",
    )
    status = models.CharField(
        _("状态"), max_length=20, choices=TurnoutStatus, default=TurnoutStatus.DRAFT
    )
    serial_year = models.PositiveSmallIntegerField(_("编号年份"), null=True, blank=True)
    serial_number = models.PositiveIntegerField(_("编号"), null=True, blank=True)

    # what for
    subject = models.CharField(_("事由"), max_length=80)
    service_kind = models.CharField(
        _("服务类别"), max_length=12, choices=ServiceKind, default=ServiceKind.REPAIR
    )
    sub_kind = models.CharField(_("服务小类"), max_length=20, choices=SubKind, blank=True)
    source = models.CharField(_("来源"), max_length=10, choices=TurnoutSource, blank=True)
    order_no = models.CharField(_("工单号"), max_length=40, blank=True)
    city_goal = models.ForeignKey(
        CityGoal,
        verbose_name=_("五个泉州"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="turnouts",
    )

    # where
    county = models.CharField(_("区县"), max_length=20)
    township = models.CharField(_("乡镇街道"), max_length=20, blank=True)
    place = models.CharField(_("地点"), max_length=60, blank=True)
    area_kind = models.CharField(
        _("供电区域"), max_length=8, choices=AreaKind, default=AreaKind.CITY
    )
    line_name = models.CharField(_("线路"), max_length=40, blank=True)
    voltage = models.CharField(_("电压等级"), max_length=4, choices=Voltage, blank=True)
    line_branch = models.CharField(_("支线"), max_length=40, blank=True)
    pole_range = models.CharField(_("杆段"), max_length=40, blank=True)
    transformer_area = models.CharField(_("台区名称"), max_length=60, blank=True)
    cause = models.CharField(_("故障原因"), max_length=16, choices=FaultCause, blank=True)
    weather = models.CharField(_("天气"), max_length=20, blank=True)
    is_night_work = models.BooleanField(_("夜间作业"), default=False)

    # when: the moments that count
    started_on = models.DateField(_("出队日期"))
    ordered_at = models.DateTimeField(_("接令"), null=True, blank=True)
    departed_at = models.DateTimeField(_("出发"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("到场"), null=True, blank=True)
    work_started_at = models.DateTimeField(_("开工"), null=True, blank=True)
    restored_at = models.DateTimeField(_("复电（完工）"), null=True, blank=True)
    left_at = models.DateTimeField(_("撤离"), null=True, blank=True)

    # counted from the moments when they are saved, for the statistics
    response_minutes = models.IntegerField(_("到场用时（分）"), null=True, blank=True)
    is_in_time = models.BooleanField(_("到场达标"), null=True, blank=True)
    minutes_out = models.IntegerField(_("在外时间（分）"), null=True, blank=True)

    # what came of it
    customers_out = models.PositiveIntegerField(_("停电户数"), null=True, blank=True)
    customers_restored = models.PositiveIntegerField(_("复电户数"), null=True, blank=True)
    areas_restored = models.PositiveIntegerField(_("复电台区"), null=True, blank=True)
    lines_restored = models.PositiveIntegerField(_("复电线路"), null=True, blank=True)
    key_customers = models.CharField(_("重要客户"), max_length=120, blank=True)
    poles = models.PositiveIntegerField(_("立杆（基）"), null=True, blank=True)
    metres = models.PositiveIntegerField(_("放线（米）"), null=True, blank=True)
    devices = models.PositiveIntegerField(_("更换设备（件）"), null=True, blank=True)
    users_served = models.PositiveIntegerField(_("服务客户（人次）"), null=True, blank=True)
    problems_solved = models.PositiveIntegerField(_("解决问题（件）"), null=True, blank=True)
    helpers_count = models.PositiveSmallIntegerField(
        _("外部协助人数"), default=0, help_text=_("群众、外单位人员，不计入出动人次")
    )
    materials = models.CharField(_("工器具与材料"), max_length=200, blank=True)
    result = models.TextField(_("处理经过"), blank=True)
    needs_found = models.CharField(_("发现的诉求"), max_length=200, blank=True)

    # safety and what the customer said
    work_ticket_no = models.CharField(_("工作票号"), max_length=40, blank=True)
    leader_on_site = models.CharField(_("到岗到位"), max_length=40, blank=True)
    has_safety_talk = models.BooleanField(_("已做安全交底"), default=False)
    has_no_breach = models.BooleanField(_("无违章"), default=False)
    satisfaction = models.CharField(
        _("客户满意度"), max_length=12, choices=Satisfaction, blank=True
    )
    media = models.CharField(_("媒体报道"), max_length=120, blank=True)

    entered_via = models.CharField(_("录入方式"), max_length=8, choices=EnteredVia)
    version = models.PositiveIntegerField(_("版本"), default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("录入人"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("录入时间"))
    updated_at = models.DateTimeField(_("更新时间"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    verified_at = models.DateTimeField(_("核定时间"), null=True, blank=True)

    objects = TurnoutQuerySet.as_manager()

    class Meta:
        verbose_name = _("出队记录")
        verbose_name_plural = _("出队记录")
        ordering = ["-started_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["crew", "serial_year", "serial_number"],
                condition=Q(serial_number__isnull=False),
                name="turnout_number_once",
            ),
            models.CheckConstraint(
                condition=Q(ordered_at__isnull=True)
                | Q(departed_at__isnull=True)
                | Q(departed_at__gte=F("ordered_at")),
                name="departed_after_order",
                violation_error_message=_("出发不能早于接令"),
            ),
            models.CheckConstraint(
                condition=Q(departed_at__isnull=True)
                | Q(arrived_at__isnull=True)
                | Q(arrived_at__gte=F("departed_at")),
                name="arrived_after_departure",
                violation_error_message=_("到场不能早于出发"),
            ),
            models.CheckConstraint(
                condition=Q(arrived_at__isnull=True)
                | Q(restored_at__isnull=True)
                | Q(restored_at__gte=F("arrived_at")),
                name="restored_after_arrival",
                violation_error_message=_("复电不能早于到场"),
            ),
            models.CheckConstraint(
                condition=Q(customers_out__isnull=True)
                | Q(customers_restored__isnull=True)
                | Q(customers_restored__lte=F("customers_out")),
                name="restored_within_out",
                violation_error_message=_("复电户数不能多于停电户数"),
            ),
            models.CheckConstraint(
                condition=~Q(status="verified") | Q(verified_at__isnull=False),
                name="verified_turnout_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["committee", "-started_on"], name="turnouts_of_committee"),
            models.Index(fields=["crew", "-started_on"], name="turnouts_of_crew"),
            models.Index(fields=["operation", "-started_on"], name="turnouts_of_operation"),
            models.Index(fields=["status", "-started_on"], name="turnouts_by_status"),
            # Who is out now: a handful among a million (ADR 61).
            models.Index(
                fields=["committee", "status"],
                condition=Q(
                    departed_at__isnull=False, restored_at__isnull=True, left_at__isnull=True
                ),
                name="turnouts_under_way",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def number(self) -> str:
        """``海丝德〔2017〕86号``: full year, no padding; empty for a draft."""
        if self.serial_number is None:
            return ""
        return f"{self.crew.serial_code}〔{self.serial_year}〕{self.serial_number}号"

    @property
    def is_draft(self) -> bool:
        return self.status == TurnoutStatus.DRAFT

    @property
    def began_at(self) -> dt.datetime | None:
        return self.departed_at or self.ordered_at

    @property
    def ended_at(self) -> dt.datetime | None:
        return self.left_at or self.restored_at

    @property
    def repair_minutes(self) -> int | None:
        """Minutes from being there to power back."""
        return minutes_between(self.arrived_at, self.restored_at)

    @property
    def whole_minutes(self) -> int | None:
        return minutes_between(self.ordered_at or self.departed_at, self.restored_at)

    @property
    def arrival_promise(self) -> int:
        """Minutes the company promises for this area."""
        return ARRIVAL_PROMISE[AreaKind(self.area_kind)]

    @property
    def restore_average(self) -> int:
        return RESTORE_AVERAGE[AreaKind(self.area_kind)]

    def reckon(self) -> None:
        """Work out (unsaved) what follows from the moments: minutes from the order, or from
        leaving, to being there; whether that kept the promise, where one was given (repairs);
        minutes out."""
        self.response_minutes = minutes_between(
            self.ordered_at or self.departed_at, self.arrived_at
        )
        self.is_in_time = (
            self.response_minutes <= self.arrival_promise
            if self.response_minutes is not None and self.service_kind == ServiceKind.REPAIR
            else None
        )
        self.minutes_out = minutes_between(self.departed_at, self.ended_at)


def minutes_between(first: dt.datetime | None, second: dt.datetime | None) -> int | None:
    if first is None or second is None:
        return None
    return int((second - first).total_seconds() // 60)


# Which column holds the moment that counts.
MARK_FIELDS: dict[str, str] = {
    Mark.ORDERED: "ordered_at",
    Mark.DEPARTED: "departed_at",
    Mark.ARRIVED: "arrived_at",
    Mark.STARTED: "work_started_at",
    Mark.RESTORED: "restored_at",
    Mark.LEFT: "left_at",
}


class TurnoutCrew(models.Model):
    """参加的服务队: one of the crews of a turnout."""

    turnout = models.ForeignKey(Turnout, on_delete=models.CASCADE, related_name="parties")
    crew = models.ForeignKey(Crew, on_delete=models.PROTECT, related_name="parties")

    class Meta:
        verbose_name = _("参加的服务队")
        verbose_name_plural = _("参加的服务队")
        constraints = [
            models.UniqueConstraint(fields=["turnout", "crew"], name="crew_once_per_turnout"),
        ]

    def __str__(self) -> str:
        return str(self.crew)


class TurnoutPerson(models.Model):
    """出动人次: somebody was out on one day of a turnout, with one of its crews.

    One row is one person-time: the database holds the counting rule. ``shift`` tells a relief
    (换班) from those who came first.
    """

    turnout = models.ForeignKey(Turnout, on_delete=models.CASCADE, related_name="people")
    day = models.DateField(_("日期"))
    crew = models.ForeignKey(Crew, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="turnout_days")
    role = models.CharField(_("角色"), max_length=16, choices=CrewRole, default=CrewRole.MEMBER)
    shift = models.PositiveSmallIntegerField(_("班次"), default=1)

    class Meta:
        verbose_name = _("出动人员")
        verbose_name_plural = _("出动人员")
        ordering = ["day", "shift", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["turnout", "day", "person"],
                name="person_once_per_turnout_day",
                violation_error_message=_("同一人同一天在一次出队里只计一次"),
            ),
        ]
        indexes = [models.Index(fields=["person", "day"], name="turnout_days_of_person")]

    def __str__(self) -> str:
        return f"{self.person} {self.day}"


class TurnoutVehicle(models.Model):
    """出动台次: a vehicle was out on one day of a turnout. One row is one vehicle-time."""

    turnout = models.ForeignKey(Turnout, on_delete=models.CASCADE, related_name="vehicles")
    day = models.DateField(_("日期"))
    crew = models.ForeignKey(Crew, on_delete=models.PROTECT, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="turnout_days")
    kind = models.CharField(_("车型"), max_length=12, choices=VehicleKind)

    class Meta:
        verbose_name = _("出动车辆")
        verbose_name_plural = _("出动车辆")
        ordering = ["day", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["turnout", "day", "vehicle"],
                name="vehicle_once_per_turnout_day",
                violation_error_message=_("同一辆车同一天在一次出队里只计一次"),
            ),
        ]
        indexes = [models.Index(fields=["vehicle", "day"], name="turnout_days_of_vehicle")]

    def __str__(self) -> str:
        return f"{self.vehicle} {self.day}"


class TurnoutTime(models.Model):
    """时刻来历: one statement of one moment, measured by a phone or declared later.

    Appended only. Of measured ones the earliest counts (two phones pressed the same button); a
    declared one (补报) outweighs them and both are shown. ``phone_at`` is what the phone's own
    clock said, ``at`` that moment with the phone's error taken off (``offset_ms``: phone minus
    portal, as the phone last noticed it; null when it never could).
    """

    turnout = models.ForeignKey(Turnout, on_delete=models.CASCADE, related_name="times")
    key = models.UUIDField(_("提交标识"), unique=True)
    mark = models.CharField(_("时刻"), max_length=10, choices=Mark)
    is_measured = models.BooleanField(_("手机按下"))
    at = models.DateTimeField(_("时间"))
    phone_at = models.DateTimeField(_("手机时间"), null=True, blank=True)
    offset_ms = models.BigIntegerField(_("手机钟差（毫秒）"), null=True, blank=True)
    device = models.CharField(_("设备"), max_length=40, blank=True)
    reason = models.CharField(_("补报原因"), max_length=200, blank=True)
    stated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    received_at = models.DateTimeField(_("收到时间"))

    class Meta:
        verbose_name = _("时刻来历")
        verbose_name_plural = _("时刻来历")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.get_mark_display()} {self.at:%m-%d %H:%M}"

    @property
    def is_clock_off(self) -> bool:
        """Whether the phone's clock was wrong by more than two minutes, or nobody knows."""
        return self.is_measured and (self.offset_ms is not None and abs(self.offset_ms) > 120_000)


class TurnoutEvent(models.Model):
    """出队经过: a step, an edit or a correction, with what it changed (appended only)."""

    turnout = models.ForeignKey(Turnout, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(_("时间"))
    step = models.CharField(_("步骤"), max_length=16)
    key = models.UUIDField(
        _("提交标识"), unique=True, null=True, blank=True, help_text=_("同一次提交两次只算一次")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(_("说明"), max_length=300, blank=True)
    changes = models.JSONField(_("改动"), default=dict, blank=True)

    class Meta:
        verbose_name = _("出队经过")
        verbose_name_plural = _("出队经过")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.step


class OpeningBalance(models.Model):
    """期初数: what was counted on paper before the portal, shown as such and never mixed in
    unseen."""

    crew = models.ForeignKey(
        Crew, verbose_name=_("服务队"), on_delete=models.PROTECT, related_name="openings"
    )
    operation = models.ForeignKey(
        Operation,
        verbose_name=_("行动"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="openings",
    )
    counted_on = models.DateField(_("截止日期"))
    service_kind = models.CharField(_("服务类别"), max_length=12, choices=ServiceKind)
    sub_kind = models.CharField(_("服务小类"), max_length=20, choices=SubKind, blank=True)
    turnouts = models.PositiveIntegerField(_("出队次数"), default=0)
    person_times = models.PositiveIntegerField(_("出动人次"))
    vehicle_times = models.PositiveIntegerField(_("出动台次"), default=0)
    basis = models.CharField(_("依据"), max_length=120)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("录入时间"))

    class Meta:
        verbose_name = _("期初数")
        verbose_name_plural = _("期初数")
        ordering = ["counted_on", "id"]

    def __str__(self) -> str:
        return f"{self.crew} {self.basis}"
