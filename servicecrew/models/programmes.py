"""The five programmes, their yearly plans, what was done for whom, and what members took on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from branches.models import Activity, Branch, Committee, Person
from servicecrew.models.turnouts import Turnout
from servicecrew.querysets import (
    BranchRowQuerySet,
    DatedQuerySet,
    DeedQuerySet,
    RetiredQuerySet,
)


class TargetGroup(models.Model):
    """对象人群: whom programmes are for (党员, 关键岗位, 青年, 离退休老同志 ...)."""

    code = models.SlugField(_("代码"), max_length=20, primary_key=True)
    name = models.CharField(_("名称"), max_length=20)
    hint = models.CharField(_("说明"), max_length=120, blank=True)
    sort_order = models.PositiveSmallIntegerField(_("排序"), default=0)

    class Meta:
        verbose_name = _("对象人群")
        verbose_name_plural = _("对象人群")
        ordering = ["sort_order"]

    def __str__(self) -> str:
        return self.name


class Programme(models.Model):
    """五大工程: one of the five. ``is_restricted`` (海丝清风): what was done is for overseers and
    for the branch's own secretary; others see numbers only."""

    code = models.SlugField(_("代码"), max_length=20, primary_key=True)
    name = models.CharField(_("名称"), max_length=20)
    aim = models.CharField(_("宗旨"), max_length=200, blank=True)
    is_restricted = models.BooleanField(_("限制查看"), default=False)
    sort_order = models.PositiveSmallIntegerField(_("排序"), default=0)
    groups = models.ManyToManyField(
        TargetGroup, verbose_name=_("对象人群"), related_name="programmes"
    )

    class Meta:
        verbose_name = _("五大工程")
        verbose_name_plural = _("五大工程")
        ordering = ["sort_order"]

    def __str__(self) -> str:
        return self.name


class ProgrammePlan(models.Model):
    """年度计划: how many activities a committee wants of a programme in a year."""

    programme = models.ForeignKey(
        Programme, verbose_name=_("工程"), on_delete=models.PROTECT, related_name="plans"
    )
    committee = models.ForeignKey(
        Committee, verbose_name=_("党委"), on_delete=models.PROTECT, related_name="programme_plans"
    )
    year = models.PositiveSmallIntegerField(_("年份"))
    target = models.PositiveSmallIntegerField(_("计划项数"))
    text = models.TextField(_("计划"), blank=True)

    class Meta:
        verbose_name = _("年度计划")
        verbose_name_plural = _("年度计划")
        ordering = ["-year", "programme__sort_order"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "committee", "year"],
                name="one_plan_per_year",
                violation_error_message=_("该工程今年已有计划，请直接修改"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.year}"


class Measure(models.TextChoices):
    """What an indicator counts: always rows, never a typed-in result."""

    DEEDS = "deeds", _("活动项数")
    PEOPLE = "people", _("覆盖人次")
    VISITS = "visits", _("走访慰问次数")
    PAIRS = "pairs", _("在带师徒对数")
    TURNOUTS = "turnouts", _("出队次数")


class Indicator(models.Model):
    """指标: a number a plan wants to reach, counted from rows."""

    plan = models.ForeignKey(ProgrammePlan, on_delete=models.CASCADE, related_name="indicators")
    name = models.CharField(_("指标"), max_length=40)
    measure = models.CharField(_("口径"), max_length=10, choices=Measure)
    target = models.PositiveIntegerField(_("目标"))

    class Meta:
        verbose_name = _("指标")
        verbose_name_plural = _("指标")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "measure"], name="measure_once_per_plan"),
        ]

    def __str__(self) -> str:
        return self.name


class Deed(models.Model):
    """工程活动: one thing done for a programme. It names the monthly record or the turnout it
    was (entered once: day, subject and people are read there), or stands for itself."""

    programme = models.ForeignKey(
        Programme, verbose_name=_("工程"), on_delete=models.PROTECT, related_name="deeds"
    )
    committee = models.ForeignKey(
        Committee, verbose_name=_("党委"), on_delete=models.PROTECT, related_name="deeds"
    )
    branch = models.ForeignKey(
        Branch,
        verbose_name=_("党支部"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deeds",
    )
    activity = models.ForeignKey(
        Activity,
        verbose_name=_("活动记录"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="deeds",
    )
    turnout = models.ForeignKey(
        Turnout,
        verbose_name=_("出队记录"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="deeds",
    )
    held_on = models.DateField(_("日期"), null=True, blank=True)
    title = models.CharField(_("内容"), max_length=120, blank=True)
    people = models.PositiveIntegerField(
        _("覆盖人数"), null=True, blank=True, help_text=_("不填时取活动实到人数或出动人次")
    )
    result = models.CharField(_("成效"), max_length=200, blank=True)
    groups = models.ManyToManyField(
        TargetGroup, verbose_name=_("对象人群"), blank=True, related_name="deeds"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("录入时间"))

    objects = DeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("工程活动")
        verbose_name_plural = _("工程活动")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "activity"],
                name="activity_once_per_programme",
                violation_error_message=_("这条活动已记在该工程下"),
            ),
            models.UniqueConstraint(
                fields=["programme", "turnout"],
                name="turnout_once_per_programme",
                violation_error_message=_("这次出队已记在该工程下"),
            ),
            models.CheckConstraint(
                condition=Q(activity__isnull=False)
                | Q(turnout__isnull=False)
                | (Q(held_on__isnull=False) & ~Q(title="")),
                name="deed_says_what",
                violation_error_message=_("请写日期和内容，或选一条已有的记录"),
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.activity or self.turnout)


class VisitKind(models.TextChoices):
    SPRING = "spring", _("和春舒心")
    SUMMER = "summer", _("盛夏送凉")
    AUTUMN = "autumn", _("金秋助学")
    WINTER = "winter", _("寒冬问暖")
    HARDSHIP = "hardship", _("困难帮扶")
    ILLNESS = "illness", _("生病慰问")
    HOME = "home", _("入户走访")
    BIRTHDAY = "birthday", _("生日祝福")
    STUDY = "study", _("送学上门")


class CareVisit(models.Model):
    """走访慰问: somebody was visited. Whom is for those who oversee, and the visitor's branch."""

    programme = models.ForeignKey(
        Programme, verbose_name=_("工程"), on_delete=models.PROTECT, related_name="visits"
    )
    branch = models.ForeignKey(
        Branch, verbose_name=_("党支部"), on_delete=models.PROTECT, related_name="care_visits"
    )
    kind = models.CharField(_("类别"), max_length=10, choices=VisitKind)
    person = models.ForeignKey(
        Person, verbose_name=_("走访对象"), on_delete=models.PROTECT, related_name="care_visits"
    )
    visited_on = models.DateField(_("日期"))
    visitor = models.CharField(_("走访人"), max_length=60)
    note = models.CharField(_("情况"), max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("录入时间"))

    objects = BranchRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("走访慰问")
        verbose_name_plural = _("走访慰问")
        ordering = ["-visited_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "visited_on"],
                name="visited_once_a_day",
                violation_error_message=_("当天已记过这次走访"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.visited_on}"


class RetiredComrade(models.Model):
    """离退休老同志: the roster of those whom 惜福感恩 is for. ``left_on``: he moved away or died;
    the visits stay, the roster no longer asks for more."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="retirement")
    branch = models.ForeignKey(
        Branch, verbose_name=_("党支部"), on_delete=models.PROTECT, related_name="retired"
    )
    retired_on = models.DateField(_("退休日期"))
    birth_month = models.PositiveSmallIntegerField(_("生日月份"), null=True, blank=True)
    lives_alone = models.BooleanField(_("独居"), default=False)
    gets_study_at_home = models.BooleanField(_("送学上门"), default=False)
    left_on = models.DateField(_("离开名册日期"), null=True, blank=True)

    objects = RetiredQuerySet.as_manager()

    class Meta:
        verbose_name = _("离退休老同志")
        verbose_name_plural = _("离退休老同志")
        ordering = ["branch", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(birth_month__isnull=True) | Q(birth_month__range=(1, 12)),
                name="birth_month_is_a_month",
                violation_error_message=_("月份请填1到12"),
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("retired_on")),
                name="retired_before_leaving_the_roster",
                violation_error_message=_("离开名册的日期不能早于退休日期"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)


class MentorPair(models.Model):
    """师带徒: an experienced colleague and a young one, between two dates."""

    mentor = models.ForeignKey(
        Person, verbose_name=_("师傅"), on_delete=models.PROTECT, related_name="apprentices"
    )
    apprentice = models.ForeignKey(
        Person, verbose_name=_("徒弟"), on_delete=models.PROTECT, related_name="mentors"
    )
    branch = models.ForeignKey(
        Branch, verbose_name=_("党支部"), on_delete=models.PROTECT, related_name="mentor_pairs"
    )
    subject = models.CharField(_("带教内容"), max_length=60)
    started_on = models.DateField(_("开始日期"))
    ended_on = models.DateField(_("出师日期"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("师带徒")
        verbose_name_plural = _("师带徒")
        ordering = ["-started_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["apprentice"],
                condition=Q(ended_on__isnull=True),
                name="one_mentor_at_a_time",
                violation_error_message=_("这名徒弟已有师傅在带"),
            ),
            models.CheckConstraint(
                condition=~Q(mentor=F("apprentice")),
                name="nobody_mentors_himself",
                violation_error_message=_("师傅和徒弟不能是同一人"),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="mentor_dates_in_order",
                violation_error_message=_("结束日期不能早于开始日期"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mentor}带{self.apprentice}"


class PioneerKind(models.TextChoices):
    MODEL_POST = "model_post", _("党员示范岗")
    AREA = "area", _("党员责任区")
    COMMANDO = "commando", _("党员突击队")
    PROJECT = "project", _("揭榜攻坚")
    PLEDGE = "pledge", _("承诺践诺")


class PioneerEntry(models.Model):
    """先锋模范: a post, area, commando, project or pledge that a member has taken on. No points."""

    person = models.ForeignKey(
        Person, verbose_name=_("党员"), on_delete=models.PROTECT, related_name="pioneer_entries"
    )
    branch = models.ForeignKey(
        Branch, verbose_name=_("党支部"), on_delete=models.PROTECT, related_name="pioneer_entries"
    )
    kind = models.CharField(_("类别"), max_length=12, choices=PioneerKind)
    title = models.CharField(_("内容"), max_length=120)
    started_on = models.DateField(_("开始日期"))
    ended_on = models.DateField(_("结束日期"), null=True, blank=True)
    is_done = models.BooleanField(_("已完成"), default=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("先锋模范")
        verbose_name_plural = _("先锋模范")
        ordering = ["-started_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="pioneer_dates_in_order",
                violation_error_message=_("结束日期不能早于开始日期"),
            ),
        ]
        indexes = [models.Index(fields=["kind", "ended_on"], name="pioneers_by_kind")]

    def __str__(self) -> str:
        return self.title
