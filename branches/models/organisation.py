"""Committees, branches and their dated tier and type."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from branches.querysets import BranchQuerySet
from portal.kernel.months import first_of_month


class Tier(models.TextChoices):
    """层级. A general branch has branches under it."""

    GENERAL_BRANCH = "general_branch", _("党总支")
    BRANCH = "branch", _("党支部")


class BranchType(models.TextChoices):
    """类型. Each type has a rubric and a ranking of its own; there is no ranking across types."""

    PRODUCTION = "production", _("生产（服务）型")
    MANAGEMENT = "management", _("管理型")
    BUSINESS = "business", _("经营型")


class Committee(models.Model):
    """党委: the city company's committee or a county company's, a tree by ``parent``."""

    name = models.CharField(_("名称"), max_length=60, unique=True)
    full_name = models.CharField(
        _("全称"),
        max_length=100,
        blank=True,
        help_text=_("公文落款用，如“中共国网泉州供电公司委员会”"),
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("上级党委"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    county = models.CharField(_("区县"), max_length=20, blank=True)
    issuer_code = models.CharField(_("发文代字"), max_length=20, help_text=_("如“泉电党”"))
    sort_order = models.PositiveIntegerField(_("排序"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("党委")
        verbose_name_plural = _("党委")
        ordering = ["sort_order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(parent=models.F("id")),
                name="committee_not_under_itself",
                violation_error_message=_("党委不能以自己为上级"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Branch(models.Model):
    """党支部/党总支: one Party branch or general branch of a committee.

    Tier, type and exemption from ranking are dated facts (BranchClassification), so that
    last year's ranking still shows last year's type. ``parent`` is the general branch above.
    """

    committee = models.ForeignKey(
        Committee, verbose_name=_("所属党委"), on_delete=models.PROTECT, related_name="branches"
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("所属党总支"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sub_branches",
    )
    name = models.CharField(_("名称"), max_length=60)
    short_name = models.CharField(_("简称"), max_length=30, blank=True)
    is_joint = models.BooleanField(_("联合党支部"), default=False)
    is_temporary = models.BooleanField(_("临时党支部"), default=False)
    has_party_affairs_office = models.BooleanField(
        _("党群部所在支部"),
        default=False,
        help_text=_("该支部的党群部人员不得检查、复核、裁决本支部"),
    )
    themed_day_rule = models.CharField(
        _("固定主题党日"), max_length=40, blank=True, help_text=_("如“每月第二个周五”")
    )
    sort_order = models.PositiveIntegerField(_("排序"), default=0)
    founded_on = models.DateField(_("成立日期"), null=True, blank=True)
    closed_on = models.DateField(_("撤销日期"), null=True, blank=True)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("党支部")
        verbose_name_plural = _("党支部")
        ordering = ["sort_order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "name"],
                name="branch_name_once_per_committee",
                violation_error_message=_("本党委已有同名党支部"),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("id")),
                name="branch_not_under_itself",
                violation_error_message=_("党支部不能以自己为上级"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The short name where room is short."""
        return self.short_name or self.name


class BranchClassification(models.Model):
    """分级分类: tier and type of a branch from a month on, until the next such row."""

    branch = models.ForeignKey(
        Branch, verbose_name=_("党支部"), on_delete=models.CASCADE, related_name="classifications"
    )
    first_month = models.DateField(_("起始月份"))
    tier = models.CharField(_("层级"), max_length=16, choices=Tier)
    branch_type = models.CharField(_("类型"), max_length=12, choices=BranchType)
    is_exempt = models.BooleanField(_("不参评"), default=False)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("分级分类")
        verbose_name_plural = _("分级分类")
        ordering = ["branch", "-first_month"]
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "first_month"],
                name="one_classification_per_month",
                violation_error_message=_("该月已有分级分类"),
            ),
            first_of_month("first_month", "classification_first_of_month"),
        ]

    def __str__(self) -> str:
        return f"{self.get_tier_display()} {self.get_branch_type_display()}"


class PartyGroup(models.Model):
    """党小组: a group of members inside a branch; its meetings are due monthly."""

    branch = models.ForeignKey(
        Branch, verbose_name=_("党支部"), on_delete=models.PROTECT, related_name="groups"
    )
    name = models.CharField(_("名称"), max_length=30)
    started_on = models.DateField(_("成立日期"))
    ended_on = models.DateField(_("撤销日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("党小组")
        verbose_name_plural = _("党小组")
        ordering = ["branch", "id"]
        constraints = [
            models.UniqueConstraint(fields=["branch", "name"], name="group_name_once_per_branch"),
        ]

    def __str__(self) -> str:
        return self.name
