"""A workbook that was read: what is in it, what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from branches.models.organisation import Branch


class ImportKind(models.TextChoices):
    ROSTER = "roster", _("党员名册")
    DUES = "dues", _("党费")
    RECORDS = "records", _("过去的活动记录")


class RowImport(models.Model):
    """导入: a workbook as it was read. Kept so that the look before the yes and the yes are about
    the same rows, and so that it can be undone."""

    uuid = models.UUIDField(primary_key=True)
    branch = models.ForeignKey(
        Branch, verbose_name=_("党支部"), on_delete=models.PROTECT, related_name="row_imports"
    )
    kind = models.CharField(_("内容"), max_length=8, choices=ImportKind)
    filename = models.CharField(_("文件"), max_length=120)
    rows = models.JSONField(_("读到的行"))
    made = models.JSONField(_("导入的"), default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("上传人"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField(_("上传时间"))
    accepted_at = models.DateTimeField(_("导入时间"), null=True, blank=True)
    undone_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("导入")
        verbose_name_plural = _("导入")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.filename}"

    @property
    def good(self) -> list[dict[str, object]]:
        return [row for row in self.rows if not row["problems"]]

    @property
    def bad(self) -> list[dict[str, object]]:
        return [row for row in self.rows if row["problems"]]
