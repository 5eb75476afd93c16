"""Where the secretary listens: reception days, forums, team visits, and their slots."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from branches.models import Committee, Person
from feedback.keys import RandomKeyed
from feedback.lifecycles import SessionStatus
from feedback.models.departments import Department
from feedback.querysets import SessionQuerySet


class SessionKind(models.TextChoices):
    RECEPTION = "reception", _("书记接待日")
    FORUM = "forum", _("座谈会")
    TEAM_VISIT = "team_visit", _("走访班组")
    THREE_MEETINGS = "three_meetings", _("问诊三会一课")


class ListeningSession(RandomKeyed):
    """接待场次: a reception day, a forum, a visit to a team; announced three working days before,
    its results published afterwards."""

    committee = models.ForeignKey(
        Committee, verbose_name=_("党委"), on_delete=models.PROTECT, related_name="sessions"
    )
    kind = models.CharField(
        _("形式"), max_length=16, choices=SessionKind, default=SessionKind.RECEPTION
    )
    status = models.CharField(
        _("状态"), max_length=12, choices=SessionStatus, default=SessionStatus.PLANNED
    )
    held_on = models.DateField(_("日期"))
    starts_at = models.TimeField(_("开始"))
    ends_at = models.TimeField(_("结束"))
    place = models.CharField(_("地点"), max_length=60)
    leader = models.ForeignKey(
        Person,
        verbose_name=_("接待领导"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    leader_title = models.CharField(
        _("接待"), max_length=40, help_text=_("公告里写的职务，如“公司党委书记”")
    )
    rule = models.CharField(_("固定时间"), max_length=40, blank=True)
    topic = models.CharField(_("主题"), max_length=100, blank=True)
    departments = models.ManyToManyField(
        Department, verbose_name=_("到场部门"), blank=True, related_name="sessions"
    )
    announced_at = models.DateTimeField(_("公告时间"), null=True, blank=True)
    minutes = models.TextField(_("纪要"), max_length=4000, blank=True)
    results = models.TextField(_("公布的结果"), max_length=2000, blank=True)
    published_at = models.DateTimeField(_("公布时间"), null=True, blank=True)
    cancel_reason = models.CharField(_("取消的理由"), max_length=300, blank=True)
    version = models.PositiveIntegerField(_("版本"), default=1)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("接待场次")
        verbose_name_plural = _("接待场次")
        ordering = ["-held_on", "-starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="session_ends_after_start",
                violation_error_message=_("结束时间须晚于开始时间"),
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False),
                name="published_session_has_time",
            ),
        ]
        indexes = [models.Index(fields=["committee", "held_on"], name="sessions_by_day")]

    def __str__(self) -> str:
        day = self.held_on
        return f"{day.month}月{day.day}日{self.get_kind_display()}"


class Slot(RandomKeyed):
    """预约时段: a time at a session that somebody may book; confidentially, if so wished: then
    only the secretary's office sees who."""

    session = models.ForeignKey(ListeningSession, on_delete=models.CASCADE, related_name="slots")
    starts_at = models.TimeField(_("时间"))
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="booked_slots",
    )
    is_confidential = models.BooleanField(_("不公开姓名"), default=False)
    topic = models.CharField(_("想谈什么"), max_length=100, blank=True)
    booked_at = models.DateTimeField(_("预约时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("预约时段")
        verbose_name_plural = _("预约时段")
        ordering = ["session", "starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["session", "starts_at"], name="slot_time_once"),
            models.UniqueConstraint(
                fields=["session", "booked_by"],
                condition=Q(booked_by__isnull=False),
                name="one_slot_per_person",
                violation_error_message=_("您在这一场已经约了一个时间"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%H:%M}"
