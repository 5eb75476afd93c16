"""Monthly records: one activity, entered once, may satisfy several duties."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from branches.meetings import has_quorum, is_below, is_carried, percent
from branches.models.organisation import Branch, PartyGroup
from branches.models.people import Person
from branches.querysets import ActivityQuerySet
from portal.kernel.marks import MarksField
from portal.kernel.months import local_date


class Duty(models.TextChoices):
    """应办事项: what a branch owes in a period and a record can prove (domain.md, section 3)."""

    DOCUMENT_RELAY = "document_relay", _("第一议题与部署传达")
    GROUP_STUDY = "group_study", _("集中学习")
    PARTY_LECTURE = "party_lecture", _("党课")
    IDEOLOGY_REVIEW = "ideology_review", _("思想动态分析")
    GENERAL_MEETING = "general_meeting", _("支部党员大会")
    COMMITTEE_MEETING = "committee_meeting", _("支部委员会会议")
    GROUP_MEETING = "group_meeting", _("党小组会")
    THEMED_DAY = "themed_day", _("主题党日")
    ORG_LIFE_MEETING = "org_life_meeting", _("组织生活会")
    MEMBER_APPRAISAL = "member_appraisal", _("民主评议党员")
    HEART_TALKS = "heart_talks", _("谈心谈话")
    RE_ELECTION = "re_election", _("按期换届")
    DUES = "dues", _("党费收缴")
    SAFETY_TALK = "safety_talk", _("安全讲评")
    WORK_REPORT = "work_report", _("书记述职评议")
    YEAR_PLAN = "year_plan", _("年度计划")
    YEAR_SUMMARY = "year_summary", _("年度总结")
    QUARTER_PLAN = "quarter_plan", _("季度计划")


class Activity(models.Model):
    """活动记录: one thing a branch did on one day, with every duty that it satisfies (ticks).

    Attendance is by exception: ``expected_count`` people should have come (roster of the
    day), the absences are rows, the rest was there; the voter counts are the full members
    among them. ``late_reason`` is set when the record was written after the month's lock
    (补录). ``version`` counts saves and guards against two people editing at once.
    """

    branch = models.ForeignKey(
        Branch, verbose_name=_("党支部"), on_delete=models.PROTECT, related_name="activities"
    )
    group = models.ForeignKey(
        PartyGroup,
        verbose_name=_("党小组"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
    )
    held_on = models.DateField(_("日期"))
    starts_at = models.TimeField(_("开始时间"), null=True, blank=True)
    place = models.CharField(_("地点"), max_length=60)
    subject = models.CharField(_("主题"), max_length=120)
    chair = models.ForeignKey(
        Person, verbose_name=_("主持人"), on_delete=models.PROTECT, related_name="+"
    )
    recorder = models.ForeignKey(
        Person,
        verbose_name=_("记录人"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    agenda = models.TextField(_("议题与内容"), blank=True)
    statements = models.TextField(
        _("发言要点"), blank=True, help_text=_("谁说了什么，不同意见也记")
    )
    resolution = models.TextField(_("决议与落实"), blank=True)
    study_hours = MarksField(_("学时"), default=0)
    expected_count = models.PositiveSmallIntegerField(_("应到"))
    present_count = models.PositiveSmallIntegerField(_("实到"))
    voter_count = models.PositiveSmallIntegerField(_("应到有表决权"), default=0)
    voters_present = models.PositiveSmallIntegerField(_("实到有表决权"), default=0)
    ayes = models.PositiveSmallIntegerField(
        _("赞成"), null=True, blank=True, help_text=_("没有表决的不填")
    )
    nays = models.PositiveSmallIntegerField(_("反对"), null=True, blank=True)
    motion = models.CharField(_("表决事项"), max_length=120, blank=True)
    late_reason = models.CharField(_("补录原因"), max_length=200, blank=True)
    client_key = models.UUIDField(
        _("提交标识"),
        null=True,
        blank=True,
        unique=True,
        help_text=_("表单带来的标识，同一张表提交两次只记一次"),
    )
    version = models.PositiveIntegerField(_("版本"), default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("录入人"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField(_("录入时间"))
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("最后修改"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    updated_at = models.DateTimeField(_("更新时间"))

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("活动记录")
        verbose_name_plural = _("活动记录")
        ordering = ["-held_on", "-id"]
        indexes = [models.Index(fields=["branch", "held_on"], name="activities_of_branch")]
        constraints = [
            models.CheckConstraint(
                condition=Q(present_count__lte=models.F("expected_count")),
                name="present_within_expected",
                violation_error_message=_("实到不能多于应到"),
            ),
            models.CheckConstraint(
                condition=Q(voters_present__lte=models.F("voter_count"))
                & (Q(ayes__isnull=True) | Q(ayes__lte=models.F("voters_present"))),
                name="votes_within_voters",
                violation_error_message=_("赞成不能多于实到有表决权的人数"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.held_on:%Y-%m-%d} {self.subject}"

    @property
    def is_late_entry(self) -> bool:
        return bool(self.late_reason)

    @property
    def days_to_write(self) -> int:
        """Days between the event and the first writing of it: 0 on the same day."""
        return max(0, (local_date(self.created_at) - self.held_on).days)

    @property
    def abstentions(self) -> int:
        """Voters present who said neither yes nor no; 0 when there was no vote."""
        if self.ayes is None:
            return 0
        return max(0, self.voters_present - self.ayes - (self.nays or 0))

    @property
    def attendance_percent(self) -> int:
        """Attendance in whole per cent, rounded half up; 100 when nobody was expected."""
        return percent(self.present_count, self.expected_count)

    @property
    def is_attendance_low(self) -> bool:
        """Under the 80 per cent that a themed day owes."""
        return is_below(self.present_count, self.expected_count, 80)

    @property
    def has_quorum(self) -> bool:
        return has_quorum(self.voter_count, self.voters_present)

    @property
    def is_carried(self) -> bool:
        """Whether the vote passed; False when there was none."""
        return self.ayes is not None and self.has_quorum and is_carried(self.voter_count, self.ayes)


class ActivityTick(models.Model):
    """勾选: an activity satisfies a duty."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="ticks")
    duty = models.CharField(_("事项"), max_length=20, choices=Duty)

    class Meta:
        verbose_name = _("勾选")
        verbose_name_plural = _("勾选")
        constraints = [
            models.UniqueConstraint(fields=["activity", "duty"], name="one_tick_per_duty"),
        ]
        indexes = [models.Index(fields=["duty"], name="ticks_by_duty")]

    def __str__(self) -> str:
        return self.get_duty_display()


class ActivitySession(models.Model):
    """场次: a further sitting of the same event, for those on another shift (domain.md 3)."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="sessions")
    held_on = models.DateField(_("日期"))
    place = models.CharField(_("地点"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("场次")
        verbose_name_plural = _("场次")
        ordering = ["held_on", "id"]

    def __str__(self) -> str:
        return f"{self.held_on} {self.place}"


class FollowUp(models.Model):
    """落实事项: what was resolved, who does it, by when."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="follow_ups")
    text = models.CharField(_("事项"), max_length=120)
    person = models.ForeignKey(
        Person,
        verbose_name=_("责任人"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    due_on = models.DateField(_("完成时限"), null=True, blank=True)

    class Meta:
        verbose_name = _("落实事项")
        verbose_name_plural = _("落实事项")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text

    @property
    def words(self) -> str:
        """``责任区挂牌，黄丽萍，6月30日前``."""
        words = self.text
        if self.person is not None:
            words += f"，{self.person}"
        if self.due_on is not None:
            words += str(_("，%(month)d月%(day)d日前")) % {
                "month": self.due_on.month,
                "day": self.due_on.day,
            }
        return words


class AbsenceKind(models.TextChoices):
    LEAVE = "leave", _("请假")
    ABSENT = "absent", _("缺席")
    MADE_UP = "made_up", _("已补课")


class Absence(models.Model):
    """缺席: somebody on the roster who was not there, and why."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="absences")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absences")
    kind = models.CharField(_("情况"), max_length=8, choices=AbsenceKind, default=AbsenceKind.LEAVE)
    reason = models.CharField(_("原因"), max_length=100, blank=True)
    made_up_on = models.DateField(_("补课日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("缺席")
        verbose_name_plural = _("缺席")
        constraints = [
            models.UniqueConstraint(fields=["activity", "person"], name="absent_once"),
            models.CheckConstraint(
                condition=~Q(kind="leave", reason=""),
                name="leave_has_reason",
                violation_error_message=_("请假须写原因"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_kind_display()}"
