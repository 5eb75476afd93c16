"""What a publication keeps beside its entries: corrected scores, teams' severity, reliability.
All frozen with the run (fairness.md)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from branches.models import Branch
from evaluations.models.rankings import RankingRun
from evaluations.models.rounds import OfficialBasis, RoundParticipant
from evaluations.querysets import EntryQuerySet
from portal.kernel.marks import MarksField


class RunCalibration(models.Model):
    """校正依据: by which model, from which rows and on which basis a run was ranked.

    ``input_digest`` = SHA-256 over the rows of the last twelve months that went into the fit;
    ``reliability`` holds per branch type the share of the differences that is not error, in
    per cent (None when it cannot be told).
    """

    run = models.OneToOneField(RankingRun, on_delete=models.PROTECT, related_name="calibration")
    basis = models.CharField(_("正式名次按"), max_length=10, choices=OfficialBasis)
    model_version = models.CharField(_("模型"), max_length=16)
    input_digest = models.CharField(_("输入摘要"), max_length=64)
    row_count = models.PositiveIntegerField(_("评分表数"))
    reliability = models.JSONField(_("可靠度"), default=dict)

    class Meta:
        verbose_name = _("校正依据")
        verbose_name_plural = _("校正依据")

    def __str__(self) -> str:
        return f"{self.run} {self.model_version}"


class CorrectedScore(models.Model):
    """校正分: one branch's month, raw and corrected side by side.

    ``correction`` is what corrects the branch's own sheets; the totals are those of the whole
    standing (a general branch shares its branches' marks, bonus and cap count) on either basis.
    ``rank_low``/``rank_high``: possible places within the error, by corrected total; ``tie_band``
    counts bands of equals from the top. ``teams``: per visit team, branch that sent it, score,
    severity and weight, as text with two decimals. ``withheld``: a correction too large to apply
    without a person.
    """

    class Reason(models.TextChoices):
        CORRECTED = "", _("已校正")
        APART = "apart", _("与同组其他支部没有共同的检查组，只在本片内可比，不校正")
        LITTLE = "little_history", _("检查组打分还少，没有校正")
        FIRST = "first_month", _("首月只有一个组检查，没有校正")
        HELD = "held", _("校正幅度超过8分，留给人工核定，没有校正")

    run = models.ForeignKey(RankingRun, on_delete=models.PROTECT, related_name="corrected")
    participant = models.ForeignKey(RoundParticipant, on_delete=models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="corrected_scores")
    part = models.PositiveIntegerField(_("片"), default=0)
    raw = MarksField(_("原始平均"))
    correction = MarksField(_("校正"))
    withheld = MarksField(_("未采用的校正"), default=0)
    raw_total = MarksField(_("按原始分的总分"))
    raw_rank = models.PositiveIntegerField(_("按原始分的名次"), null=True)
    raw_se = MarksField(_("原始分的误差"))
    total = MarksField(_("校正后总分"))
    rank = models.PositiveIntegerField(_("校正后名次"), null=True)
    se = MarksField(_("误差"))
    tie_band = models.PositiveIntegerField(_("档"), null=True)
    rank_low = models.PositiveIntegerField(_("可能最前"), null=True)
    rank_high = models.PositiveIntegerField(_("可能最后"), null=True)
    is_comparable = models.BooleanField(_("可比"), default=True)
    reason = models.CharField(_("没有校正的原因"), max_length=16, choices=Reason, blank=True)
    teams = models.JSONField(_("各组打分"), default=list)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("校正分")
        verbose_name_plural = _("校正分")
        ordering = ["run", "branch"]
        constraints = [
            models.UniqueConstraint(fields=["run", "branch"], name="one_correction_per_branch"),
        ]

    def __str__(self) -> str:
        return f"{self.branch} {self.total}"


class TeamSeverity(models.Model):
    """宽严: how far the team of one branch marked from other teams on the same branches, over the
    twelve months up to a run. Below 0 is strict. ``weight``: visits, older ones counting less."""

    run = models.ForeignKey(RankingRun, on_delete=models.PROTECT, related_name="severities")
    branch = models.ForeignKey(
        Branch, verbose_name=_("派出支部"), on_delete=models.PROTECT, related_name="severities"
    )
    severity = MarksField(_("相差（分）"))
    weight = MarksField(_("折合次数"))

    class Meta:
        verbose_name = _("宽严")
        verbose_name_plural = _("宽严")
        ordering = ["run", "severity"]
        constraints = [
            models.UniqueConstraint(fields=["run", "branch"], name="one_severity_per_team"),
        ]

    def __str__(self) -> str:
        return f"{self.branch} {self.severity}"
