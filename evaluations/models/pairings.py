"""The draw of who visits whom: its certificate, what changed since, who stands aside."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from branches.models import Branch
from evaluations.models.rounds import MonthRound
from portal.kernel.months import first_of_month


class PairingDraw(models.Model):
    """抽签: one draw of a round's visits. The highest ``number`` counts.

    ``certificate`` holds rules, inputs, seed, plan and relaxations (``evaluations.pairing``);
    ``digest`` seals it. The seed follows from the digest of the last published month and the
    number of the draw: nobody can choose it.
    """

    round = models.ForeignKey(MonthRound, on_delete=models.PROTECT, related_name="draws")
    number = models.PositiveSmallIntegerField(_("第几次"))
    seed = models.CharField(_("种子"), max_length=200)
    certificate = models.JSONField(_("证书"))
    digest = models.CharField(_("摘要"), max_length=64)
    drawn_at = models.DateTimeField(_("抽签时间"))
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("重抽原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("抽签")
        verbose_name_plural = _("抽签")
        ordering = ["round", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="draw_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.round} 第{self.number}次抽签"


class PairingChange(models.Model):
    """改派记录: what was changed after the draw, by whom, why, and what the checker said
    (appended only)."""

    class Kind(models.TextChoices):
        BY_HAND = "by_hand", _("手工改派")
        DROP_OUT = "drop_out", _("检查组退出")
        REPLAN = "replan", _("补派")

    draw = models.ForeignKey(PairingDraw, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(_("方式"), max_length=8, choices=Kind)
    at = models.DateTimeField(_("时间"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("原因"), max_length=300)
    removed = models.JSONField(_("取消的检查"), default=list)
    added = models.JSONField(_("新派的检查"), default=list)
    relaxations = models.JSONField(_("放宽"), default=list)
    faults = models.JSONField(_("校验结果"), default=list)

    class Meta:
        verbose_name = _("改派记录")
        verbose_name_plural = _("改派记录")
        ordering = ["draw", "at", "id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.reason[:30]}"


class Recusal(models.Model):
    """回避: two branches must not inspect each other, neither way, from a month on (and until
    one). ``inspector`` and ``inspected`` are the two as they were declared. A certificate keeps
    both directions; one drawn when a recusal bound one way only keeps that one, and holds."""

    inspector = models.ForeignKey(
        Branch, verbose_name=_("派出支部"), on_delete=models.PROTECT, related_name="+"
    )
    inspected = models.ForeignKey(
        Branch, verbose_name=_("被查支部"), on_delete=models.PROTECT, related_name="+"
    )
    first_month = models.DateField(_("起始月份"))
    last_month = models.DateField(_("截止月份"), null=True, blank=True)
    reason = models.CharField(_("原因"), max_length=300)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    declared_at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = _("回避")
        verbose_name_plural = _("回避")
        ordering = ["-first_month", "id"]
        constraints = [
            first_of_month("first_month", "recusal_first_of_month"),
            models.CheckConstraint(
                condition=~Q(inspector=F("inspected")),
                name="recusal_of_two",
                violation_error_message=_("本来就不检查自己"),
            ),
            models.CheckConstraint(
                condition=Q(last_month__isnull=True) | Q(last_month__gte=F("first_month")),
                name="recusal_ends_after_start",
                violation_error_message=_("截止月份不能早于起始月份"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inspector}、{self.inspected}"


class TeamAbsence(models.Model):
    """派不出组: a branch that sends no team this month."""

    round = models.ForeignKey(MonthRound, on_delete=models.PROTECT, related_name="absences")
    branch = models.ForeignKey(
        Branch, verbose_name=_("支部"), on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("原因"), max_length=300)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    declared_at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = _("派不出组")
        verbose_name_plural = _("派不出组")
        ordering = ["round", "declared_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "branch"],
                name="absent_once_per_round",
                violation_error_message=_("该支部本月已登记派不出组"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.branch}：{self.reason[:30]}"
