"""Forms of crews."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from branches.forms.fields import DayField
from branches.models import Branch, Committee, Person
from servicecrew.counties import COUNTIES
from servicecrew.forms.turnouts import ServiceForm
from servicecrew.models import Crew, CrewLevel, CrewNoteKind, CrewRole, VehicleKind


class EnlistForm(ServiceForm):
    """入队."""

    person = forms.ModelChoiceField(
        queryset=Person.objects.none(),
        label=gettext_lazy("人员"),
        error_messages={"required": gettext_lazy("请选人。")},
    )
    role = forms.ChoiceField(
        label=gettext_lazy("角色"), choices=CrewRole.choices, initial=CrewRole.MEMBER
    )
    skill = forms.CharField(label=gettext_lazy("专长"), max_length=40, required=False)
    started_on = DayField(label=gettext_lazy("入队日期"))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["person"]
        field.queryset = people


class DischargeForm(ServiceForm):
    ended_on = DayField(label=gettext_lazy("离队日期"))


class VehicleForm(ServiceForm):
    plate = forms.CharField(
        label=gettext_lazy("车牌"), max_length=12, help_text=gettext_lazy("如“闽C12345”")
    )
    kind = forms.ChoiceField(label=gettext_lazy("车型"), choices=VehicleKind.choices)
    started_on = DayField(label=gettext_lazy("启用日期"))


class RetireVehicleForm(ServiceForm):
    ended_on = DayField(label=gettext_lazy("停用日期"))


class CloseCrewForm(ServiceForm):
    closed_on = DayField(label=gettext_lazy("撤销日期"))


class NoteForm(ServiceForm):
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=CrewNoteKind.choices)
    happened_on = DayField(label=gettext_lazy("日期"))
    title = forms.CharField(label=gettext_lazy("内容"), max_length=120)
    source = forms.CharField(label=gettext_lazy("谁颁发、谁送来"), max_length=60, required=False)
    people = forms.IntegerField(
        label=gettext_lazy("参加人数"), required=False, min_value=1, max_value=9999
    )


class EquipmentForm(ServiceForm):
    name = forms.CharField(label=gettext_lazy("名称"), max_length=40)
    quantity = forms.IntegerField(label=gettext_lazy("数量"), min_value=0, max_value=99999)
    unit = forms.CharField(label=gettext_lazy("单位"), max_length=8, initial="件")
    checked_on = DayField(label=gettext_lazy("检查日期"), required=False)


class CrewForm(ServiceForm):
    name = forms.CharField(label=gettext_lazy("名称"), max_length=40)
    pledge = forms.CharField(
        label=gettext_lazy("誓词"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    commitments = forms.CharField(
        label=gettext_lazy("服务承诺"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("一行一条"),
    )


class FoundCrewForm(ServiceForm):
    """设立服务队."""

    committee = forms.ModelChoiceField(
        queryset=Committee.objects.none(), label=gettext_lazy("所属党委"), empty_label=None
    )
    name = forms.CharField(
        label=gettext_lazy("名称"), max_length=40, help_text=gettext_lazy("如“德化第三分队”")
    )
    level = forms.ChoiceField(
        label=gettext_lazy("层级"), choices=CrewLevel.choices, initial=CrewLevel.SQUAD
    )
    parent = forms.ModelChoiceField(
        queryset=Crew.objects.none(),
        label=gettext_lazy("上级服务队"),
        required=False,
        empty_label=gettext_lazy("没有"),
    )
    branch = forms.ModelChoiceField(
        queryset=Branch.objects.none(),
        label=gettext_lazy("依托党支部"),
        required=False,
        empty_label=gettext_lazy("没有"),
    )
    county = forms.ChoiceField(
        label=gettext_lazy("区县"), choices=[(county, county) for county in COUNTIES]
    )
    serial_code = forms.CharField(
        label=gettext_lazy("编号代字"),
        max_length=20,
        help_text=gettext_lazy("出队编号以它开头，如“海丝德〔2017〕86号”"),
    )
    founded_on = DayField(label=gettext_lazy("成立日期"))

    def __init__(
        self, *args: Any, committees: Any, parents: Any, branches: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("committee", committees), ("parent", parents), ("branch", branches)):
            field: Any = self.fields[name]
            field.queryset = rows
