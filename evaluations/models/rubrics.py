"""Rubrics: what is inspected, for how many marks, and what is deducted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from evaluations.querysets import RubricVersionQuerySet
from portal.kernel.marks import MarksField
from portal.kernel.months import Month, first_of_month


class RubricSubject(models.TextChoices):
    """Whom a rubric judges: one of the three branch types, or a secretary by mode."""

    PRODUCTION = "production", _("生产（服务）型党支部")
    MANAGEMENT = "management", _("管理型党支部")
    BUSINESS = "business", _("经营型党支部")
    SECRETARY_FULL = "full_time", _("专职书记")
    SECRETARY_PART = "part_time", _("兼职书记")


class Rubric(models.Model):
    """考评细则: the rubric of one subject. Its content lives in dated versions."""

    subject = models.CharField(_("对象"), max_length=12, choices=RubricSubject, unique=True)
    code = models.CharField(_("代码"), max_length=12, unique=True)
    name = models.CharField(_("名称"), max_length=60)

    class Meta:
        verbose_name = _("考评细则")
        verbose_name_plural = _("考评细则")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_for_secretaries(self) -> bool:
        return self.subject in {RubricSubject.SECRETARY_FULL, RubricSubject.SECRETARY_PART}


class VersionStatus(models.TextChoices):
    DRAFT = "draft", _("草稿")
    ACTIVE = "active", _("生效")


class NotDuePolicy(models.TextChoices):
    """What happens to an item that is not due or not applicable this month."""

    FULL_MARKS = "full_marks", _("不涉及不扣分")
    SCALE = "scale", _("剔除后折算到100分")


class RubricVersion(models.Model):
    """细则版本: the content of a rubric from ``first_month`` on.

    A draft may be changed freely. Activation checks that items add up to sections and
    sections to 100. Once a round has opened with it (``frozen_at``) nothing in it changes.
    """

    rubric = models.ForeignKey(
        Rubric, verbose_name=_("细则"), on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveSmallIntegerField(_("版本号"))
    first_month = models.DateField(_("起始月份"))
    status = models.CharField(
        _("状态"), max_length=8, choices=VersionStatus, default=VersionStatus.DRAFT
    )
    not_due_policy = models.CharField(
        _("未到期项目"), max_length=12, choices=NotDuePolicy, default=NotDuePolicy.FULL_MARKS
    )
    bonus_cap = MarksField(_("加分上限"), default=5)
    note = models.CharField(_("修订说明"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("起草人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("起草时间"))
    frozen_at = models.DateTimeField(_("冻结时间"), null=True, blank=True)

    objects = RubricVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("细则版本")
        verbose_name_plural = _("细则版本")
        ordering = ["rubric", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["rubric", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["rubric", "first_month"],
                condition=Q(status="active"),
                name="one_active_version_per_month",
                violation_error_message=_("该月已有生效版本"),
            ),
            first_of_month("first_month", "version_first_of_month"),
        ]

    def __str__(self) -> str:
        return f"{self.rubric} 第{self.number}版"

    @property
    def month(self) -> Month:
        return Month.of(self.first_month)

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None


class RubricSection(models.Model):
    """考评类别: a lettered section of a version with its full marks."""

    version = models.ForeignKey(RubricVersion, on_delete=models.CASCADE, related_name="sections")
    code = models.CharField(_("编号"), max_length=4)
    name = models.CharField(_("名称"), max_length=40)
    name_en = models.CharField(_("英文"), max_length=80, blank=True)
    full_marks = MarksField(_("满分"))
    sort_order = models.PositiveSmallIntegerField(_("排序"))

    class Meta:
        verbose_name = _("考评类别")
        verbose_name_plural = _("考评类别")
        ordering = ["sort_order"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="section_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Frequency(models.TextChoices):
    MONTHLY = "M", _("每月")
    QUARTERLY = "Q", _("每季")
    HALF_YEARLY = "H", _("每半年")
    YEARLY = "Y", _("每年")
    EVENT = "E", _("按事件")


class AppliesWhen(models.TextChoices):
    """When an item is applicable to a branch at all."""

    ALWAYS = "", _("都适用")
    HAS_COMMITTEE = "has_committee", _("设支委会的支部")
    HAS_GROUPS = "has_groups", _("设党小组的支部")


class RubricItem(models.Model):
    """考评项目: one item with its standard, marks, key-work mark ★, period and data source."""

    section = models.ForeignKey(RubricSection, on_delete=models.CASCADE, related_name="items")
    version = models.ForeignKey(RubricVersion, on_delete=models.CASCADE, related_name="items")
    code = models.CharField(_("编号"), max_length=6)
    name = models.CharField(_("名称"), max_length=40)
    name_en = models.CharField(_("英文"), max_length=100, blank=True)
    full_marks = MarksField(_("满分"))
    is_key_work = models.BooleanField(_("重点工作"), default=False)
    frequency = models.CharField(
        _("周期"), max_length=1, choices=Frequency, default=Frequency.MONTHLY
    )
    source = models.CharField(_("数据来源"), max_length=20)
    standard = models.CharField(_("考评要求"), max_length=300)
    evidence = models.CharField(_("依据材料"), max_length=120, blank=True)
    applies_when = models.CharField(
        _("适用范围"), max_length=16, choices=AppliesWhen, default=AppliesWhen.ALWAYS, blank=True
    )
    sort_order = models.PositiveSmallIntegerField(_("排序"))

    class Meta:
        verbose_name = _("考评项目")
        verbose_name_plural = _("考评项目")
        ordering = ["sort_order"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="item_code_once"),
            models.CheckConstraint(
                condition=Q(full_marks__gt=0),
                name="item_full_marks_positive",
                violation_error_message=_("满分须大于0"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class DeductionRule(models.Model):
    """扣分标准: points times count, or everything (``takes_all``)."""

    item = models.ForeignKey(RubricItem, on_delete=models.CASCADE, related_name="rules")
    number = models.PositiveSmallIntegerField(_("序号"))
    text = models.CharField(_("情形"), max_length=120)
    unit = models.CharField(_("单位"), max_length=16)
    points = MarksField(_("每单位扣分"), null=True, blank=True)
    takes_all = models.BooleanField(_("扣满分"), default=False)

    class Meta:
        verbose_name = _("扣分标准")
        verbose_name_plural = _("扣分标准")
        ordering = ["item", "number"]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="rule_number_once"),
            models.CheckConstraint(
                condition=Q(takes_all=True, points__isnull=True) | Q(takes_all=False, points__gt=0),
                name="rule_takes_points_or_all",
                violation_error_message=_("扣分标准须写每单位扣几分，或写扣满分"),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class BonusRule(models.Model):
    """加分项."""

    version = models.ForeignKey(RubricVersion, on_delete=models.CASCADE, related_name="bonus_rules")
    code = models.CharField(_("编号"), max_length=4)
    text = models.CharField(_("情形"), max_length=120)
    points = MarksField(_("加分"))

    class Meta:
        verbose_name = _("加分项")
        verbose_name_plural = _("加分项")
        ordering = ["version", "code"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="bonus_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class VetoRule(models.Model):
    """否决项: caps the total; may zero the item concerned or ask for a talk (约谈)."""

    version = models.ForeignKey(RubricVersion, on_delete=models.CASCADE, related_name="veto_rules")
    code = models.CharField(_("编号"), max_length=4)
    text = models.CharField(_("情形"), max_length=120)
    cap = MarksField(_("总分封顶"))
    zeroes_item = models.BooleanField(_("涉及项目计0分"), default=False)
    bars_awards = models.BooleanField(_("取消当季评优"), default=False)
    needs_talk = models.BooleanField(_("约谈"), default=False)

    class Meta:
        verbose_name = _("否决项")
        verbose_name_plural = _("否决项")
        ordering = ["version", "code"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="veto_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class Band(models.Model):
    """等次: the word for a total of at least ``floor`` marks."""

    version = models.ForeignKey(RubricVersion, on_delete=models.CASCADE, related_name="bands")
    name = models.CharField(_("等次"), max_length=8)
    floor = MarksField(_("最低分"))

    class Meta:
        verbose_name = _("等次")
        verbose_name_plural = _("等次")
        ordering = ["version", "-floor"]
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="band_name_once"),
            models.UniqueConstraint(fields=["version", "floor"], name="band_floor_once"),
        ]

    def __str__(self) -> str:
        return self.name


class RubricImport(models.Model):
    """细则导入预览: an uploaded workbook as it was understood, waiting for the officer's word.

    ``content`` is what the rows that were understood say, ``report`` the rows that were not.
    One per officer and rubric: a new upload takes the place of the old one, so what is kept
    here can't pile up. Gone once confirmed.
    """

    rubric = models.ForeignKey(Rubric, on_delete=models.CASCADE, related_name="imports")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="rubric_imports"
    )
    uploaded_at = models.DateTimeField(_("上传时间"))
    file_name = models.CharField(_("文件名"), max_length=120)
    content = models.JSONField(_("读懂的内容"))
    report = models.JSONField(_("没读懂的行"), default=list)

    class Meta:
        verbose_name = _("细则导入预览")
        verbose_name_plural = _("细则导入预览")
        ordering = ["-uploaded_at"]
        constraints = [
            models.UniqueConstraint(fields=["rubric", "user"], name="one_import_per_officer"),
        ]

    def __str__(self) -> str:
        return self.file_name
