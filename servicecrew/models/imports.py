"""Turnouts typed into a workbook, waiting for a yes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TurnoutImport(models.Model):
    """出队导入: the rows of one uploaded workbook, read and checked, before anybody said yes.

    The same import accepted twice makes its turnouts once: their UUIDs follow from its own.
    """

    uuid = models.UUIDField(_("标识"), unique=True)
    filename = models.CharField(_("文件名"), max_length=120)
    rows = models.JSONField(_("各行"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("读入时间"))
    accepted_at = models.DateTimeField(_("导入时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("出队导入")
        verbose_name_plural = _("出队导入")

    def __str__(self) -> str:
        return self.filename
