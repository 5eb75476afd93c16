"""Attachments: clean copies of what was uploaded, kept away from every public folder."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.attachments.querysets import AttachmentQuerySet


class Attachment(models.Model):
    """附件: one clean file that belongs to one object (``owner_type`` and ``owner_id``).

    The key is random and tells nothing. Of a sealed one (anonymous channel) there is neither
    name nor uploader nor time, only the date, and its bytes lie in the database: a file on disk
    would carry the second it was written. Nor digest or fingerprint, by which the picture could be
    found again among others.
    """

    id = models.UUIDField(_("编号"), primary_key=True, default=uuid.uuid4, editable=False)
    owner_type = models.CharField(_("所属对象类型"), max_length=64)
    owner_id = models.CharField(_("所属对象编号"), max_length=64)
    number = models.PositiveSmallIntegerField(_("序号"))
    extension = models.CharField(_("类型"), max_length=8)
    name = models.CharField(_("文件名"), max_length=80, blank=True)
    size = models.PositiveIntegerField(_("字节"))
    digest = models.CharField("SHA-256", max_length=64)
    fingerprint = models.CharField(
        _("图像指纹"),
        max_length=64,
        blank=True,
        help_text=_("看起来一样的照片指纹相近；匿名渠道的不记"),
    )
    width = models.PositiveIntegerField(_("宽"), null=True, blank=True)
    height = models.PositiveIntegerField(_("高"), null=True, blank=True)
    pages = models.PositiveSmallIntegerField(_("页数"), null=True, blank=True)
    stored_as = models.CharField(_("存放名"), max_length=80, blank=True)
    is_sealed = models.BooleanField(_("匿名渠道"), default=False)
    uploaded_on = models.DateField(_("上传日期"))
    uploaded_at = models.DateTimeField(_("上传时间"), null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("上传人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("附件")
        verbose_name_plural = _("附件")
        ordering = ["owner_type", "owner_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner_type", "owner_id", "number"], name="attachment_number_once"
            ),
            models.CheckConstraint(
                condition=Q(is_sealed=False)
                | Q(
                    uploaded_at__isnull=True,
                    uploaded_by__isnull=True,
                    name="",
                    stored_as="",
                    digest="",
                    fingerprint="",
                ),
                name="sealed_attachment_has_date_only",
                violation_error_message=_("匿名附件只记日期，不记时间、人和文件名"),
            ),
            models.CheckConstraint(
                condition=Q(is_sealed=True) | ~Q(stored_as=""), name="attachment_is_somewhere"
            ),
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The file's own name, or what it is with its number: ``照片1.jpg``."""
        if self.name:
            return self.name
        kind = _("照片") if self.is_picture else _("附件")
        return f"{kind}{self.number}.{self.extension}"

    @property
    def is_picture(self) -> bool:
        return self.width is not None


class SealedContent(models.Model):
    """匿名附件内容: the bytes of a sealed attachment."""

    attachment = models.OneToOneField(
        Attachment, on_delete=models.CASCADE, related_name="sealed", primary_key=True
    )
    data = models.BinaryField()

    class Meta:
        verbose_name = _("匿名附件内容")
        verbose_name_plural = _("匿名附件内容")

    def __str__(self) -> str:
        return str(self.attachment_id)
