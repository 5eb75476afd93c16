"""Forms of the registers: one plain pattern, a handful of fields each."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from branches.forms.fields import DayField, DayInput, MonthField, SeveralField
from branches.models import Branch, LectureFrequency, Person, TalkOccasion
from branches.recruiting import STAGES
from branches.rosters import people_choices


class RegisterForm(forms.Form):
    """A form about ``branch``; days end today."""

    day_fields: tuple[str, ...] = ()
    people_fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, branch: Branch, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.branch = branch
        for name in self.day_fields:
            self.fields[name].widget = DayInput(attrs={"max": today.isoformat()})
        if self.people_fields:
            keys = [person.pk for person in people_choices(branch, today)]
            for name in self.people_fields:
                field = self.fields[name]
                assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared so
                field.queryset = Person.objects.filter(pk__in=keys).order_by("pk")


class TalkForm(RegisterForm):
    """Who talked with whom."""

    day_fields = ("held_on",)
    people_fields = ("speaker", "listeners")

    held_on = DayField(label=_("日期"))
    speaker = forms.ModelChoiceField(
        label=_("谈话人"),
        queryset=Person.objects.none(),
        error_messages={"required": _("请选谈话人。")},
    )
    listeners = SeveralField(
        label=_("谈话对象"),
        help_text=_("同一天分别谈了几位，可以一起选。"),
        queryset=Person.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请选谈话对象。")},
    )
    occasion = forms.ChoiceField(label=_("缘由"), choices=TalkOccasion.choices)
    points = forms.CharField(
        label=_("要点"),
        help_text=_("一两句即可。只记要点，不写病情、收入、家事细节。"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写谈话要点，一两句即可。")},
    )


class TermForm(RegisterForm):
    """An election, and a delay when there is one."""

    day_fields = ("elected_on",)

    elected_on = DayField(label=_("选举日期"))
    ends_on = DayField(label=_("届满日期"), help_text=_("不填按3年算。"), required=False)
    extended_until = DayField(
        label=_("延期至"), help_text=_("经上级批准才填，最多1年。"), required=False
    )
    approval = forms.CharField(label=_("批复文号"), max_length=60, required=False)


class StepForm(RegisterForm):
    """A step of recruiting."""

    day_fields = ("done_on",)

    person = forms.CharField(
        label=_("姓名或工号"),
        help_text=_("本单位职工；同名的请填工号。"),
        max_length=40,
        error_messages={"required": _("请填姓名或工号。")},
    )
    step = forms.TypedChoiceField(label=_("步骤"), coerce=int, choices=())
    done_on = DayField(label=_("日期"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number, choices = 0, []
        for stage, steps in STAGES:
            options = []
            for step in steps:
                number += 1
                options.append((number, f"{number}. {step}"))
            choices.append((stage, options))
        self.fields["step"].choices = choices  # type: ignore[attr-defined]

    def clean_person(self) -> Person:
        text = self.cleaned_data["person"].strip()
        people = Person.objects.filter(committee=self.branch.committee_id)
        found = list(people.filter(staff_no=text)[:1]) or list(people.filter(name=text)[:2])
        if not found:
            raise forms.ValidationError(_now("本单位没有“%(text)s”。") % {"text": text})
        if len(found) > 1:
            raise forms.ValidationError(_now("有几位“%(text)s”，请填工号。") % {"text": text})
        return found[0]


class TakeBackForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("为什么撤销"), help_text=_("审计记录会留下。"), max_length=200)


class SettingsForm(forms.Form):
    """What a committee decides about duties."""

    first_month = MonthField(label=_("从哪个月起"))
    lecture_frequency = forms.ChoiceField(
        label=_("党课多久一次"),
        help_text=_("条例只要求按期，次数由公司定。"),
        choices=LectureFrequency.choices,
    )
    study_hours = forms.IntegerField(
        label=_("党员全年集中学习学时"),
        help_text=_("《党员教育管理工作条例》：一般不少于32学时。"),
        min_value=1,
        max_value=400,
    )


class CalculatorForm(forms.Form):
    """A wage, for the calculator that keeps nothing."""

    base = forms.DecimalField(
        label=_("月计算基数（元）"),
        help_text=_("税后、相对固定的工资性收入。没有收入填0。算完就忘，不保存。"),
        min_value=Decimal(0),
        max_digits=8,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01"}),
    )
    retired = forms.BooleanField(label=_("离退休"), required=False)
