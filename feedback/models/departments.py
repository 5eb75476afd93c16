"""Who answers: departments of the company, their heads and handlers between two dates."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from branches.models import Committee, Person


class Department(models.Model):
    """承办部门: a department or unit that requests are assigned to."""

    committee = models.ForeignKey(
        Committee,
        verbose_name=_("所属党委"),
        on_delete=models.PROTECT,
        related_name="departments",
    )
    name = models.CharField(_("名称"), max_length=40)
    sort_order = models.PositiveIntegerField(_("排序"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("承办部门")
        verbose_name_plural = _("承办部门")
        ordering = ["sort_order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "name"],
                name="department_name_once",
                violation_error_message=_("已有同名的承办部门"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SeatRole(models.TextChoices):
    HEAD = "head", _("负责人")
    HANDLER = "handler", _("承办人")


class DepartmentSeat(models.Model):
    """承办人/负责人: a person answers for a department between two dates. Who is a handler
    follows from this row; nobody is given the role beside it."""

    department = models.ForeignKey(
        Department, verbose_name=_("承办部门"), on_delete=models.PROTECT, related_name="seats"
    )
    person = models.ForeignKey(
        Person, verbose_name=_("人员"), on_delete=models.PROTECT, related_name="department_seats"
    )
    role = models.CharField(_("身份"), max_length=8, choices=SeatRole)
    started_on = models.DateField(_("起始日期"))
    ended_on = models.DateField(_("终止日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("承办人")
        verbose_name_plural = _("承办人")
        ordering = ["department", "role", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["department"],
                condition=Q(role="head", ended_on__isnull=True),
                name="one_head_per_department",
                violation_error_message=_("该部门已有负责人，请先终止"),
            ),
            models.UniqueConstraint(
                fields=["department", "person", "role"],
                condition=Q(ended_on__isnull=True),
                name="seat_held_once",
                violation_error_message=_("该同志已在这个部门任此身份"),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="seat_dates_in_order",
                violation_error_message=_("结束日期不能早于开始日期"),
            ),
        ]
        indexes = [models.Index(fields=["person", "ended_on"], name="seats_of_person")]

    def __str__(self) -> str:
        return f"{self.person}（{self.department}{self.get_role_display()}）"
