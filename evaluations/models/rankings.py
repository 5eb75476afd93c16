"""Bonus, veto, and what a publication writes: run, entries, bulletin. All frozen."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from branches.models import Branch, BranchType, Person, SecretaryMode, Tier
from evaluations.models.rounds import MonthRound, RoundParticipant
from evaluations.models.rubrics import BonusRule, RubricItem, VetoRule
from evaluations.querysets import EntryQuerySet
from portal.kernel.marks import MarksField


class BonusEntry(models.Model):
    """加分: marks the party-affairs department added for a proven fact."""

    participant = models.ForeignKey(
        RoundParticipant, on_delete=models.PROTECT, related_name="bonuses"
    )
    rule = models.ForeignKey(BonusRule, on_delete=models.PROTECT, related_name="+")
    points = MarksField(_("加分"))
    fact = models.CharField(_("事实与依据"), max_length=500)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(_("核定时间"))

    class Meta:
        verbose_name = _("加分")
        verbose_name_plural = _("加分")
        ordering = ["participant", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(points__gt=0),
                name="bonus_positive",
                violation_error_message=_("加分须大于0"),
            ),
        ]

    def __str__(self) -> str:
        return f"+{self.points} {self.fact[:30]}"


class VetoEvent(models.Model):
    """否决: an event that caps the month's total."""

    participant = models.ForeignKey(
        RoundParticipant, on_delete=models.PROTECT, related_name="vetoes"
    )
    rule = models.ForeignKey(VetoRule, on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(
        RubricItem,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("弄虚作假时计0分的项目"),
    )
    fact = models.CharField(_("事实与依据"), max_length=500)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("认定时间"))

    class Meta:
        verbose_name = _("否决")
        verbose_name_plural = _("否决")
        ordering = ["participant", "id"]
        constraints = [
            models.UniqueConstraint(fields=["participant", "rule"], name="veto_once_per_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.rule.code} {self.fact[:30]}"


class RankingRun(models.Model):
    """排名发布: one publication of a round. A correction is a new revision beside the old.

    ``digest`` = SHA-256 over ``previous_digest`` (of the run with the next lower
    ``sequence``) and the canonical lines of its entries and sheets: a chain over the whole
    portal, printed in each bulletin as an anchor outside the database.
    """

    round = models.ForeignKey(MonthRound, on_delete=models.PROTECT, related_name="runs")
    revision = models.PositiveSmallIntegerField(_("修订"), default=1)
    sequence = models.PositiveIntegerField(_("链序号"), unique=True)
    published_at = models.DateTimeField(_("发布时间"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("发布人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    via = models.CharField(_("途径"), max_length=16)
    reason = models.CharField(_("修订原因"), max_length=300, blank=True)
    entry_count = models.PositiveIntegerField(_("单位数"), default=0)
    previous_digest = models.CharField(_("上一摘要"), max_length=64, blank=True)
    digest = models.CharField(_("摘要"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("排名发布")
        verbose_name_plural = _("排名发布")
        ordering = ["-sequence"]
        constraints = [
            models.UniqueConstraint(fields=["round", "revision"], name="one_run_per_revision"),
        ]

    def __str__(self) -> str:
        return f"{self.round} 第{self.revision}次发布"


class RankingEntry(models.Model):
    """名次: one branch's line in a published ranking.

    ``base`` is the mean of the confirmed sheets (for a general branch combined with its
    branches), ``total`` = min(cap, base + correction + bonus); ``correction`` counts from the month
    in which the committee made corrected scores official. ``rank`` is empty when the branch is only
    listed; ``unranked_reason`` says why.
    """

    class Unranked(models.TextChoices):
        RANKED = "", _("参加排名")
        EXEMPT = "exempt", _("不参评")
        NOT_INSPECTED = "not_inspected", _("本月未检查")
        SMALL_GROUP = "small_group", _("同类不足数，只列不排")

    run = models.ForeignKey(RankingRun, on_delete=models.PROTECT, related_name="entries")
    participant = models.ForeignKey(
        RoundParticipant, on_delete=models.PROTECT, related_name="entries"
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="ranking_entries")
    tier = models.CharField(max_length=16, choices=Tier)
    branch_type = models.CharField(max_length=12, choices=BranchType)
    group_key = models.CharField(_("排名组"), max_length=32)
    secretary = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    secretary_mode = models.CharField(max_length=10, choices=SecretaryMode, blank=True)
    visits = models.PositiveSmallIntegerField(_("检查次数"))
    base = MarksField(_("基本分"), null=True)
    correction = MarksField(_("校正"), null=True, blank=True, help_text=_("空：按原始分排名的月份"))
    bonus = MarksField(_("加分"))
    cap = MarksField(_("封顶"), null=True, blank=True)
    total = MarksField(_("总分"), null=True)
    key_marks = MarksField(_("重点工作得分"), null=True)
    open_findings = models.PositiveIntegerField(_("未销号问题"), default=0)
    band = models.CharField(_("等次"), max_length=8, blank=True)
    rank = models.PositiveIntegerField(_("名次"), null=True)
    group_size = models.PositiveIntegerField(_("同组数"))
    unranked_reason = models.CharField(_("不排名原因"), max_length=16, choices=Unranked, blank=True)
    previous_total = MarksField(_("上月总分"), null=True)
    previous_rank = models.PositiveIntegerField(_("上月名次"), null=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("名次")
        verbose_name_plural = _("名次")
        ordering = ["group_key", "rank", "id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "branch"], name="one_entry_per_branch"),
        ]
        indexes = [models.Index(fields=["run", "group_key", "rank"], name="entries_in_order")]

    def __str__(self) -> str:
        return f"{self.branch} {self.total}"


class MonthlyBulletin(models.Model):
    """月度通报: the words around a published ranking, as they were on the day."""

    run = models.OneToOneField(RankingRun, on_delete=models.PROTECT, related_name="bulletin")
    highlights = models.TextField(_("主要亮点"), blank=True)
    next_focus = models.TextField(_("下月重点"), blank=True)
    created_at = models.DateTimeField(_("生成时间"))

    class Meta:
        verbose_name = _("月度通报")
        verbose_name_plural = _("月度通报")

    def __str__(self) -> str:
        return f"{self.run.round.label}通报"
