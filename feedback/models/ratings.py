"""What those who asked think of the answer, and who asks the same."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from feedback.keys import RandomKeyed
from feedback.models.requests import Solved, StaffRequest


class Rating(RandomKeyed):
    """回访评价: solved, half or not; answered or not. Once after the reply, once more after 30
    days. ``rater`` stays empty for an anonymous author. A handler never rates his own."""

    class Look(models.TextChoices):
        FIRST = "first", _("答复后")
        AGAIN = "again", _("重办答复后")
        LATER = "later", _("30天后")

    request = models.ForeignKey(StaffRequest, on_delete=models.PROTECT, related_name="ratings")
    look = models.CharField(_("第几次"), max_length=8, choices=Look)
    solved = models.CharField(_("解决了没有"), max_length=8, choices=Solved)
    is_answered = models.BooleanField(_("答到点上了"))
    comment = models.CharField(_("还想说"), max_length=500, blank=True)
    rated_on = models.DateField(_("评价日期"))
    rater = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_author = models.BooleanField(_("诉求人本人"), default=True)

    class Meta:
        verbose_name = _("回访评价")
        verbose_name_plural = _("回访评价")
        ordering = ["request", "rated_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "look"],
                condition=Q(is_author=True),
                name="author_rates_once",
                violation_error_message=_("您已经评价过了"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_solved_display())


class MeToo(models.Model):
    """我也遇到: a colleague has the same matter and hears what becomes of it."""

    request = models.ForeignKey(StaffRequest, on_delete=models.CASCADE, related_name="me_toos")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="me_toos"
    )
    on = models.DateField(_("日期"))

    class Meta:
        verbose_name = _("我也遇到")
        verbose_name_plural = _("我也遇到")
        constraints = [
            models.UniqueConstraint(fields=["request", "user"], name="me_too_once"),
        ]

    def __str__(self) -> str:
        return f"{self.request}"
