"""Registers beside the monthly records: dues, talks, committee terms, recruiting; and the dated
settings that decide what is due."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from branches.models.organisation import Branch, Committee
from branches.models.people import Person
from branches.models.records import Activity
from branches.querysets import BranchRowsQuerySet
from portal.kernel.marks import MarksField
from portal.kernel.months import first_of_month


class LectureFrequency(models.TextChoices):
    """How often a lecture is due: the regulation names no number, so the company does."""

    MONTHLY = "M", _("每月")
    QUARTERLY = "Q", _("每季度")
    HALF_YEARLY = "H", _("每半年")
    YEARLY = "Y", _("每年")


class DutySettings(models.Model):
    """应办事项设置: what a committee decides about its branches' duties from a month on, until
    the next such row. Without any row the defaults below hold."""

    committee = models.ForeignKey(
        Committee, verbose_name=_("党委"), on_delete=models.PROTECT, related_name="duty_settings"
    )
    first_month = models.DateField(_("起始月份"))
    lecture_frequency = models.CharField(
        _("党课频次"),
        max_length=1,
        choices=LectureFrequency,
        default=LectureFrequency.QUARTERLY,
        help_text=_("条例只要求按期，次数由公司定"),
    )
    study_hours = models.PositiveSmallIntegerField(
        _("全年集中学习学时"), default=32, help_text=_("党员教育管理条例：一般不少于32学时")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("录入时间"))

    class Meta:
        verbose_name = _("应办事项设置")
        verbose_name_plural = _("应办事项设置")
        ordering = ["committee", "-first_month"]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "first_month"], name="duty_settings_once_per_month"
            ),
            first_of_month("first_month", "duty_settings_first_of_month"),
        ]

    def __str__(self) -> str:
        return f"{self.committee} {self.first_month:%Y-%m}"


class Entry(models.Model):
    """What every row of a register knows: whose it is and who wrote it when."""

    branch = models.ForeignKey(
        Branch, verbose_name=_("党支部"), on_delete=models.PROTECT, related_name="%(class)s_rows"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("录入人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("录入时间"))

    objects = BranchRowsQuerySet.as_manager()

    class Meta:
        abstract = True


class DuesPayment(Entry):
    """党费: what a member paid for a month, or why nothing is asked. Wages are never stored:
    the amount is the member's own statement (domain.md 3)."""

    person = models.ForeignKey(
        Person, verbose_name=_("党员"), on_delete=models.PROTECT, related_name="dues"
    )
    month = models.DateField(_("月份"))
    amount = MarksField(_("金额（元）"), default=0, validators=[MinValueValidator(0)])
    paid_on = models.DateField(_("交纳日期"), null=True, blank=True)
    exempt_reason = models.CharField(
        _("减免原因"), max_length=100, blank=True, help_text=_("经支部研究、上级党委批准")
    )
    activity = models.ForeignKey(
        Activity,
        verbose_name=_("在哪次活动上交"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="dues",
    )

    class Meta:
        verbose_name = _("党费")
        verbose_name_plural = _("党费")
        ordering = ["-month", "branch", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "month"],
                name="dues_once_a_month",
                violation_error_message=_("该同志这个月的党费已登记"),
            ),
            first_of_month("month", "dues_first_of_month"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, paid_on__isnull=False) | ~Q(exempt_reason=""),
                name="dues_paid_or_exempt",
                violation_error_message=_("请填金额和日期，或写明减免原因"),
            ),
        ]
        indexes = [models.Index(fields=["branch", "month"], name="dues_of_branch")]

    def __str__(self) -> str:
        return f"{self.person} {self.month:%Y-%m}"


class TalkOccasion(models.TextChoices):
    """Why two people talked. All but the first must be talked about (domain.md 2.3, B6)."""

    ROUTINE = "routine", _("日常谈心")
    POST_CHANGE = "post_change", _("岗位变动")
    DISCIPLINE = "discipline", _("受处分")
    FAMILY = "family", _("家庭重大变故")
    BEFORE_MEETING = "before_meeting", _("组织生活会前")


class Talk(Entry):
    """谈心谈话: who talked with whom and when. Points only, nothing private."""

    held_on = models.DateField(_("日期"))
    speaker = models.ForeignKey(
        Person, verbose_name=_("谈话人"), on_delete=models.PROTECT, related_name="+"
    )
    listener = models.ForeignKey(
        Person, verbose_name=_("谈话对象"), on_delete=models.PROTECT, related_name="+"
    )
    occasion = models.CharField(
        _("缘由"), max_length=16, choices=TalkOccasion, default=TalkOccasion.ROUTINE
    )
    points = models.CharField(
        _("要点"), max_length=200, help_text=_("只记要点，不记隐私；不写病情、收入、家事细节")
    )

    class Meta:
        verbose_name = _("谈心谈话")
        verbose_name_plural = _("谈心谈话")
        ordering = ["-held_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(speaker=F("listener")),
                name="nobody_talks_to_himself",
                violation_error_message=_("谈话人和谈话对象不能是同一人"),
            ),
            models.UniqueConstraint(
                fields=["held_on", "speaker", "listener"],
                name="talk_once_a_day",
                violation_error_message=_("当天这两位的谈话已登记"),
            ),
        ]
        indexes = [models.Index(fields=["branch", "held_on"], name="talks_of_branch")]

    def __str__(self) -> str:
        return f"{self.held_on} {self.speaker}—{self.listener}"


class CommitteeTerm(Entry):
    """届期: from one election of the branch's committee (or secretary) to the next. Usually three
    years; delayed by at most one, and only with the superior's approval (domain.md 1.1)."""

    elected_on = models.DateField(_("选举日期"))
    ends_on = models.DateField(_("届满日期"))
    extended_until = models.DateField(_("延期至"), null=True, blank=True)
    approval = models.CharField(_("批复文号"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("届期")
        verbose_name_plural = _("届期")
        ordering = ["-elected_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "elected_on"],
                name="one_election_a_day",
                violation_error_message=_("这次选举已登记"),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("elected_on")),
                name="term_dates_in_order",
                violation_error_message=_("届满日期要晚于选举日期"),
            ),
            models.CheckConstraint(
                condition=Q(extended_until__isnull=True)
                | (Q(extended_until__gt=F("ends_on")) & ~Q(approval="")),
                name="extension_is_approved",
                violation_error_message=_("延期须有上级批复文号，且晚于原届满日期"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.branch} {self.elected_on:%Y-%m-%d}"


class RecruitStep(Entry):
    """发展党员: a person reached a step of the twenty-five on a day. The formal file is on paper;
    here only step and date, so that a reversed order is noticed."""

    person = models.ForeignKey(
        Person, verbose_name=_("发展对象"), on_delete=models.PROTECT, related_name="recruit_steps"
    )
    step = models.PositiveSmallIntegerField(_("步骤"))
    done_on = models.DateField(_("日期"))

    class Meta:
        verbose_name = _("发展党员")
        verbose_name_plural = _("发展党员")
        ordering = ["person", "step"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "step"],
                name="step_once_per_person",
                violation_error_message=_("这一步已登记"),
            ),
            models.CheckConstraint(
                condition=Q(step__range=(1, 25)), name="step_is_one_of_twenty_five"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.step}"
