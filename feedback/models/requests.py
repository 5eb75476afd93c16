"""A request and its clocks. Who said it stands in a table of its own (``Authorship``)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from branches.models import Committee
from feedback.keys import RandomKeyed
from feedback.lifecycles import RequestStatus
from feedback.models.departments import Department
from feedback.models.reference import Category, Kind
from feedback.models.sessions import ListeningSession
from feedback.querysets import RequestQuerySet

MAX_TEXT = 2000


class Level(models.TextChoices):
    """让谁知道: who gets to know the author."""

    NAMED = "named", _("实名")
    CONFIDENTIAL = "confidential", _("对承办部门匿名")
    ANONYMOUS = "anonymous", _("完全匿名")


class Source(models.TextChoices):
    """来源: by which door it came in."""

    ONLINE = "online", _("线上提交")
    RECEPTION = "reception", _("接待日现场")
    FORUM = "forum", _("座谈会")
    TEAM_VISIT = "team_visit", _("走访班组")
    THREE_MEETINGS = "three_meetings", _("问诊三会一课")
    VISIT = "visit", _("百名干部走千家")
    LINK_VISIT = "link_visit", _("挂点调研")
    MAILBOX = "mailbox", _("书记信箱")
    PHONE = "phone", _("电话")
    BOX = "box", _("意见箱")


class Urgency(models.TextChoices):
    ORDINARY = "ordinary", _("一般")
    COMPLEX = "complex", _("复杂")
    URGENT = "urgent", _("紧急")


class Outcome(models.TextChoices):
    """结果: what came of it; kept apart from the status, for answered is not carried out."""

    CARRIED_OUT = "carried_out", _("已整改")
    PLANNED = "planned", _("列入计划")
    EXPLAINED = "explained", _("已解释")
    NOT_ADOPTED = "not_adopted", _("不采纳")


class Solved(models.TextChoices):
    SOLVED = "solved", _("解决了")
    HALF = "half", _("解决了一半")
    NOT = "not", _("没解决")


class StaffRequest(RandomKeyed):
    """职工诉求: one thing that somebody said, and what becomes of it.

    ``text`` is what was said, in the author's words; only the author, the secretary's office
    and those who handle it read it. ``headline`` is the office's wording without names or small
    teams: what others may see. An anonymous request has no ``submitted_at`` (a date only), no
    Authorship, and reaches the office with the batch of ``released_on``.

    ``last_rating`` repeats the author's latest ``Rating`` so that the rates of a year are one pass
    over one table; ``services.author.rate`` keeps it.
    ``receipt_digest`` belongs to ``feedback.receipts``: HMAC of the receipt, never the receipt.
    """

    committee = models.ForeignKey(
        Committee, verbose_name=_("党委"), on_delete=models.PROTECT, related_name="requests"
    )
    kind = models.ForeignKey(
        Kind, verbose_name=_("类型"), on_delete=models.PROTECT, related_name="requests"
    )
    category = models.ForeignKey(
        Category,
        verbose_name=_("类别"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
    )
    source = models.CharField(_("来源"), max_length=16, choices=Source, default=Source.ONLINE)
    session = models.ForeignKey(
        ListeningSession,
        verbose_name=_("场次"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
    )
    level = models.CharField(_("让谁知道"), max_length=12, choices=Level)
    text = models.TextField(_("说了什么"), max_length=MAX_TEXT)
    headline = models.CharField(_("标题"), max_length=60, blank=True)
    submitted_on = models.DateField(_("提交日期"))
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    released_on = models.DateField(_("交办公室日期"))
    is_sealed = models.BooleanField(_("只由纪检查看"), default=False)
    receipt_digest = models.CharField(
        _("查询码摘要"), max_length=64, null=True, blank=True, unique=True, editable=False
    )

    status = models.CharField(
        _("状态"), max_length=12, choices=RequestStatus, default=RequestStatus.SUBMITTED
    )
    outcome = models.CharField(_("结果"), max_length=12, choices=Outcome, blank=True)
    urgency = models.CharField(_("缓急"), max_length=8, choices=Urgency, default=Urgency.ORDINARY)
    department = models.ForeignKey(
        Department,
        verbose_name=_("承办部门"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
    )
    helpers = models.ManyToManyField(
        Department, verbose_name=_("协办部门"), blank=True, related_name="helps_with"
    )
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("并入"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
    )
    decline_reason = models.CharField(_("不予受理的理由"), max_length=500, blank=True)

    accept_due_on = models.DateField(_("受理期限"))
    assign_due_on = models.DateField(_("分派期限"), null=True, blank=True)
    reply_due_on = models.DateField(_("答复期限"), null=True, blank=True)
    result_due_on = models.DateField(_("结果期限"), null=True, blank=True)
    rate_due_on = models.DateField(_("评价截止"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("受理时间"), null=True, blank=True)
    assigned_at = models.DateTimeField(_("分派时间"), null=True, blank=True)
    replied_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    replied_on = models.DateField(_("首次答复日期"), null=True, blank=True)
    replied_in_time = models.BooleanField(_("按时答复"), null=True, blank=True)
    closed_on = models.DateField(_("办结日期"), null=True, blank=True)
    carried_out_on = models.DateField(_("整改日期"), null=True, blank=True)
    last_rating = models.CharField(
        _("最近一次评价"), max_length=8, choices=Solved, blank=True, editable=False
    )
    reopened_on = models.DateField(_("要求重办日期"), null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("记录人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    version = models.PositiveIntegerField(_("版本"), default=1)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("职工诉求")
        verbose_name_plural = _("职工诉求")
        ordering = ["-submitted_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(level="anonymous")
                | Q(submitted_at__isnull=True, recorded_by__isnull=True),
                name="anonymous_has_date_only",
                violation_error_message=_("匿名诉求只记日期，不记时间和人"),
            ),
            models.CheckConstraint(
                condition=~Q(status="declined") | ~Q(decline_reason=""),
                name="declined_says_why",
                violation_error_message=_("不予受理须说明理由"),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["assigned", "reopened", "replied", "appealed"])
                | Q(department__isnull=False, reply_due_on__isnull=False),
                name="assigned_has_department",
                violation_error_message=_("分派后须有承办部门和期限"),
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(status="merged"),
                name="merged_has_main",
            ),
            models.CheckConstraint(
                condition=~Q(status="replied") | ~Q(outcome=""), name="replied_has_outcome"
            ),
        ]
        indexes = [
            models.Index(fields=["committee", "status", "reply_due_on"], name="requests_by_clock"),
            models.Index(fields=["committee", "submitted_on"], name="requests_by_day"),
            models.Index(fields=["department", "status"], name="requests_of_department"),
            models.Index(fields=["-closed_on", "id"], name="requests_by_end"),
            # Counts of the ledger's tabs come from this one alone, without the rows.
            models.Index(
                fields=["committee", "is_sealed", "status", "released_on"],
                name="requests_by_state",
            ),
        ]

    def __str__(self) -> str:
        # Stands in the audit trail: the office's words, never the author's.
        return self.headline or self.number

    @property
    def number(self) -> str:
        """How people call it before it has a headline: ``7K4M-29QT``."""
        return f"{self.pk[:4]}-{self.pk[4:8]}"

    @property
    def is_anonymous(self) -> bool:
        return self.level == Level.ANONYMOUS


class Pause(models.Model):
    """暂停计时: the clock stands still, with the reason that was given, until ``ended_on``."""

    request = models.ForeignKey(StaffRequest, on_delete=models.CASCADE, related_name="pauses")
    reason = models.CharField(_("理由"), max_length=300)
    started_on = models.DateField(_("开始"))
    ended_on = models.DateField(_("结束"), null=True, blank=True)

    class Meta:
        verbose_name = _("暂停计时")
        verbose_name_plural = _("暂停计时")
        ordering = ["started_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(ended_on__isnull=True), name="one_pause_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="pause_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.started_on}–{self.ended_on or ''}"


class Extension(models.Model):
    """延期: asked for once by the handler with a reason, granted or refused by the office."""

    request = models.OneToOneField(StaffRequest, on_delete=models.CASCADE, related_name="extension")
    reason = models.CharField(_("理由"), max_length=300)
    asked_at = models.DateTimeField(_("申请时间"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    old_due_on = models.DateField(_("原期限"))
    new_due_on = models.DateField(_("新期限"))
    granted = models.BooleanField(_("同意"), null=True, blank=True)
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("延期")
        verbose_name_plural = _("延期")

    def __str__(self) -> str:
        return f"{self.old_due_on}→{self.new_due_on}"


class Publication(models.Model):
    """公开看板的一条: what was said and what changed, in words without names or small teams."""

    request = models.OneToOneField(
        StaffRequest, on_delete=models.PROTECT, related_name="publication"
    )
    said = models.CharField(_("说了什么"), max_length=200)
    changed = models.CharField(_("改了什么"), max_length=200)
    detail = models.CharField(_("补充"), max_length=200, blank=True)
    who = models.CharField(
        _("谁说的"), max_length=40, blank=True, help_text=_("不写姓名和五人以下的班组")
    )
    published_at = models.DateTimeField(_("公开时间"))
    is_featured = models.BooleanField(_("放在最上面"), default=False)

    class Meta:
        verbose_name = _("公开看板")
        verbose_name_plural = _("公开看板")
        ordering = ["-published_at", "-id"]
        indexes = [
            models.Index(
                fields=["-is_featured", "-published_at", "-id"], name="publications_as_shown"
            ),
        ]

    def __str__(self) -> str:
        return self.changed
