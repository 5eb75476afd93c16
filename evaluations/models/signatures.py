"""Signatures given face to face, on the phone of the inspectors."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from branches.models import Person
from evaluations.models.inspections import Inspection


class SignatureSide(models.TextChoices):
    INSPECTORS = "inspectors", _("检查组")
    INSPECTED = "inspected", _("被查支部")


class SheetSignature(models.Model):
    """当面签: one side's word given on the spot, where there may have been no signal.

    It is a fact about the visit, like a name on paper. The sheet is confirmed only by the
    inspected secretary's own account, because somebody else held the phone. ``signed_at`` is
    the time to go by, ``phone_at`` what the phone's clock showed, ``received_at`` when it
    reached the portal.
    """

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="signatures")
    side = models.CharField(_("哪一方"), max_length=10, choices=SignatureSide)
    person = models.ForeignKey(
        Person, verbose_name=_("签字人"), on_delete=models.PROTECT, related_name="+"
    )
    objection = models.CharField(_("异议"), max_length=500, blank=True)
    signed_at = models.DateTimeField(_("签字时间"))
    phone_at = models.DateTimeField(_("手机时间"), null=True, blank=True)
    received_at = models.DateTimeField(_("收到时间"))
    phone_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("当面签")
        verbose_name_plural = _("当面签")
        ordering = ["signed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["inspection", "side"],
                name="one_signature_per_side",
                violation_error_message=_("这一方已经签过"),
            ),
            models.CheckConstraint(
                condition=Q(side="inspected") | Q(objection=""),
                name="only_the_inspected_object",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()} {self.person}"
