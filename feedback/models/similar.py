"""What look-alikes are found with: the pieces of each request's words."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback.models.requests import StaffRequest


class SimilarText(models.Model):
    """相似查找: the pieces (``feedback.grams``) of one request, with a blank around each.

    ``shown`` comes from the office's own words (headline, board) and is what anybody who types is
    compared with: what a colleague wrote is never searched by others. ``inner`` has the author's
    words too and is for the office, which looks for matters to handle together. ``version`` is
    the request's when this was made; a sweep makes it anew when the request has moved on.
    """

    request = models.OneToOneField(
        StaffRequest, on_delete=models.CASCADE, related_name="similar_text", primary_key=True
    )
    version = models.PositiveIntegerField()
    shown = models.TextField(blank=True)
    inner = models.TextField(blank=True)

    class Meta:
        verbose_name = _("相似查找")
        verbose_name_plural = _("相似查找")

    def __str__(self) -> str:
        return str(self.request_id)


class PieceCount(models.Model):
    """词频: in how many requests a piece occurs, counted once a day: in all their words
    (``count``) and in the office's own (``shown``). The empty piece stands for all of them."""

    piece = models.CharField(max_length=40, primary_key=True)
    count = models.PositiveIntegerField()
    shown = models.PositiveIntegerField(default=0)
    counted_on = models.DateField()

    class Meta:
        verbose_name = _("词频")
        verbose_name_plural = _("词频")

    def __str__(self) -> str:
        return f"{self.piece} {self.count}"
