"""The month's round: its policy, calendar and participants."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from branches.models import Branch, BranchType, Committee, Person, SecretaryMode, Tier
from evaluations.lifecycles import RoundStatus
from evaluations.models.rubrics import RubricVersion
from evaluations.querysets import ParticipantQuerySet, RoundQuerySet
from portal.kernel.months import Month, first_of_month


class RankingBasis(models.TextChoices):
    TYPE = "type", _("按类型排名")
    TIER_TYPE = "tier_type", _("每组满3个时按层级和类型排名")


class OfficialBasis(models.TextChoices):
    RAW = "raw", _("原始分")
    CORRECTED = "corrected", _("校正后得分")


class EvaluationPolicy(models.Model):
    """考评规则: every number a committee may set, from a month on (domain.md 2.2, 4, 9.1)."""

    committee = models.ForeignKey(
        Committee, verbose_name=_("党委"), on_delete=models.PROTECT, related_name="policies"
    )
    first_month = models.DateField(_("起始月份"))
    ranking_basis = models.CharField(
        _("排名分组"), max_length=10, choices=RankingBasis, default=RankingBasis.TYPE
    )
    min_group_size = models.PositiveSmallIntegerField(_("最少几个才排名"), default=3)
    key_fail_percent = models.PositiveSmallIntegerField(_("重点工作不落实线（%）"), default=60)
    own_share_percent = models.PositiveSmallIntegerField(_("党总支本级占比（%）"), default=50)
    visits_per_branch = models.PositiveSmallIntegerField(_("每支部检查次数"), default=2)
    official_basis = models.CharField(
        _("正式名次按"), max_length=10, choices=OfficialBasis, default=OfficialBasis.RAW
    )
    pairing_memory = models.PositiveSmallIntegerField(_("同一对几个月内不重复"), default=6)
    draw_day = models.PositiveSmallIntegerField(_("抽签日"), default=22)
    window_first_day = models.PositiveSmallIntegerField(_("互查开始日"), default=25)
    appeal_workdays = models.PositiveSmallIntegerField(_("申诉工作日"), default=2)
    publish_day = models.PositiveSmallIntegerField(_("通报日"), default=5)
    meeting_day = models.PositiveSmallIntegerField(_("例会日"), default=8)
    fix_now_workdays = models.PositiveSmallIntegerField(_("立行立改工作日"), default=2)
    minor_workdays = models.PositiveSmallIntegerField(_("一般问题工作日"), default=5)
    major_workdays = models.PositiveSmallIntegerField(_("较重、严重问题工作日"), default=10)
    continuing_workdays = models.PositiveSmallIntegerField(_("长期坚持工作日"), default=20)
    notice_workdays = models.PositiveSmallIntegerField(_("通知书整改工作日"), default=5)
    acknowledge_workdays = models.PositiveSmallIntegerField(_("签收工作日"), default=2)
    look_back_workdays = models.PositiveSmallIntegerField(_("回头看工作日"), default=5)

    class Meta:
        verbose_name = _("考评规则")
        verbose_name_plural = _("考评规则")
        ordering = ["committee", "-first_month"]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "first_month"], name="one_policy_per_month"
            ),
            first_of_month("first_month", "policy_first_of_month"),
            models.CheckConstraint(
                condition=Q(key_fail_percent__lte=100, own_share_percent__lte=100),
                name="policy_percentages",
                violation_error_message=_("百分比不能超过100"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.committee} {self.first_month:%Y-%m}"


class MonthRound(models.Model):
    """月度轮次: one committee's month from open records to the published bulletin.

    The calendar is worked out in working days when the round opens and may be moved with a
    reason. A day passes at 24:00 in Shanghai.
    """

    committee = models.ForeignKey(
        Committee, verbose_name=_("党委"), on_delete=models.PROTECT, related_name="rounds"
    )
    month = models.DateField(_("月份"))
    status = models.CharField(
        _("状态"), max_length=12, choices=RoundStatus, default=RoundStatus.OPEN
    )
    policy = models.ForeignKey(
        EvaluationPolicy,
        verbose_name=_("考评规则"),
        on_delete=models.PROTECT,
        related_name="rounds",
    )
    focus = models.CharField(_("本月检查重点"), max_length=200, blank=True)
    highlights = models.TextField(_("主要亮点"), blank=True)
    next_focus = models.TextField(_("下月重点"), blank=True)
    opened_at = models.DateTimeField(_("开启时间"))
    records_due_on = models.DateField(_("记录锁定日"))
    window_starts_on = models.DateField(_("互查开始"))
    window_ends_on = models.DateField(_("互查截止"))
    appeals_end_on = models.DateField(_("申诉截止"))
    publish_on = models.DateField(_("通报日"))
    meeting_on = models.DateField(_("例会日"))
    published_at = models.DateTimeField(_("通报时间"), null=True, blank=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("月度轮次")
        verbose_name_plural = _("月度轮次")
        ordering = ["-month", "committee"]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "month"],
                name="one_round_per_month",
                violation_error_message=_("该月已开启"),
            ),
            first_of_month("month", "round_first_of_month"),
            models.CheckConstraint(
                condition=Q(
                    window_ends_on__gte=F("window_starts_on"),
                    appeals_end_on__gte=F("window_ends_on"),
                    publish_on__gt=F("appeals_end_on"),
                    meeting_on__gte=F("publish_on"),
                ),
                name="round_calendar_in_order",
                violation_error_message=_("日历次序须为互查、申诉、通报、例会"),
            ),
            models.CheckConstraint(
                condition=Q(status="published", published_at__isnull=False)
                | (~Q(status="published") & Q(published_at__isnull=True)),
                name="published_round_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.committee} {self.label}"

    @property
    def period(self) -> Month:
        return Month.of(self.month)

    @property
    def label(self) -> str:
        return self.period.label

    @property
    def is_published(self) -> bool:
        return self.status == RoundStatus.PUBLISHED


class RoundParticipant(models.Model):
    """参评单位: a branch as it stood when the month's round opened.

    Type, tier, exemption, rubric version and secretary are copied from the dated facts, so
    a published month reads the same for ever.
    """

    round = models.ForeignKey(MonthRound, on_delete=models.PROTECT, related_name="participants")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="participations")
    parent = models.ForeignKey(
        Branch, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    tier = models.CharField(_("层级"), max_length=16, choices=Tier)
    branch_type = models.CharField(_("类型"), max_length=12, choices=BranchType)
    is_exempt = models.BooleanField(_("不参评"), default=False)
    rubric_version = models.ForeignKey(
        RubricVersion, on_delete=models.PROTECT, related_name="participants"
    )
    secretary = models.ForeignKey(
        Person,
        verbose_name=_("书记"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    secretary_mode = models.CharField(
        _("专职或兼职"), max_length=10, choices=SecretaryMode, blank=True
    )
    member_count = models.PositiveIntegerField(_("党员数"), default=0)
    has_committee = models.BooleanField(_("设支委会"), default=True)
    group_count = models.PositiveSmallIntegerField(_("党小组数"), default=0)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = _("参评单位")
        verbose_name_plural = _("参评单位")
        ordering = ["branch__sort_order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "branch"], name="branch_once_per_round"),
        ]
        indexes = [models.Index(fields=["round", "branch_type"], name="participants_by_type")]

    def __str__(self) -> str:
        return f"{self.branch}"


class RoundEvent(models.Model):
    """轮次经过: one step a round took, by whom, why (appended only)."""

    round = models.ForeignKey(MonthRound, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(_("时间"))
    step = models.CharField(_("步骤"), max_length=32)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    via = models.CharField(_("途径"), max_length=16)
    note = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("轮次经过")
        verbose_name_plural = _("轮次经过")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.step
