"""Forms of the five programmes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.forms.fields import DayField, SeveralField
from branches.models import Activity, Branch, Committee, Person
from servicecrew.forms.turnouts import ServiceForm
from servicecrew.models import Measure, PioneerKind, TargetGroup, VisitKind


class DeedForm(ServiceForm):
    """记一项活动: pick a record that is there, or write what and when."""

    branch = forms.ModelChoiceField(queryset=Branch.objects.none(), label=gettext_lazy("党支部"))
    activity = forms.ModelChoiceField(
        queryset=Activity.objects.none(),
        label=gettext_lazy("已有的活动记录"),
        required=False,
        empty_label=gettext_lazy("没有，下面写"),
        help_text=gettext_lazy("选了它，日期、内容、人数都不用再填"),
    )
    held_on = DayField(label=gettext_lazy("日期"), required=False)
    title = forms.CharField(label=gettext_lazy("内容"), max_length=120, required=False)
    people = forms.IntegerField(
        label=gettext_lazy("覆盖人数"), min_value=0, max_value=99999, required=False
    )
    groups = SeveralField(
        queryset=TargetGroup.objects.all(),
        label=gettext_lazy("对象人群"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    result = forms.CharField(label=gettext_lazy("成效"), max_length=200, required=False)

    def __init__(self, *args: Any, branches: Any, activities: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        branch: Any = self.fields["branch"]
        branch.queryset = branches
        activity: Any = self.fields["activity"]
        activity.queryset = activities


class PlanForm(ServiceForm):
    """年度计划."""

    committee = forms.ModelChoiceField(
        queryset=Committee.objects.none(), label=gettext_lazy("党委"), empty_label=None
    )
    year = forms.IntegerField(label=gettext_lazy("年份"), min_value=2000, max_value=2100)
    target = forms.IntegerField(label=gettext_lazy("计划项数"), min_value=0, max_value=9999)
    text = forms.CharField(
        label=gettext_lazy("计划"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, committees: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["committee"]
        field.queryset = committees
        for measure in Measure:
            self.fields[measure.value] = forms.IntegerField(
                label=_("指标：%(measure)s") % {"measure": measure.label},
                min_value=1,
                max_value=999_999,
                required=False,
                help_text=gettext_lazy("不考核这一项就不填"),
            )

    def indicators(self) -> dict[str, tuple[str, int]]:
        """Measure to its name and target, of those filled in."""
        wanted = {measure: self.cleaned_data[measure.value] for measure in Measure}
        return {
            measure.value: (str(measure.label), number)
            for measure, number in wanted.items()
            if number
        }


class VisitForm(ServiceForm):
    """记一次走访. ``kinds`` leaves out what does not belong to the programme."""

    branch = forms.ModelChoiceField(queryset=Branch.objects.none(), label=gettext_lazy("党支部"))
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=VisitKind.choices)
    person = forms.ModelChoiceField(queryset=Person.objects.none(), label=gettext_lazy("走访对象"))
    visited_on = DayField(label=gettext_lazy("日期"))
    visitor = forms.CharField(label=gettext_lazy("走访人"), max_length=60)
    note = forms.CharField(
        label=gettext_lazy("情况"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("只有党群部、党委和本支部班子看得到"),
    )

    def __init__(
        self, *args: Any, branches: Any, people: Any, kinds: Collection[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        branch: Any = self.fields["branch"]
        branch.queryset = branches
        person: Any = self.fields["person"]
        person.queryset = people
        kind: Any = self.fields["kind"]
        kind.choices = [choice for choice in VisitKind.choices if not kinds or choice[0] in kinds]


class BranchPeopleForm(ServiceForm):
    """A form that names a branch and people. ``names``: which fields offer the people."""

    people_fields: tuple[str, ...] = ("person",)

    def __init__(self, *args: Any, branches: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("branch", *self.people_fields):
            field: Any = self.fields[name]
            field.queryset = branches if name == "branch" else people


class PairForm(BranchPeopleForm):
    """师带徒."""

    people_fields = ("mentor", "apprentice")

    branch = forms.ModelChoiceField(queryset=Branch.objects.none(), label=gettext_lazy("党支部"))
    mentor = forms.ModelChoiceField(queryset=Person.objects.none(), label=gettext_lazy("师傅"))
    apprentice = forms.ModelChoiceField(queryset=Person.objects.none(), label=gettext_lazy("徒弟"))
    subject = forms.CharField(
        label=gettext_lazy("带教内容"),
        max_length=60,
        help_text=gettext_lazy("带什么本事，如“配电自动化终端消缺”"),
    )
    started_on = DayField(label=gettext_lazy("开始日期"))


class EndForm(ServiceForm):
    ended_on = DayField(label=gettext_lazy("结束日期"))


class FinishForm(EndForm):
    is_done = forms.BooleanField(
        label=gettext_lazy("做成了"),
        required=False,
        help_text=gettext_lazy("揭榜攻坚结题、承诺兑现的勾上；换岗、中止的不勾"),
    )


class PostForm(BranchPeopleForm):
    """示范岗、责任区、突击队、揭榜攻坚、承诺."""

    branch = forms.ModelChoiceField(queryset=Branch.objects.none(), label=gettext_lazy("党支部"))
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=PioneerKind.choices)
    person = forms.ModelChoiceField(queryset=Person.objects.none(), label=gettext_lazy("党员"))
    title = forms.CharField(
        label=gettext_lazy("内容"),
        max_length=120,
        help_text=gettext_lazy("岗、区的名称，攻坚的题目，或承诺的那句话"),
    )
    started_on = DayField(label=gettext_lazy("开始日期"))


class RetiredForm(BranchPeopleForm):
    """列入老同志名册."""

    branch = forms.ModelChoiceField(queryset=Branch.objects.none(), label=gettext_lazy("党支部"))
    person = forms.ModelChoiceField(queryset=Person.objects.none(), label=gettext_lazy("老同志"))
    retired_on = DayField(label=gettext_lazy("退休日期"))
    birth_month = forms.TypedChoiceField(
        label=gettext_lazy("生日月份"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", gettext_lazy("不知道")), *((n, f"{n}月") for n in range(1, 13))],
        help_text=gettext_lazy("只记月份，不记日子和年份"),
    )
    lives_alone = forms.BooleanField(label=gettext_lazy("独居"), required=False)
    gets_study_at_home = forms.BooleanField(label=gettext_lazy("送学上门"), required=False)


class RetiredEditForm(RetiredForm):
    left_on = DayField(
        label=gettext_lazy("离开名册的日期"),
        required=False,
        help_text=gettext_lazy("迁走或去世后填；走访记录留着，名册上不再列"),
    )
