"""The audit trail: appended, never changed (a database trigger refuses)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.audit.labels import label_of
from portal.audit.querysets import AuditQuerySet

VIA_LABELS = {
    "web": _("网页"),
    "api": _("接口"),
    "task": _("后台任务"),
    "sweep": _("定时巡检"),
    "command": _("命令行"),
}


class AuditEntry(models.Model):
    """审计记录: who did what to which object, with the values before and after.

    ``code`` is dotted (``round.published``, ``notice.issued``). ``object_type`` and
    ``object_id`` name the row; ``object_label`` is how people call it, kept as it was.
    ``actor`` is empty when the machine acted (``via`` says which road: web, api, task,
    sweep, command).
    """

    at = models.DateTimeField(_("时间"))
    code = models.CharField(_("事项"), max_length=64)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("操作人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    via = models.CharField(_("途径"), max_length=16, default="web")
    object_type = models.CharField(_("对象类型"), max_length=64)
    object_id = models.CharField(_("对象编号"), max_length=64)
    object_label = models.CharField(_("对象"), max_length=200)
    reason = models.CharField(_("理由"), max_length=500, blank=True)
    before = models.JSONField(_("改前"), default=dict, blank=True)
    after = models.JSONField(_("改后"), default=dict, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("审计记录")
        verbose_name_plural = _("审计记录")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at"], name="audit_by_time"),
            models.Index(fields=["object_type", "object_id"], name="audit_by_object"),
            models.Index(fields=["code"], name="audit_by_code"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.object_label}"

    @property
    def code_label(self) -> str:
        """What happened, in words."""
        return label_of(self.code)

    @property
    def via_label(self) -> str:
        return str(VIA_LABELS.get(self.via, self.via))
