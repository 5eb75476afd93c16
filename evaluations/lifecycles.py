"""The life cycles of the monthly work, as tables. Nothing else assigns a status."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.kernel.lifecycle import Lifecycle, stay, step


class RoundStatus(models.TextChoices):
    OPEN = "open", _("记录中")
    INSPECTING = "inspecting", _("互查中")
    PROVISIONAL = "provisional", _("初评公示")
    PUBLISHED = "published", _("已通报")


ROUND = Lifecycle(
    RoundStatus,
    {
        "start_inspection": step(("open",), "inspecting", "开始互查"),
        "close_inspection": step(("inspecting",), "provisional", "结束互查、公示初评"),
        "reopen_inspection": step(("provisional",), "inspecting", "退回互查"),
        "publish": step(("provisional",), "published", "发布通报"),
    },
)


class InspectionStatus(models.TextChoices):
    PLANNED = "planned", _("待检查")
    UNDER_WAY = "under_way", _("检查中")
    SUBMITTED = "submitted", _("待被查方确认")
    CONFIRMED = "confirmed", _("双方已确认")
    SET_ASIDE = "set_aside", _("已由重查代替")


INSPECTION = Lifecycle(
    InspectionStatus,
    {
        "start": step(("planned",), "under_way", "开始检查"),
        "submit": step(("under_way",), "submitted", "提交评分表"),
        "take_back": step(("submitted",), "under_way", "撤回修改"),
        "confirm": step(("submitted",), "confirmed", "确认事实"),
        "object": step(("submitted",), "confirmed", "提出异议"),
        "set_aside": step(("submitted", "confirmed"), "set_aside", "由重查代替"),
    },
)


class FindingStatus(models.TextChoices):
    RAISED = "raised", _("待确认")
    CONFIRMED = "confirmed", _("已确认")
    DISPUTED = "disputed", _("有异议")
    FIXING = "fixing", _("整改中")
    REPORTED = "reported", _("待回头看")
    VERIFIED = "verified", _("已销号")
    RETURNED = "returned", _("退回再改")


FINDING = Lifecycle(
    FindingStatus,
    {
        "confirm": step(("raised",), "confirmed", "确认"),
        "dispute": step(("raised",), "disputed", "提出异议"),
        "start_fixing": step(("raised", "confirmed", "disputed"), "fixing", "开始整改"),
        "report": step(
            ("raised", "confirmed", "disputed", "fixing", "returned"), "reported", "报整改"
        ),
        "verify": step(("reported",), "verified", "销号"),
        "return": step(("reported",), "returned", "退回再改"),
        "reopen": step(("verified",), "returned", "复核退回"),
        "take_back": step(("verified",), "reported", "撤回复核"),
        "strike_off": step(
            ("raised", "confirmed", "disputed", "fixing", "reported", "returned"),
            "verified",
            "因申诉成立销号",
        ),
    },
)


class NoticeStatus(models.TextChoices):
    DRAFT = "draft", _("待核稿")
    CHECKED = "checked", _("待签发")
    ISSUED = "issued", _("待签收")
    ACKNOWLEDGED = "acknowledged", _("整改中")
    RESPONDED = "responded", _("待审核")
    ACCEPTED = "accepted", _("已办结")
    RETURNED = "returned", _("退回再改")
    WITHDRAWN = "withdrawn", _("已撤回")


NOTICE = Lifecycle(
    NoticeStatus,
    {
        "check": step(("draft",), "checked", "核稿"),
        "send_back": step(("draft", "checked"), "draft", "退回起草"),
        "issue": step(("checked",), "issued", "签发"),
        "acknowledge": step(("issued",), "acknowledged", "签收"),
        "respond": step(("acknowledged", "returned"), "responded", "报整改情况"),
        "accept": step(("responded",), "accepted", "认可整改"),
        "return": step(("responded",), "returned", "退回再改"),
        # While the branch owes something, its deadline may be moved.
        "extend": stay(("issued", "acknowledged", "returned"), "延期"),
        "withdraw": step(
            ("draft", "checked", "issued", "acknowledged", "returned"), "withdrawn", "撤回"
        ),
    },
)

# Not signed yet: the branch knows nothing of it, and it has no number.
UNSIGNED = (NoticeStatus.DRAFT, NoticeStatus.CHECKED)


class AppealStatus(models.TextChoices):
    FILED = "filed", _("待复核")
    UPHELD = "upheld", _("申诉成立")
    REJECTED = "rejected", _("维持原扣分")
    REVISIT = "revisit", _("另派组重查")
    REPLACED = "replaced", _("以重查为准")


APPEAL = Lifecycle(
    AppealStatus,
    {
        "uphold": step(("filed",), "upheld", "认可申诉"),
        "reject": step(("filed",), "rejected", "维持原扣分"),
        "send_second": step(("filed",), "revisit", "另派组重查"),
        "recall": step(("revisit",), "filed", "撤回重查"),
        "replace": step(("revisit",), "replaced", "以重查为准"),
    },
)
