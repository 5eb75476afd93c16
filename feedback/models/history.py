"""Who said it, what happened to it, and what was said to and fro."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from branches.models import Person
from feedback.keys import RandomKeyed
from feedback.models.departments import Department
from feedback.models.requests import MAX_TEXT, Level, Outcome, StaffRequest


class Authorship(models.Model):
    """谁说的: the one row that leads from a request to a person. An anonymous request can have
    none (a trigger refuses), and no list or export joins this table."""

    request = models.OneToOneField(
        StaffRequest, on_delete=models.CASCADE, related_name="authorship"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="authored_requests",
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="authored_requests"
    )
    name = models.CharField(_("姓名"), max_length=40, blank=True)
    contact = models.CharField(_("联系方式"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("诉求人")
        verbose_name_plural = _("诉求人")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(person__isnull=False) | ~Q(name=""),
                name="authorship_names_somebody",
                violation_error_message=_("请写明是谁说的，或选“完全匿名”"),
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.person or self.user)


class HeardQuerySet(models.QuerySet[Any]):
    """Words and lines of history as the house may read them."""

    def heard(self, until: dt.date) -> Self:
        """Without what anonymous authors added after ``until`` (``clocks.heard_until``): the batch
        of the next working day brings it. Steps that somebody waits for act at once (ADR 26)."""
        return self.exclude(self._added_by_author(), request__level=Level.ANONYMOUS, on__gt=until)

    def _added_by_author(self) -> Q:
        raise NotImplementedError


class EventQuerySet(HeardQuerySet):
    def _added_by_author(self) -> Q:
        return Q(code="added")


class MessageQuerySet(HeardQuerySet):
    def _added_by_author(self) -> Q:
        return Q(is_from_author=True)


class RequestEvent(RandomKeyed):
    """办理过程: one line of a request's history, appended and never changed.

    ``number`` counts within the request. Steps of an anonymous author have neither actor nor
    time, only the date. ``is_inner`` lines are for the office and not shown to the author.
    """

    request = models.ForeignKey(StaffRequest, on_delete=models.PROTECT, related_name="events")
    number = models.PositiveIntegerField(_("序号"))
    code = models.CharField(_("事项"), max_length=24)
    text = models.CharField(_("内容"), max_length=500)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    on = models.DateField(_("日期"))
    at = models.DateTimeField(_("时间"), null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    actor_office = models.CharField(_("谁"), max_length=40, blank=True)
    is_inner = models.BooleanField(_("内部"), default=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("办理过程")
        verbose_name_plural = _("办理过程")
        ordering = ["request", "number"]
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="event_number_once"),
            models.CheckConstraint(
                condition=Q(actor__isnull=True) | Q(at__isnull=False), name="event_actor_has_time"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Reply(RandomKeyed):
    """答复: the department's answer and what comes of it. A second one after 重办."""

    request = models.ForeignKey(StaffRequest, on_delete=models.PROTECT, related_name="replies")
    number = models.PositiveSmallIntegerField(_("第几次"))
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="replies")
    text = models.TextField(_("答复"), max_length=MAX_TEXT)
    before = models.CharField(_("原来"), max_length=200, blank=True)
    after = models.CharField(_("现在"), max_length=200, blank=True)
    outcome = models.CharField(_("结果"), max_length=12, choices=Outcome)
    replied_at = models.DateTimeField(_("答复时间"))
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("答复")
        verbose_name_plural = _("答复")
        ordering = ["request", "number"]
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="reply_number_once"),
        ]

    def __str__(self) -> str:
        return self.text[:40]


class Message(RandomKeyed):
    """对话: a question to the author, or what the author adds. Of an anonymous author the date
    alone is kept."""

    request = models.ForeignKey(StaffRequest, on_delete=models.PROTECT, related_name="messages")
    number = models.PositiveIntegerField(_("序号"))
    is_from_author = models.BooleanField(_("诉求人说的"))
    office = models.CharField(_("谁"), max_length=40, blank=True)
    text = models.TextField(_("内容"), max_length=MAX_TEXT)
    on = models.DateField(_("日期"))
    at = models.DateTimeField(_("时间"), null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("对话")
        verbose_name_plural = _("对话")
        ordering = ["request", "number"]
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="message_number_once"),
        ]

    def __str__(self) -> str:
        return self.text[:40]


class NameView(models.Model):
    """查看姓名记录: somebody of the secretary's office looked at the author's name. The author
    sees each of them."""

    request = models.ForeignKey(StaffRequest, on_delete=models.PROTECT, related_name="name_views")
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("为什么看"), max_length=200)
    viewed_at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("查看姓名记录")
        verbose_name_plural = _("查看姓名记录")
        ordering = ["-viewed_at", "-id"]

    def __str__(self) -> str:
        return f"{self.viewer} {self.viewed_at:%Y-%m-%d}"
