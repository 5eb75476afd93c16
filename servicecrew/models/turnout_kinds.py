"""What a turnout may be: kinds, sources, causes, marks; and the times promised for each area."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ServiceKind(models.TextChoices):
    """五类服务."""

    REPAIR = "repair", _("抢修服务")
    POLITICAL = "political", _("政治服务")
    MARKETING = "marketing", _("营销服务")
    VOLUNTEER = "volunteer", _("志愿服务")
    VALUE_ADDED = "value_added", _("增值服务")


class SubKind(models.TextChoices):
    """服务小类; SUB_KINDS says which belongs to which of the five."""

    FAULT_REPAIR = "fault_repair", _("故障抢修")
    DISASTER_RELIEF = "disaster_relief", _("灾害抢险")
    AID_ELSEWHERE = "aid_elsewhere", _("支援外地")
    PROJECT_PUSH = "project_push", _("工程攻坚")
    POWER_GUARANTEE = "power_guarantee", _("重要活动保电")
    SUMMER_PEAK = "summer_peak", _("迎峰度夏（冬）")
    CUSTOMER_VISIT = "customer_visit", _("政企客户走访")
    SALES_GROWTH = "sales_growth", _("增供扩销、业扩")
    SAFETY_PUBLICITY = "safety_publicity", _("安全用电宣传")
    HARDSHIP_HELP = "hardship_help", _("助困帮扶")
    PAIRING = "pairing", _("结对共建")
    ENERGY_DIAGNOSIS = "energy_diagnosis", _("用能诊断")


SUB_KINDS: dict[str, tuple[str, ...]] = {
    ServiceKind.REPAIR: ("fault_repair", "disaster_relief", "aid_elsewhere", "project_push"),
    ServiceKind.POLITICAL: ("power_guarantee", "summer_peak"),
    ServiceKind.MARKETING: ("customer_visit", "sales_growth"),
    ServiceKind.VOLUNTEER: ("safety_publicity", "hardship_help", "pairing"),
    ServiceKind.VALUE_ADDED: ("energy_diagnosis",),
}


class TurnoutSource(models.TextChoices):
    DISPATCH = "dispatch", _("调度")
    HOTLINE = "hotline", _("95598工单")
    ORDER = "order", _("上级指令")
    COMMUNITY = "community", _("社区来电")
    OWN = "own", _("自主")


class AreaKind(models.TextChoices):
    """供电区域: how soon the company promises to be there (45, 90, 120 minutes)."""

    CITY = "city", _("城区")
    RURAL = "rural", _("农村")
    REMOTE = "remote", _("特殊边远")


ARRIVAL_PROMISE = {AreaKind.CITY: 45, AreaKind.RURAL: 90, AreaKind.REMOTE: 120}
# Restoring takes three hours in town and four elsewhere on average: a yardstick, no verdict.
RESTORE_AVERAGE = {AreaKind.CITY: 180, AreaKind.RURAL: 240, AreaKind.REMOTE: 240}


class FaultCause(models.TextChoices):
    LIGHTNING = "lightning", _("雷击")
    BROKEN_LINE = "broken_line", _("断线")
    FALLEN_POLE = "fallen_pole", _("倒杆")
    TREE = "tree", _("树障")
    OUTSIDE_FORCE = "outside_force", _("外力")
    FLOOD = "flood", _("水淹")
    EQUIPMENT = "equipment", _("设备故障")


class Voltage(models.TextChoices):
    KV_0_4 = "0.4", "0.4kV"
    KV_10 = "10", "10kV"
    KV_35 = "35", "35kV"
    KV_110 = "110", "110kV"
    KV_220 = "220", "220kV"
    KV_500 = "500", "500kV"


class Satisfaction(models.TextChoices):
    VERY = "very", _("非常满意")
    SATISFIED = "satisfied", _("满意")
    FAIR = "fair", _("基本满意")
    NOT = "not", _("不满意")
    UNREACHED = "unreached", _("没有联系上")


class EnteredVia(models.TextChoices):
    PHONE = "phone", _("手机记录")
    WEB = "web", _("网页补记")
    PAPER = "paper", _("纸面补录")
    IMPORT = "import", _("Excel导入")


class Mark(models.TextChoices):
    """时刻. In the order in which they follow each other."""

    ORDERED = "ordered", _("接令")
    DEPARTED = "departed", _("出发")
    ARRIVED = "arrived", _("到场")
    STARTED = "started", _("开工")
    RESTORED = "restored", _("复电")
    LEFT = "left", _("撤离")
