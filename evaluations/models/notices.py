"""Rectification notices: drafted by the machine for failed key work, issued by a person."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from branches.models import Branch
from evaluations.lifecycles import NoticeStatus
from evaluations.models.inspections import Finding
from evaluations.models.rankings import RankingRun
from evaluations.models.rounds import RoundParticipant
from evaluations.models.rubrics import RubricItem
from evaluations.querysets import NoticeQuerySet
from portal.kernel.marks import MarksField


class RectificationNotice(models.Model):
    """整改通知书: to one branch for one month, because key work failed; never for a low rank.

    ``finding``: of a notice that officers made of one finding which was not put right in time;
    beside the month's notice there may be one for each such finding.

    ``edited_by`` is who worded the facts last (empty: the words are the machine's); he does not
    check his own words where there is a colleague (:mod:`evaluations.four_eyes`).
    """

    run = models.ForeignKey(RankingRun, on_delete=models.PROTECT, related_name="notices")
    participant = models.ForeignKey(
        RoundParticipant, on_delete=models.PROTECT, related_name="notices"
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="notices")
    finding = models.ForeignKey(
        Finding,
        verbose_name=_("由哪个问题转来"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="notices",
    )
    status = models.CharField(
        _("状态"), max_length=12, choices=NoticeStatus, default=NoticeStatus.DRAFT
    )
    drafted_at = models.DateTimeField(_("起草时间"))
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("最后改写事实的人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    checked_at = models.DateTimeField(_("核稿时间"), null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("核稿人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    issuer_code = models.CharField(_("代字"), max_length=20, blank=True)
    year = models.PositiveSmallIntegerField(_("年份"), null=True, blank=True)
    number = models.PositiveIntegerField(_("序号"), null=True, blank=True)
    issued_at = models.DateTimeField(_("签发时间"), null=True, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    acknowledge_by = models.DateField(_("签收期限"), null=True, blank=True)
    due_on = models.DateField(_("整改期限"), null=True, blank=True)
    extended_from = models.DateField(_("延期前的期限"), null=True, blank=True)
    look_back_by = models.DateField(_("回头看期限"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("签收时间"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    responded_at = models.DateTimeField(_("报告时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    version = models.PositiveIntegerField(_("版本"), default=1)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("整改通知书")
        verbose_name_plural = _("整改通知书")
        ordering = ["-drafted_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "branch"],
                condition=Q(finding__isnull=True),
                name="one_notice_per_run",
            ),
            models.UniqueConstraint(
                fields=["participant"],
                condition=~Q(status="withdrawn") & Q(finding__isnull=True),
                name="one_live_notice_per_month",
                violation_error_message=_("该支部本月已有整改通知书"),
            ),
            models.UniqueConstraint(
                fields=["finding"],
                condition=~Q(status="withdrawn"),
                name="one_live_notice_per_finding",
                violation_error_message=_("这个问题已经转了整改通知书"),
            ),
            models.UniqueConstraint(
                fields=["issuer_code", "year", "number"],
                condition=Q(number__isnull=False),
                name="notice_number_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "checked", "withdrawn"])
                | Q(number__isnull=False, issued_at__isnull=False, due_on__isnull=False),
                name="issued_notice_has_number",
            ),
            models.CheckConstraint(
                condition=Q(checked_at__isnull=True, checked_by__isnull=True)
                | Q(checked_at__isnull=False, checked_by__isnull=False),
                name="check_of_notice_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "withdrawn"]) | Q(checked_at__isnull=False),
                name="signed_notice_was_checked",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["responded", "accepted"]) | Q(responded_at__isnull=False),
                name="responded_notice_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.document_number or f"{self.branch}整改通知书（草稿）"

    @property
    def document_number(self) -> str:
        """``泉电党整〔2017〕6号``: full year in 六角括号, no padding; empty before issue."""
        if self.number is None:
            return ""
        return f"{self.issuer_code}〔{self.year}〕{self.number}号"


class NoticeProblem(models.Model):
    """问题清单: one failed item in a notice with its rule and facts, and the branch's answer."""

    class Trigger(models.TextChoices):
        BELOW_LINE = "below_line", _("重点工作得分低于规定比例")
        TAKES_ALL = "takes_all", _("重点工作扣满分")
        CRITICAL = "critical", _("问题程度严重")
        THREE_MONTHS = "three_months", _("同一问题连续三个月")
        OVERDUE = "overdue", _("问题逾期未改")
        GIVEN_BACK = "given_back", _("回头看没有改到位")

    notice = models.ForeignKey(
        RectificationNotice, on_delete=models.CASCADE, related_name="problems"
    )
    number = models.PositiveSmallIntegerField(_("序号"))
    item = models.ForeignKey(RubricItem, on_delete=models.PROTECT, related_name="+")
    trigger = models.CharField(_("触发规则"), max_length=16, choices=Trigger)
    marks = MarksField(_("得分"))
    full_marks = MarksField(_("满分"))
    facts = models.TextField(_("事实"))
    cause = models.CharField(_("原因"), max_length=300, blank=True)
    measure = models.CharField(_("整改措施"), max_length=500, blank=True)
    responsible = models.CharField(_("责任人"), max_length=40, blank=True)
    done_on = models.DateField(_("完成时间"), null=True, blank=True)
    result = models.CharField(_("完成情况"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("通知书问题")
        verbose_name_plural = _("通知书问题")
        ordering = ["notice", "number"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "number"], name="problem_number_once"),
            models.UniqueConstraint(fields=["notice", "item"], name="problem_item_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.item}"


class NoticeEvent(models.Model):
    """通知书经过: one step of a notice (appended only)."""

    notice = models.ForeignKey(RectificationNotice, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(_("时间"))
    step = models.CharField(_("步骤"), max_length=16)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(_("说明"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("通知书经过")
        verbose_name_plural = _("通知书经过")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.step
