"""People, memberships, dated appointments and grants."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from branches.models.organisation import Branch, Committee, PartyGroup


def _not_before_start(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
        name=name,
        violation_error_message=_("结束日期不能早于开始日期"),
    )


class Person(models.Model):
    """人员: somebody the portal knows by name, with or without an account."""

    name = models.CharField(_("姓名"), max_length=40)
    staff_no = models.CharField(_("工号"), max_length=20, unique=True, null=True, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("账号"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="person",
    )
    committee = models.ForeignKey(
        Committee, verbose_name=_("所在单位党委"), on_delete=models.PROTECT, related_name="people"
    )
    workplace = models.CharField(_("部门班组"), max_length=60, blank=True)
    job_title = models.CharField(_("行政职务"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("人员")
        verbose_name_plural = _("人员")
        ordering = ["id"]
        indexes = [models.Index(fields=["name"], name="person_by_name")]

    def __str__(self) -> str:
        return self.name


class MembershipKind(models.TextChoices):
    FULL = "full", _("正式党员")
    PROBATIONARY = "probationary", _("预备党员")


class Membership(models.Model):
    """党员: a person's membership of a branch between two dates."""

    person = models.ForeignKey(
        Person, verbose_name=_("人员"), on_delete=models.PROTECT, related_name="memberships"
    )
    branch = models.ForeignKey(
        Branch, verbose_name=_("党支部"), on_delete=models.PROTECT, related_name="memberships"
    )
    group = models.ForeignKey(
        PartyGroup,
        verbose_name=_("党小组"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
    )
    kind = models.CharField(_("党员类别"), max_length=12, choices=MembershipKind)
    started_on = models.DateField(_("转入日期"))
    ended_on = models.DateField(_("转出日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("党员")
        verbose_name_plural = _("党员")
        ordering = ["branch", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(ended_on__isnull=True),
                name="one_branch_at_a_time",
                violation_error_message=_("该同志已在另一支部，请先办转出"),
            ),
            _not_before_start("membership_dates_in_order"),
        ]
        indexes = [models.Index(fields=["branch", "ended_on"], name="members_of_branch")]

    def __str__(self) -> str:
        return f"{self.person}（{self.branch}）"


class Post(models.Model):
    """职务: a post in a branch or committee (书记, 副书记, 组织委员 ...): rows, not columns."""

    code = models.CharField(_("代码"), max_length=24, primary_key=True)
    name = models.CharField(_("名称"), max_length=20)
    sort_order = models.PositiveSmallIntegerField(_("排序"), default=0)

    class Meta:
        verbose_name = _("职务")
        verbose_name_plural = _("职务")
        ordering = ["sort_order"]

    def __str__(self) -> str:
        return self.name


class SecretaryMode(models.TextChoices):
    """专职/兼职. Belongs to the appointment, because it changes in the middle of a year."""

    FULL_TIME = "full_time", _("专职")
    PART_TIME = "part_time", _("兼职")


class Appointment(models.Model):
    """任职: a person holds a post in a branch, or in a committee, between two dates."""

    person = models.ForeignKey(
        Person, verbose_name=_("人员"), on_delete=models.PROTECT, related_name="appointments"
    )
    branch = models.ForeignKey(
        Branch,
        verbose_name=_("党支部"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
    )
    committee = models.ForeignKey(
        Committee,
        verbose_name=_("党委"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
    )
    post = models.ForeignKey(Post, verbose_name=_("职务"), on_delete=models.PROTECT)
    secretary_mode = models.CharField(
        _("专职或兼职"), max_length=10, choices=SecretaryMode, blank=True
    )
    started_on = models.DateField(_("任职日期"))
    ended_on = models.DateField(_("免职日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        ordering = ["branch", "post__sort_order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(branch__isnull=True) ^ Q(committee__isnull=True),
                name="appointment_in_one_place",
                violation_error_message=_("任职须属于一个党支部或一个党委"),
            ),
            models.CheckConstraint(
                condition=~Q(post="secretary", branch__isnull=False, secretary_mode=""),
                name="branch_secretary_has_mode",
                violation_error_message=_("支部书记须注明专职或兼职"),
            ),
            models.UniqueConstraint(
                fields=["branch"],
                condition=Q(post="secretary", ended_on__isnull=True, branch__isnull=False),
                name="one_secretary_per_branch",
                violation_error_message=_("该支部已有在任书记，请先办免职"),
            ),
            models.UniqueConstraint(
                fields=["committee"],
                condition=Q(post="secretary", ended_on__isnull=True, committee__isnull=False),
                name="one_secretary_per_committee",
                violation_error_message=_("该党委已有在任书记，请先办免职"),
            ),
            _not_before_start("appointment_dates_in_order"),
        ]
        indexes = [models.Index(fields=["person", "ended_on"], name="appointments_of_person")]

    def __str__(self) -> str:
        return f"{self.person}（{self.branch or self.committee}{self.post}）"


class Role(models.TextChoices):
    """Roles that are granted by name. Secretaries, deputies and committee secretaries are
    known by their appointments, inspectors by their team: nobody grants those twice."""

    PARTY_AFFAIRS_OFFICER = "party_affairs_officer", _("党群部专责")
    CREW_CAPTAIN = "crew_captain", _("服务队队长")
    SECRETARY_OFFICE = "secretary_office", _("书记办公室")
    DISCIPLINE_OFFICE = "discipline_office", _("纪检专责")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDITOR = "auditor", _("审计管理员")


class RoleGrant(models.Model):
    """授权: a user holds a role over a committee (officer, the two offices), a branch (captain) or
    none (admins)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("账号"),
        on_delete=models.PROTECT,
        related_name="grants",
    )
    role = models.CharField(_("角色"), max_length=24, choices=Role)
    committee = models.ForeignKey(
        Committee,
        verbose_name=_("党委范围"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="grants",
    )
    branch = models.ForeignKey(
        Branch,
        verbose_name=_("支部范围"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="grants",
    )
    started_on = models.DateField(_("起始日期"))
    ended_on = models.DateField(_("终止日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("授权")
        verbose_name_plural = _("授权")
        ordering = ["user", "role"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(
                        role__in=[
                            "party_affairs_officer",
                            "secretary_office",
                            "discipline_office",
                        ],
                        committee__isnull=False,
                        branch__isnull=True,
                    )
                    | Q(role="crew_captain", committee__isnull=True, branch__isnull=False)
                    | Q(
                        role__in=["system_admin", "security_admin", "auditor"],
                        committee__isnull=True,
                        branch__isnull=True,
                    )
                ),
                name="grant_scope_fits_role",
                violation_error_message=_("授权范围与角色不符"),
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(
                    ended_on__isnull=True, role__in=["system_admin", "security_admin", "auditor"]
                ),
                name="one_admin_third_per_user",
                violation_error_message=_("系统、安全、审计三员不得由一人兼任"),
            ),
            _not_before_start("grant_dates_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"
