"""Answers that were given once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class GivenAnswer(models.Model):
    """已答复: what a phone was told when it sent one operation of its queue.

    The phone names every operation with a key of its own making. The row is written in the
    transaction of the operation itself, so either both are there or neither; the same key
    again gets the same answer and writes nothing. ``made_at`` is the phone's clock when the
    operation was made, ``clock_skew_ms`` how much the server's clock was ahead of it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField(_("编号"))
    request_digest = models.CharField(_("内容摘要"), max_length=64)
    status = models.PositiveSmallIntegerField(_("答复"), default=0)
    body = models.BinaryField(_("答复内容"), default=bytes)
    made_at = models.DateTimeField(_("手机时间"), null=True, blank=True)
    clock_skew_ms = models.BigIntegerField(_("时差（毫秒）"), null=True, blank=True)
    answered_at = models.DateTimeField(_("答复时间"), db_index=True)

    class Meta:
        verbose_name = _("已答复")
        verbose_name_plural = _("已答复")
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key"),
        ]

    def __str__(self) -> str:
        return str(self.key)
