"""A workbook that was read: what is in it, what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from branches.models.organisation import Branch
from branches.querysets import RowImportQuerySet


class ImportKind(models.TextChoices):
    ROSTER = "roster", _("党员名册")
    DUES = "dues", _("党费")
    RECORDS = "records", _("过去的活动记录")


class ImportStage(models.TextChoices):
    """Where an import stands: reading, trying and writing are the machine's turn."""

    READING = "reading", _("正在读")
    TRYING = "trying", _("正在逐行核对")
    READY = "ready", _("等您点头")
    UNREADABLE = "unreadable", _("读不了")
    WRITING = "writing", _("正在写入")
    WRITTEN = "written", _("已导入")
    UNDONE = "undone", _("已撤销")


class RowImport(models.Model):
    """导入: a workbook as it was read. Kept so that the look before the yes and the yes are about
    the same rows, and so that it can be undone.

    ``cursor`` is the last row the present stage has dealt with, written together with what it did:
    whoever goes on after a dead worker goes on there. ``touched_at`` says when somebody last worked
    on it; empty, nobody does.
    """

    uuid = models.UUIDField(primary_key=True)
    branch = models.ForeignKey(
        Branch, verbose_name=_("党支部"), on_delete=models.PROTECT, related_name="row_imports"
    )
    kind = models.CharField(_("内容"), max_length=8, choices=ImportKind)
    filename = models.CharField(_("文件"), max_length=120)
    stage = models.CharField(
        _("进度"), max_length=10, choices=ImportStage, default=ImportStage.READING
    )
    total = models.PositiveIntegerField(_("共几行"), default=0)
    cursor = models.PositiveIntegerField(_("做到第几行"), default=0)
    failure = models.CharField(_("读不了的原因"), max_length=200, blank=True)
    touched_at = models.DateTimeField(_("最近处理"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("上传人"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField(_("上传时间"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("点头的人"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    accepted_at = models.DateTimeField(_("导入时间"), null=True, blank=True)
    undone_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)

    objects = RowImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("导入")
        verbose_name_plural = _("导入")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.filename}"

    @property
    def is_at_work(self) -> bool:
        """Whether it is the machine's turn."""
        return self.stage in {ImportStage.READING, ImportStage.TRYING, ImportStage.WRITING}


class ImportRow(models.Model):
    """导入的行: what people recognise it by, what is wrong (``[column, reason]``), what to write
    (``plain``), and the keys of what was made of it (``made``, None while nothing was)."""

    row_import = models.ForeignKey(RowImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("行"))
    words = models.CharField(_("读到的内容"), max_length=200)
    is_good = models.BooleanField(_("可以导入"))
    problems = models.JSONField(_("问题"), default=list)
    plain = models.JSONField(_("内容"))
    made = models.JSONField(_("导入的"), null=True, blank=True)

    class Meta:
        verbose_name = _("导入的行")
        verbose_name_plural = _("导入的行")
        ordering = ["row_import", "is_good", "number"]
        constraints = [
            models.UniqueConstraint(fields=["row_import", "number"], name="import_row_once"),
        ]
        indexes = [
            models.Index(fields=["row_import", "is_good", "number"], name="rows_to_look_at"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.words}"
