"""The names of what this app writes into the audit trail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

AUDIT_LABELS = {
    "crew.closed": _("服务队：撤销"),
    "crew.discharged": _("服务队：离队"),
    "crew.edited": _("服务队：修改"),
    "crew.enlisted": _("服务队：入队"),
    "crew.equipment_kept": _("服务队：装备"),
    "crew.founded": _("服务队：设立"),
    "crew.noted": _("服务队：队史"),
    "crew.vehicle_enlisted": _("服务队：登记车辆"),
    "crew.vehicle_retired": _("服务队：停用车辆"),
    "operation.affected": _("行动：影响户数"),
    "operation.edited": _("行动：修改"),
    "operation.event": _("行动：大事记"),
    "operation.opened": _("行动：发起"),
    "operation.outages": _("行动：停电时报"),
    "operation.photos": _("行动：照片"),
    "operation.teams_placed": _("行动：前置力量"),
    "programme.deed_added": _("五大工程：记一项活动"),
    "programme.mentor_ended": _("五大工程：师带徒结束"),
    "programme.mentor_paired": _("五大工程：师带徒"),
    "programme.pioneer_finished": _("先锋模范：结束"),
    "programme.pioneer_noted": _("先锋模范：登记"),
    "programme.plan_set": _("五大工程：年度计划"),
    "programme.retired_listed": _("五大工程：老同志名册"),
    "programme.visited": _("五大工程：走访"),
    "turnout.confirm": _("出队：队长确认"),
    "turnout.edited": _("出队：修改"),
    "turnout.give_back": _("出队：退回"),
    "turnout.imported": _("出队：导入"),
    "turnout.log": _("出队：登记"),
    "turnout.marked": _("出队：记时间"),
    "turnout.opened": _("出队：新记录"),
    "turnout.opening_balance": _("出队：期初数"),
    "turnout.photos": _("出队：照片"),
    "turnout.reopen": _("出队：更正"),
    "turnout.verify": _("出队：核定"),
    "turnout.void": _("出队：作废"),
}
"""Name by code. Codes are sorted so that the next one finds its place."""
