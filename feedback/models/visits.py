"""Going to people instead of waiting for them: 百名干部走千家, 三挂三联, 四查四问两关注.

No public text spells these rules out (``domain.md`` 6.3): what is asked on a visit is data that
the office edits, and who is linked to whom is a dated assignment.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from branches.models import Branch, Committee, Person
from feedback.keys import RandomKeyed
from feedback.models.requests import StaffRequest
from feedback.visit_querysets import LinkQuerySet, PlaceQuerySet, VisitQuerySet


class PlaceKind(models.TextChoices):
    STATION = "station", _("供电所")
    TEAM = "team", _("班组")
    PROJECT = "project", _("重点工程")
    GOVERNMENT = "government", _("政府部门")
    ENTERPRISE = "enterprise", _("重点企业")


class VisitPlace(models.Model):
    """走访对象: a station, a team, a project, a government body or a key enterprise that somebody
    should see from time to time."""

    committee = models.ForeignKey(
        Committee, verbose_name=_("党委"), on_delete=models.PROTECT, related_name="visit_places"
    )
    kind = models.CharField(_("类别"), max_length=12, choices=PlaceKind)
    name = models.CharField(_("名称"), max_length=40)
    branch = models.ForeignKey(
        Branch,
        verbose_name=_("所在支部"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="visit_places",
    )
    headcount = models.PositiveSmallIntegerField(_("人数"), null=True, blank=True)
    sort_order = models.PositiveIntegerField(_("排序"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("走访对象")
        verbose_name_plural = _("走访对象")
        ordering = ["kind", "sort_order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "name"],
                name="visit_place_once",
                violation_error_message=_("已有同名的走访对象"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LinkKind(models.TextChoices):
    """三挂: a branch, a team or station, a project. 三联: government, enterprise, staff."""

    BRANCH = "branch", _("挂党支部")
    TEAM = "team", _("挂供电所、班组")
    PROJECT = "project", _("挂重点工程")
    GOVERNMENT = "government", _("联政府部门")
    ENTERPRISE = "enterprise", _("联重点企业")
    STAFF = "staff", _("联职工")


class LinkAssignment(models.Model):
    """三挂三联: a leader is linked to one branch, place or person between two dates, and goes
    there so many times a year."""

    committee = models.ForeignKey(
        Committee, verbose_name=_("党委"), on_delete=models.PROTECT, related_name="links"
    )
    leader = models.ForeignKey(
        Person, verbose_name=_("领导"), on_delete=models.PROTECT, related_name="links"
    )
    kind = models.CharField(_("挂联"), max_length=12, choices=LinkKind)
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, null=True, blank=True, related_name="links"
    )
    place = models.ForeignKey(
        VisitPlace, on_delete=models.PROTECT, null=True, blank=True, related_name="links"
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="linked_by"
    )
    times_a_year = models.PositiveSmallIntegerField(_("每年次数"), default=4)
    started_on = models.DateField(_("起始日期"))
    ended_on = models.DateField(_("终止日期"), null=True, blank=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("三挂三联")
        verbose_name_plural = _("三挂三联")
        ordering = ["leader", "kind", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(kind="branch", branch__isnull=False, place__isnull=True, person__isnull=True)
                    | Q(kind="staff", person__isnull=False, place__isnull=True, branch__isnull=True)
                    | (
                        ~Q(kind__in=["branch", "staff"])
                        & Q(place__isnull=False, branch__isnull=True, person__isnull=True)
                    )
                ),
                name="link_leads_to_one",
                violation_error_message=_("请选挂联到哪里：支部、对象或职工"),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="link_dates_in_order",
                violation_error_message=_("结束日期不能早于开始日期"),
            ),
            models.UniqueConstraint(
                fields=["leader", "kind", "branch"],
                condition=Q(ended_on__isnull=True, branch__isnull=False),
                name="one_link_to_branch",
                violation_error_message=_("这位领导已挂这个支部"),
            ),
            models.UniqueConstraint(
                fields=["leader", "kind", "place"],
                condition=Q(ended_on__isnull=True, place__isnull=False),
                name="one_link_to_place",
                violation_error_message=_("这位领导已挂联这里"),
            ),
            models.UniqueConstraint(
                fields=["leader", "kind", "person"],
                condition=Q(ended_on__isnull=True, person__isnull=False),
                name="one_link_to_person",
                violation_error_message=_("这位领导已联系这位职工"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leader}{self.get_kind_display()}：{self.target}"

    @property
    def target(self) -> str:
        return str(self.branch or self.place or self.person)


class QuestionGroup(models.TextChoices):
    CHECK = "check", _("四查")
    ASK = "ask", _("四问")
    CONCERN = "concern", _("两关注")


class VisitQuestion(models.Model):
    """四查四问两关注: one thing to look at, to ask or to keep in mind on a visit. Concerns are
    about people and are read by few (``may_read_private``)."""

    group = models.CharField(_("组"), max_length=8, choices=QuestionGroup)
    name = models.CharField(_("名称"), max_length=20)
    hint = models.CharField(_("看什么、问什么"), max_length=100, blank=True)
    sort_order = models.PositiveSmallIntegerField(_("排序"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("走访提纲")
        verbose_name_plural = _("走访提纲")
        ordering = ["sort_order", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_private(self) -> bool:
        return self.group == QuestionGroup.CONCERN


class VisitCampaign(models.Model):
    """百名干部走千家: visits of a period with a goal."""

    committee = models.ForeignKey(
        Committee, verbose_name=_("党委"), on_delete=models.PROTECT, related_name="campaigns"
    )
    name = models.CharField(_("名称"), max_length=40)
    started_on = models.DateField(_("开始"))
    ended_on = models.DateField(_("结束"))
    goal = models.PositiveIntegerField(_("目标人次"), default=1000)

    class Meta:
        verbose_name = _("走访活动")
        verbose_name_plural = _("走访活动")
        ordering = ["-started_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__gte=F("started_on")), name="campaign_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VisitMode(models.TextChoices):
    ON_SITE = "on_site", _("到现场")
    HOME = "home", _("家访")
    MEETING = "meeting", _("座谈")
    PHONE = "phone", _("电话")


class StaffVisit(RandomKeyed):
    """走访: somebody went and saw people, on one day. What came out of it: answers to the
    checklist, a private note, and any number of requests (``VisitRequest``)."""

    committee = models.ForeignKey(
        Committee, verbose_name=_("党委"), on_delete=models.PROTECT, related_name="staff_visits"
    )
    campaign = models.ForeignKey(
        VisitCampaign,
        verbose_name=_("活动"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="visits",
    )
    led_by = models.ForeignKey(
        Person, verbose_name=_("走访人"), on_delete=models.PROTECT, related_name="visits_led"
    )
    companions = models.CharField(_("同行"), max_length=100, blank=True)
    place = models.ForeignKey(
        VisitPlace,
        verbose_name=_("去了哪里"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="visits",
    )
    whom = models.CharField(_("见了谁"), max_length=60, blank=True)
    met_count = models.PositiveSmallIntegerField(_("见了几人"), default=1)
    mode = models.CharField(_("方式"), max_length=8, choices=VisitMode, default=VisitMode.ON_SITE)
    visited_on = models.DateField(_("日期"))
    topics = models.CharField(_("谈了什么"), max_length=500, blank=True)
    recorded_at = models.DateTimeField(_("记录时间"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("走访")
        verbose_name_plural = _("走访")
        ordering = ["-visited_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(place__isnull=False) | ~Q(whom=""),
                name="visit_leads_somewhere",
                violation_error_message=_("请选去了哪里，或填见了谁"),
            ),
            models.CheckConstraint(
                condition=Q(met_count__gte=1),
                name="visit_met_somebody",
                violation_error_message=_("至少见了1人"),
            ),
        ]
        indexes = [
            models.Index(fields=["committee", "visited_on"], name="visits_by_day"),
            models.Index(fields=["place", "visited_on"], name="visits_of_place"),
        ]

    def __str__(self) -> str:
        return f"{self.visited_on.month}月{self.visited_on.day}日走访{self.where}"

    @property
    def where(self) -> str:
        return str(self.place) if self.place_id else self.whom


class VisitAnswer(models.Model):
    """走访所见: what was seen or heard on one point of the checklist."""

    visit = models.ForeignKey(StaffVisit, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(VisitQuestion, on_delete=models.PROTECT, related_name="+")
    is_finding = models.BooleanField(_("有问题"), default=False)
    text = models.CharField(_("所见所闻"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("走访所见")
        verbose_name_plural = _("走访所见")
        ordering = ["visit", "question__sort_order"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "question"], name="visit_answer_once"),
            models.CheckConstraint(
                condition=Q(is_finding=False) | ~Q(text=""),
                name="visit_finding_says_what",
                violation_error_message=_("有问题的，请写明是什么"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question}"


class VisitNote(models.Model):
    """走访私记: about people, for whoever went and the secretary's office alone."""

    visit = models.OneToOneField(StaffVisit, on_delete=models.CASCADE, related_name="note")
    text = models.TextField(_("私记"), max_length=1000)

    class Meta:
        verbose_name = _("走访私记")
        verbose_name_plural = _("走访私记")

    def __str__(self) -> str:
        return str(self.visit)


class VisitRequest(models.Model):
    """走访带回的诉求: which visit a request came from."""

    visit = models.ForeignKey(StaffVisit, on_delete=models.PROTECT, related_name="brought_back")
    request = models.OneToOneField(
        StaffRequest, on_delete=models.PROTECT, related_name="visit_link"
    )

    class Meta:
        verbose_name = _("走访带回的诉求")
        verbose_name_plural = _("走访带回的诉求")

    def __str__(self) -> str:
        return str(self.visit)
