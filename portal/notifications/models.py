"""Messages: the in-app inbox, and the outbox that leaves the house."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.notifications.querysets import InboxQuerySet, OutboxQuerySet


class InboxMessage(models.Model):
    """站内消息: one thing one person should know or do.

    Written in the transaction of the event itself, so it is there exactly once (``key``).
    """

    key = models.CharField(_("去重键"), max_length=120, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("收件人"),
        on_delete=models.CASCADE,
        related_name="inbox",
    )
    title = models.CharField(_("标题"), max_length=120)
    body = models.CharField(_("内容"), max_length=500, blank=True)
    link = models.CharField(_("链接"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(_("已读"), null=True, blank=True)

    objects = InboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("站内消息")
        verbose_name_plural = _("站内消息")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["user", "read_at"], name="inbox_unread")]

    def __str__(self) -> str:
        return self.title


class CalendarFeed(models.Model):
    """日历订阅: the secret address under which a calendar program reads one person's days."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed"
    )
    token = models.CharField(_("地址"), max_length=40, unique=True)
    made_at = models.DateTimeField(_("生成时间"))

    class Meta:
        verbose_name = _("日历订阅")
        verbose_name_plural = _("日历订阅")

    def __str__(self) -> str:
        return str(self.user)


class OutboxMessage(models.Model):
    """待发消息: something that must leave the house (mail) at least once.

    Claimed with SKIP LOCKED, one row per transaction. ``key`` becomes the Message-ID, so a
    receiver can drop a double. After the last attempt the row is ``dead`` and raises an
    alarm; it is never dropped.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("待发")
        SENT = "sent", _("已发")
        DEAD = "dead", _("发送失败")

    key = models.CharField(_("去重键"), max_length=120, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("收件人"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    subject = models.CharField(_("标题"), max_length=160)
    body = models.TextField(_("正文"))
    status = models.CharField(_("状态"), max_length=8, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    next_attempt_at = models.DateTimeField(_("下次发送"))
    created_at = models.DateTimeField(_("产生"))
    sent_at = models.DateTimeField(_("发出"), null=True, blank=True)
    last_error = models.CharField(_("最近错误"), max_length=500, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("待发消息")
        verbose_name_plural = _("待发消息")
        indexes = [models.Index(fields=["status", "next_attempt_at"], name="outbox_due")]

    def __str__(self) -> str:
        return self.subject
