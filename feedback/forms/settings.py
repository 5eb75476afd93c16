"""The settings of 书记听您说: which there are, and the form of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.access import access_of
from branches.models import Branch, Committee, Person
from feedback.forms.fields import Area, Day
from feedback.keys import new_key
from feedback.models import (
    Category,
    Department,
    DepartmentSeat,
    Kind,
    ListeningPolicy,
    ReplyTemplate,
    SeatRole,
    VisitPlace,
    VisitQuestion,
)
from portal.kernel.errors import DomainError
from portal.kernel.words import zh_full

if TYPE_CHECKING:
    from portal.accounts.models import User

    _Form = forms.ModelForm[Any]
else:
    _Form = forms.ModelForm

_NAME_GAP = gettext_lazy("请写名称。")


class SettingForm(_Form):
    """A row of plain values. The committee is asked for only where the user has several, and
    never again afterwards."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        committees = Committee.objects.filter(
            pk__in=access_of(user).officer_committees, is_active=True
        ).order_by("sort_order", "pk")
        if "committee" in fields:
            if self.instance.pk:
                del fields["committee"]
            else:
                fields["committee"].queryset = committees
                fields["committee"].empty_label = None
                fields["committee"].initial = committees.first()
        if "branch" in fields:
            fields["branch"].queryset = Branch.objects.filter(
                committee__in=committees, closed_on=None
            )
        if "name" in fields:
            fields["name"].error_messages["required"] = _NAME_GAP
        if "sort_order" in fields:
            fields["sort_order"].help_text = _("小的在前。")
            fields["sort_order"].required = False
        for field in fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.empty_label is not None:
                field.empty_label = _("不选")
            elif isinstance(field, forms.TypedChoiceField):
                offered: Any = field.choices
                field.choices = [(key, word) for key, word in offered if key]

    def clean_sort_order(self) -> int:
        return self.cleaned_data.get("sort_order") or 0

    def refuse(self, error: DomainError) -> None:
        self.add_error(error.field if error.field in self.fields else None, error.message)


class _CodedForm(SettingForm):
    """Codes are for the machine: drawn, not thought up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.instance.code = new_key().lower()


class KindForm(_CodedForm):
    class Meta:
        model = Kind
        fields = ("name", "is_sealed", "right_door", "sort_order", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            # What was told to the discipline office alone is not opened by a tick.
            self.fields["is_sealed"].disabled = True


class CategoryForm(_CodedForm):
    class Meta:
        model = Category
        fields = ("name", "sort_order", "is_active")


class DepartmentForm(SettingForm):
    class Meta:
        model = Department
        fields = ("committee", "name", "sort_order", "is_active")


class PolicyForm(SettingForm):
    class Meta:
        model = ListeningPolicy
        fields = (
            "committee",
            "accept_workdays",
            "assign_workdays",
            "ordinary_workdays",
            "complex_workdays",
            "result_workdays",
            "call_back_workdays",
            "remind_workdays",
            "announce_workdays",
            "second_look_days",
            "smallest_cell",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        for name, field in fields.items():
            if name != "committee":
                field.max_value = 365
                field.widget.attrs["max"] = 365
        if "committee" in fields:
            fields["committee"].queryset = fields["committee"].queryset.filter(
                listening_policy__isnull=True
            )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name, value in given.items():
            if isinstance(value, int) and value > 365:
                self.add_error(name, _("请填365以内的数。"))
        ordinary, hard = given.get("ordinary_workdays"), given.get("complex_workdays")
        if ordinary and hard and hard < ordinary:
            self.add_error("complex_workdays", _("复杂事项的时限不能比一般事项短。"))
        return given


class TemplateForm(SettingForm):
    class Meta:
        model = ReplyTemplate
        fields = ("committee", "name", "text", "sort_order", "is_active")
        widgets = {"text": Area(6)}
        help_texts = {"text": gettext_lazy("要承办人填的地方写成【】，例如“【哪天】起”。")}


class PlaceForm(SettingForm):
    class Meta:
        model = VisitPlace
        fields = ("committee", "kind", "name", "branch", "headcount", "sort_order", "is_active")


class QuestionForm(SettingForm):
    class Meta:
        model = VisitQuestion
        fields = ("group", "name", "hint", "sort_order", "is_active")


class SeatForm(forms.Form):
    """承办人: somebody of the company, by number or full name."""

    department = forms.ModelChoiceField(
        label=gettext_lazy("承办部门"), queryset=Department.objects.none(), empty_label=None
    )
    person = forms.CharField(
        label=gettext_lazy("谁"),
        max_length=40,
        help_text=gettext_lazy("工号，或者没有重名的姓名。"),
        error_messages={"required": gettext_lazy("请填工号或姓名。")},
    )
    role = forms.ChoiceField(label=gettext_lazy("身份"), choices=SeatRole)
    started_on = forms.DateField(
        label=gettext_lazy("从哪天起"),
        widget=Day(),
        error_messages={
            "required": gettext_lazy("请填日期。"),
            "invalid": gettext_lazy("请填日期，例如 2017-06-09"),
        },
    )

    def __init__(self, *args: Any, user: User, instance: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.committees = access_of(user).officer_committees
        self.instance = instance or DepartmentSeat()
        fields: dict[str, Any] = self.fields
        fields["department"].queryset = Department.objects.filter(
            committee__in=self.committees, is_active=True
        )

    def clean_person(self) -> Person:
        asked = self.cleaned_data["person"].strip()
        known = Person.objects.filter(committee__in=self.committees)
        found = list(known.filter(staff_no=asked) or known.filter(name=asked)[:2])
        if not found:
            raise forms.ValidationError(_("人员名册里没有这个工号或姓名。"))
        if len(found) > 1:
            raise forms.ValidationError(_("有重名的，请填工号。"))
        return found[0]

    def refuse(self, error: DomainError) -> None:
        self.add_error(error.field if error.field in self.fields else None, error.message)


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that is set. ``scoped``: it belongs to a committee. ``line`` says a row
    in short."""

    slug: str
    label: Any
    one: Any
    hint: Any
    model: type[models.Model]
    form: type[Any]
    line: Callable[[Any], str]
    scoped: bool = True
    ends: Any = ""  # the word on the button that ends a row, where rows end

    def rows(self, user: User) -> models.QuerySet[Any]:
        """Every row the user may set."""
        rows = self.model._default_manager.all()
        if not self.scoped:
            return rows
        mine = access_of(user).officer_committees
        if self.model is DepartmentSeat:
            return rows.filter(
                department__committee__in=mine, ended_on__isnull=True
            ).select_related("department", "person")
        return rows.filter(committee__in=mine).select_related("committee")


def _clocks(policy: ListeningPolicy) -> str:
    return _("受理%(a)d、分派%(b)d、一般%(c)d、复杂%(d)d个工作日；少于%(e)d的格子不显示") % {
        "a": policy.accept_workdays,
        "b": policy.assign_workdays,
        "c": policy.ordinary_workdays,
        "d": policy.complex_workdays,
        "e": policy.smallest_cell,
    }


SUBJECTS: Sequence[Subject] = (
    Subject(
        "departments",
        gettext_lazy("承办部门"),
        gettext_lazy("承办部门"),
        gettext_lazy("诉求分派给谁办。停用前先把手上的办完或改派。"),
        Department,
        DepartmentForm,
        lambda row: str(row.committee),
    ),
    Subject(
        "seats",
        gettext_lazy("承办人"),
        gettext_lazy("承办人"),
        gettext_lazy("每个部门一位负责人、几位承办人；逾期先提醒负责人，再报书记。"),
        DepartmentSeat,
        SeatForm,
        lambda row: (
            _("%(department)s%(role)s，%(day)s起")
            % {
                "department": row.department,
                "role": row.get_role_display(),
                "day": zh_full(row.started_on),
            }
        ),
        ends=gettext_lazy("今天终止"),
    ),
    Subject(
        "kinds",
        gettext_lazy("类型"),
        gettext_lazy("类型"),
        gettext_lazy("建议、意见、求助、咨询；举报和信访只由纪检查看，并告诉人家该走哪里。"),
        Kind,
        KindForm,
        lambda row: row.right_door or (_("只由纪检查看") if row.is_sealed else ""),
        scoped=False,
    ),
    Subject(
        "categories",
        gettext_lazy("类别"),
        gettext_lazy("类别"),
        gettext_lazy("说的是哪方面，看板按它统计。"),
        Category,
        CategoryForm,
        lambda row: "",
        scoped=False,
    ),
    Subject(
        "clocks",
        gettext_lazy("时限"),
        gettext_lazy("一个党委的时限"),
        gettext_lazy("按工作日算。没有单独设的党委用：受理1、分派1、一般7、复杂15，紧急当天。"),
        ListeningPolicy,
        PolicyForm,
        _clocks,
    ),
    Subject(
        "templates",
        gettext_lazy("答复模板"),
        gettext_lazy("答复模板"),
        gettext_lazy(
            "好答复的架子；【】里由承办人填，没填完会提醒。停用的不再供选，随时可以再启用。"
        ),
        ReplyTemplate,
        TemplateForm,
        lambda row: row.text,
    ),
    Subject(
        "places",
        gettext_lazy("走访对象"),
        gettext_lazy("走访对象"),
        gettext_lazy("供电所、班组、重点工程、政府部门和重点企业；谁还没去过按它算。"),
        VisitPlace,
        PlaceForm,
        lambda row: row.get_kind_display(),
    ),
    Subject(
        "questions",
        gettext_lazy("走访提纲"),
        gettext_lazy("一条提纲"),
        gettext_lazy("四查四问两关注。演示默认，请按公司文件修改。"),
        VisitQuestion,
        QuestionForm,
        lambda row: (
            f"{row.get_group_display()}，{row.hint}" if row.hint else row.get_group_display()
        ),
        scoped=False,
    ),
)
BY_SLUG = {subject.slug: subject for subject in SUBJECTS}
