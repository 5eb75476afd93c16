"""Crews of the service team, their people, vehicles and honours."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from branches.models import Branch, Committee, Person
from servicecrew.querysets import CrewQuerySet


def _dates_in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
        name=name,
        violation_error_message=_("结束日期不能早于开始日期"),
    )


class CrewLevel(models.TextChoices):
    """服务队层级: 总队 of the city, 支队 of a line of work or county, 分队 that goes out."""

    CORPS = "corps", _("总队")
    DETACHMENT = "detachment", _("支队")
    SQUAD = "squad", _("分队")


class Crew(models.Model):
    """服务队: one crew of “海丝之光”, from the city's corps down to the squad that goes out.

    ``branch`` is the Party branch it belongs to, if one; captains are known by the roster.
    ``serial_code`` opens the numbers of its turnouts (``海丝德〔2017〕86号``).
    """

    name = models.CharField(_("名称"), max_length=40)
    level = models.CharField(_("层级"), max_length=12, choices=CrewLevel, default=CrewLevel.SQUAD)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("上级服务队"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="crews",
    )
    committee = models.ForeignKey(
        Committee, verbose_name=_("所属党委"), on_delete=models.PROTECT, related_name="crews"
    )
    branch = models.ForeignKey(
        Branch,
        verbose_name=_("依托党支部"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="crews",
    )
    county = models.CharField(_("区县"), max_length=20)
    serial_code = models.CharField(_("编号代字"), max_length=20)
    pledge = models.TextField(_("誓词"), blank=True)
    commitments = models.TextField(_("服务承诺"), blank=True)
    sort_order = models.PositiveIntegerField(_("排序"), default=0)
    founded_on = models.DateField(_("成立日期"), null=True, blank=True)
    closed_on = models.DateField(_("撤销日期"), null=True, blank=True)

    objects = CrewQuerySet.as_manager()

    class Meta:
        verbose_name = _("服务队")
        verbose_name_plural = _("服务队")
        ordering = ["sort_order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "name"],
                name="crew_name_once_per_committee",
                violation_error_message=_("本党委已有同名服务队"),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="crew_not_under_itself",
                violation_error_message=_("服务队不能以自己为上级"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CrewRole(models.TextChoices):
    CAPTAIN = "captain", _("队长")
    DEPUTY = "deputy_captain", _("副队长")
    MEMBER = "member", _("队员")


class CrewMember(models.Model):
    """队员: somebody serves in a crew, in one role, between two dates."""

    crew = models.ForeignKey(
        Crew, verbose_name=_("服务队"), on_delete=models.PROTECT, related_name="members"
    )
    person = models.ForeignKey(
        Person, verbose_name=_("人员"), on_delete=models.PROTECT, related_name="crew_memberships"
    )
    role = models.CharField(_("角色"), max_length=16, choices=CrewRole, default=CrewRole.MEMBER)
    skill = models.CharField(_("专长"), max_length=40, blank=True)
    started_on = models.DateField(_("入队日期"))
    ended_on = models.DateField(_("离队日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("队员")
        verbose_name_plural = _("队员")
        ordering = ["crew", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["crew", "person"],
                condition=Q(ended_on__isnull=True),
                name="in_a_crew_once",
                violation_error_message=_("该同志已在本队名册上"),
            ),
            models.UniqueConstraint(
                fields=["crew"],
                condition=Q(ended_on__isnull=True, role="captain"),
                name="one_captain_per_crew",
                violation_error_message=_("本队已有队长，请先办离任"),
            ),
            _dates_in_order("crew_member_dates_in_order"),
        ]
        indexes = [models.Index(fields=["person", "ended_on"], name="crews_of_person")]

    def __str__(self) -> str:
        return f"{self.person}（{self.crew}{self.get_role_display()}）"


class VehicleKind(models.TextChoices):
    REPAIR = "repair", _("抢修车")
    GENERATOR = "generator", _("发电车")
    CRANE = "crane", _("吊车")
    ENGINEERING = "engineering", _("工程车")
    OTHER = "other", _("其他车辆")


class Vehicle(models.Model):
    """车辆: a vehicle that a crew takes out, known by its plate."""

    crew = models.ForeignKey(
        Crew, verbose_name=_("服务队"), on_delete=models.PROTECT, related_name="vehicles"
    )
    plate = models.CharField(_("车牌"), max_length=12, unique=True)
    kind = models.CharField(
        _("车型"), max_length=12, choices=VehicleKind, default=VehicleKind.REPAIR
    )
    started_on = models.DateField(_("启用日期"))
    ended_on = models.DateField(_("停用日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("车辆")
        verbose_name_plural = _("车辆")
        ordering = ["crew", "kind", "plate"]
        constraints = [_dates_in_order("vehicle_dates_in_order")]

    def __str__(self) -> str:
        return f"{self.plate}（{self.get_kind_display()}）"


class Equipment(models.Model):
    """装备: tools and gear that a crew keeps, and when somebody last looked at them."""

    crew = models.ForeignKey(
        Crew, verbose_name=_("服务队"), on_delete=models.CASCADE, related_name="equipment"
    )
    name = models.CharField(_("名称"), max_length=40)
    quantity = models.PositiveIntegerField(_("数量"))
    unit = models.CharField(_("单位"), max_length=8, default="件")
    checked_on = models.DateField(_("检查日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("装备")
        verbose_name_plural = _("装备")
        ordering = ["crew", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["crew", "name"],
                name="equipment_once_per_crew",
                violation_error_message=_("本队已有这种装备，请改数量"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.quantity}{self.unit}"


class CrewNoteKind(models.TextChoices):
    TRAINING = "training", _("训练")
    AWARD = "award", _("荣誉")
    LETTER = "letter", _("感谢信")
    BANNER = "banner", _("锦旗")


class CrewNote(models.Model):
    """队史一页: a training, an award, a letter or a banner of a crew, on one day."""

    crew = models.ForeignKey(
        Crew, verbose_name=_("服务队"), on_delete=models.PROTECT, related_name="notes"
    )
    kind = models.CharField(_("类别"), max_length=10, choices=CrewNoteKind)
    happened_on = models.DateField(_("日期"))
    title = models.CharField(_("内容"), max_length=120)
    source = models.CharField(
        _("颁发或赠送"), max_length=60, blank=True, help_text=_("谁颁发、谁写来、谁送来")
    )
    people = models.PositiveSmallIntegerField(_("参加人数"), null=True, blank=True)

    class Meta:
        verbose_name = _("队史")
        verbose_name_plural = _("队史")
        ordering = ["-happened_on", "-id"]

    def __str__(self) -> str:
        return self.title
