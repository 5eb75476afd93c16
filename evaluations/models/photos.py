"""Pictures taken in the field beside a deduction."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.models.inspections import Inspection
from evaluations.models.rubrics import DeductionRule
from portal.attachments.models import Attachment


class SheetPhoto(models.Model):
    """现场照片: one picture of what a rule of a sheet takes marks for. Optional, worth no point.

    The key is made on the phone, so that a picture sent twice is kept once. It belongs to visit
    and rule, not to the deduction: it may arrive before the fact is typed, and outlives a sheet
    that is taken back. ``taken_at``: by the phone's clock, set right where it is known to be out.
    """

    id = models.UUIDField(_("编号"), primary_key=True)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="photos")
    rule = models.ForeignKey(DeductionRule, on_delete=models.PROTECT, related_name="+")
    picture = models.OneToOneField(Attachment, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(_("拍摄时间"))
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("现场照片")
        verbose_name_plural = _("现场照片")
        ordering = ["taken_at", "id"]
        indexes = [models.Index(fields=["inspection", "rule"], name="photos_of_rule")]

    def __str__(self) -> str:
        return str(self.picture)
