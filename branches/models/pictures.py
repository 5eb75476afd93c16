"""Pictures beside records that look like one another."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.attachments.models import Attachment


class PictureTwin(models.Model):
    """相同照片: a picture beside a record, and an earlier one beside another record that looks the
    same. Written when the later one is added, so that no view has to compare thousands."""

    picture = models.ForeignKey(
        Attachment, verbose_name=_("照片"), on_delete=models.CASCADE, related_name="+"
    )
    twin = models.ForeignKey(
        Attachment, verbose_name=_("先有的照片"), on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        verbose_name = _("相同照片")
        verbose_name_plural = _("相同照片")
        constraints = [
            models.UniqueConstraint(fields=["picture", "twin"], name="picture_twin_once"),
        ]

    def __str__(self) -> str:
        return f"{self.picture} = {self.twin}"
