"""What a company may edit: kinds, categories, clocks, reply templates."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from branches.models import Committee


class Kind(models.Model):
    """诉求类型: 建议, 意见, 求助, 咨询; and 举报, 信访, which are not handled here.

    A sealed kind is shown the right door; what is left here all the same is seen by the
    discipline office alone.
    """

    code = models.CharField(_("代码"), max_length=24, primary_key=True)
    name = models.CharField(_("名称"), max_length=20)
    is_sealed = models.BooleanField(
        _("只由纪检查看"), default=False, help_text=_("举报、信访、涉纪：不在这里办，只由纪检查看")
    )
    right_door = models.CharField(_("该走的渠道"), max_length=200, blank=True)
    sort_order = models.PositiveSmallIntegerField(_("排序"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("诉求类型")
        verbose_name_plural = _("诉求类型")
        ordering = ["sort_order", "code"]

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """诉求类别: what it is about (劳动保护与物资, 后勤生活 ...)."""

    code = models.CharField(_("代码"), max_length=24, primary_key=True)
    name = models.CharField(_("名称"), max_length=20)
    sort_order = models.PositiveSmallIntegerField(_("排序"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("诉求类别")
        verbose_name_plural = _("诉求类别")
        ordering = ["sort_order", "code"]

    def __str__(self) -> str:
        return self.name


class ListeningPolicy(models.Model):
    """办理时限: the clocks of a committee, in Chinese working days. Without a row the defaults
    hold: accept 1, assign 1, ordinary 7, complex 15, urgent the same day."""

    committee = models.OneToOneField(
        Committee,
        verbose_name=_("党委"),
        on_delete=models.PROTECT,
        related_name="listening_policy",
    )
    accept_workdays = models.PositiveSmallIntegerField(_("受理（工作日）"), default=1)
    assign_workdays = models.PositiveSmallIntegerField(_("分派（工作日）"), default=1)
    ordinary_workdays = models.PositiveSmallIntegerField(_("一般事项（工作日）"), default=7)
    complex_workdays = models.PositiveSmallIntegerField(_("复杂事项（工作日）"), default=15)
    result_workdays = models.PositiveSmallIntegerField(_("办出结果（工作日）"), default=22)
    call_back_workdays = models.PositiveSmallIntegerField(_("等待评价（工作日）"), default=5)
    remind_workdays = models.PositiveSmallIntegerField(_("提前提醒（工作日）"), default=2)
    announce_workdays = models.PositiveSmallIntegerField(_("接待日公告提前（工作日）"), default=3)
    second_look_days = models.PositiveSmallIntegerField(_("再次回访（天）"), default=30)
    smallest_cell = models.PositiveSmallIntegerField(
        _("统计最小格"), default=5, help_text=_("统计里少于这个数的格子不显示")
    )

    class Meta:
        verbose_name = _("办理时限")
        verbose_name_plural = _("办理时限")
        constraints = [
            models.CheckConstraint(
                condition=Q(smallest_cell__gte=2),
                name="smallest_cell_hides_one",
                violation_error_message=_("统计最小格至少为2，否则等于公布个人"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.committee}办理时限"


class ReplyTemplate(models.Model):
    """答复模板: the frame of a good answer. Gaps in 【】 are to be filled by the handler."""

    committee = models.ForeignKey(
        Committee, verbose_name=_("党委"), on_delete=models.CASCADE, related_name="reply_templates"
    )
    name = models.CharField(_("名称"), max_length=30)
    text = models.TextField(_("正文"), max_length=1000)
    sort_order = models.PositiveSmallIntegerField(_("排序"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("答复模板")
        verbose_name_plural = _("答复模板")
        ordering = ["sort_order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["committee", "name"], name="template_name_once"),
        ]

    def __str__(self) -> str:
        return self.name
