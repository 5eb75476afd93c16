"""The life cycles of 书记听您说, as tables. Nothing else assigns a status."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.kernel.lifecycle import Lifecycle, step


class RequestStatus(models.TextChoices):
    SUBMITTED = "submitted", _("待受理")
    ACCEPTED = "accepted", _("已受理，待分派")
    ASSIGNED = "assigned", _("办理中")
    REPLIED = "replied", _("已答复，等您评价")
    REOPENED = "reopened", _("重办中")
    APPEALED = "appealed", _("待书记裁定")
    CLOSED = "closed", _("已办结")
    DECLINED = "declined", _("不予受理")
    MERGED = "merged", _("已并案")
    WITHDRAWN = "withdrawn", _("已撤回")


REQUEST = Lifecycle(
    RequestStatus,
    {
        "accept": step(("submitted",), "accepted", "受理"),
        "decline": step(("submitted", "accepted"), "declined", "不予受理"),
        "assign": step(("accepted",), "assigned", "分派"),
        "reassign": step(("assigned",), "assigned", "改派"),
        "reassign_again": step(("reopened",), "reopened", "改派"),
        "reply": step(("assigned", "reopened"), "replied", "答复"),
        "reopen": step(("replied", "closed"), "reopened", "要求重办"),
        "appeal": step(("replied", "closed"), "appealed", "请书记定"),
        "decide": step(("appealed",), "closed", "裁定"),
        "close": step(("replied",), "closed", "办结"),
        "settle": step(("accepted",), "closed", "告知办结"),
        "merge": step(("submitted", "accepted", "assigned"), "merged", "并案"),
        "withdraw": step(("submitted", "accepted", "assigned", "replied"), "withdrawn", "撤回"),
    },
)

OPEN_STATUSES = ("submitted", "accepted", "assigned", "replied", "reopened", "appealed")
IN_HAND_STATUSES = ("assigned", "reopened")
OFFICE_STATUSES = ("submitted", "accepted", "appealed")


class PromiseStatus(models.TextChoices):
    PROMISED = "promised", _("已承诺")
    ORDERED = "ordered", _("已下单")
    DELIVERED = "delivered", _("已送达，等大家确认")
    CONFIRMED = "confirmed", _("大家已确认")
    RECALLED = "recalled", _("已收回")


PROMISE = Lifecycle(
    PromiseStatus,
    {
        "order": step(("promised",), "ordered", "下单"),
        "deliver": step(("promised", "ordered"), "delivered", "送达"),
        "confirm": step(("delivered",), "confirmed", "确认送达"),
        "dispute": step(("delivered",), "ordered", "说明还没到"),
        "recall": step(("promised", "ordered"), "recalled", "收回承诺"),
    },
)


class SessionStatus(models.TextChoices):
    PLANNED = "planned", _("筹备中")
    ANNOUNCED = "announced", _("已公告")
    HELD = "held", _("已举行，待公布结果")
    PUBLISHED = "published", _("结果已公布")
    CANCELLED = "cancelled", _("已取消")


SESSION = Lifecycle(
    SessionStatus,
    {
        "announce": step(("planned",), "announced", "公告"),
        "hold": step(("planned", "announced"), "held", "记为已举行"),
        "publish": step(("held",), "published", "公布结果"),
        "cancel": step(("planned", "announced"), "cancelled", "取消"),
    },
)


class SupervisionStatus(models.TextChoices):
    OPEN = "open", _("督办中")
    REPORTED = "reported", _("待销号")
    STRUCK_OFF = "struck_off", _("已销号")


SUPERVISION = Lifecycle(
    SupervisionStatus,
    {
        "report": step(("open",), "reported", "报办理结果"),
        "strike_off": step(("open", "reported"), "struck_off", "销号"),
        "return": step(("reported",), "open", "退回再办"),
    },
)
