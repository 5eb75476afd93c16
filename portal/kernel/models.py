"""Ground tables that every floor may use."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobHeartbeat(models.Model):
    """作业心跳: the last time a periodic job finished, so that silence is noticed."""

    name = models.CharField(_("作业"), max_length=64, primary_key=True)
    started_at = models.DateTimeField(_("开始"))
    finished_at = models.DateTimeField(_("结束"), null=True, blank=True)
    outcome = models.CharField(_("结果"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("作业心跳")
        verbose_name_plural = _("作业心跳")

    def __str__(self) -> str:
        return self.name


class NumberSequence(models.Model):
    """发文字号序列: the last number given out for an issuer code (代字) in a year.

    A number is allotted inside the transaction that signs the document (with this row
    locked), so there are neither gaps nor doubles; a voided number is never given again.
    """

    issuer_code = models.CharField(_("代字"), max_length=20)
    year = models.PositiveSmallIntegerField(_("年份"))
    last_number = models.PositiveIntegerField(_("最后序号"), default=0)

    class Meta:
        verbose_name = _("发文字号序列")
        verbose_name_plural = _("发文字号序列")
        constraints = [
            models.UniqueConstraint(fields=["issuer_code", "year"], name="one_sequence_per_code"),
        ]

    def __str__(self) -> str:
        return f"{self.issuer_code}〔{self.year}〕{self.last_number}号"
