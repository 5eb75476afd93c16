"""Plain forms of officers and administrators. Each belongs to one service."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from branches.forms.fields import DayField, MonthField
from branches.models import (
    Branch,
    BranchType,
    Committee,
    MembershipKind,
    PartyGroup,
    Person,
    Post,
    Role,
    SecretaryMode,
    Tier,
)
from branches.rosters import in_force
from portal.accounts.models import User


def _choose(form: forms.Form, name: str, queryset: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared on the form
    field.queryset = queryset


class CommitteeForm(forms.Form):
    """A committee's names and its place in the tree."""

    name = forms.CharField(label=_("名称"), max_length=60, help_text=_("如“晋江公司党委”"))
    full_name = forms.CharField(
        label=_("全称"),
        max_length=100,
        required=False,
        help_text=_("公文落款用，如“中共国网晋江市供电公司委员会”"),
    )
    parent = forms.ModelChoiceField(
        label=_("上级党委"), queryset=Committee.objects.all(), required=False, empty_label=_("没有")
    )
    county = forms.CharField(label=_("区县"), max_length=20, required=False)
    issuer_code = forms.CharField(label=_("发文代字"), max_length=20, help_text=_("如“晋电党”"))
    sort_order = forms.IntegerField(
        label=_("排序"), min_value=0, max_value=9999, initial=0, help_text=_("小的排在前面")
    )


class BranchFactsForm(forms.Form):
    """A branch's names and marks."""

    name = forms.CharField(label=_("名称"), max_length=60)
    short_name = forms.CharField(
        label=_("简称"), max_length=30, required=False, help_text=_("地方小的时候用")
    )
    parent = forms.ModelChoiceField(
        label=_("所属党总支"),
        queryset=Branch.objects.none(),
        required=False,
        empty_label=_("直属党委"),
    )
    themed_day_rule = forms.CharField(
        label=_("固定主题党日"),
        max_length=40,
        required=False,
        help_text=_("写成“每月第二个周五”或“每月5日”，到期提醒就按这一天。"),
    )
    is_joint = forms.BooleanField(label=_("联合党支部"), required=False)
    is_temporary = forms.BooleanField(label=_("临时党支部"), required=False)
    has_party_affairs_office = forms.BooleanField(
        label=_("党群部所在支部"),
        required=False,
        help_text=_("该支部的党群部人员不得检查、复核、裁决本支部"),
    )
    sort_order = forms.IntegerField(
        label=_("排序"), min_value=0, max_value=9999, initial=0, help_text=_("小的排在前面")
    )

    def __init__(
        self, *args: Any, committee: Committee, today: dt.date, exclude: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _choose(
            self,
            "parent",
            Branch.objects.filter(
                committee=committee,
                parent__isnull=True,
                classifications__tier=Tier.GENERAL_BRANCH,
            )
            .active_on(today)
            .exclude(pk=exclude)
            .distinct(),
        )


class ClassificationForm(forms.Form):
    """Tier and type from a month on."""

    tier = forms.ChoiceField(label=_("层级"), choices=Tier.choices)
    branch_type = forms.ChoiceField(label=_("类型"), choices=BranchType.choices)
    is_exempt = forms.BooleanField(
        label=_("不参评"), required=False, help_text=_("如离退休党支部：只列出，不排名")
    )
    first_month = MonthField(label=_("从哪个月起"))
    note = forms.CharField(label=_("说明"), max_length=200, required=False)


class BranchCreateForm(BranchFactsForm):
    """A new branch with its first classification."""

    tier = forms.ChoiceField(label=_("层级"), choices=Tier.choices, initial=Tier.BRANCH)
    branch_type = forms.ChoiceField(label=_("类型"), choices=BranchType.choices)
    is_exempt = forms.BooleanField(label=_("不参评"), required=False)
    first_month = MonthField(label=_("从哪个月起考评"))
    founded_on = DayField(label=_("成立日期"), required=False)

    field_order = (
        "name",
        "short_name",
        "tier",
        "branch_type",
        "parent",
        "first_month",
        "founded_on",
        "themed_day_rule",
        "is_exempt",
    )


class CloseForm(forms.Form):
    """Dissolving a branch."""

    closed_on = DayField(label=_("撤销日期"))
    reason = forms.CharField(label=_("依据"), max_length=200, help_text=_("批复文号或会议"))


class GroupForm(forms.Form):
    """A new Party group."""

    name = forms.CharField(label=_("名称"), max_length=40, help_text=_("如“第一党小组”"))
    started_on = DayField(label=_("成立日期"))


class EndForm(forms.Form):
    """The last day of something."""

    ended_on = DayField(label=_("最后一天"))


class PersonForm(forms.Form):
    """A person."""

    name = forms.CharField(label=_("姓名"), max_length=40)
    staff_no = forms.CharField(label=_("工号"), max_length=20, required=False)
    workplace = forms.CharField(label=_("部门班组"), max_length=60, required=False)
    job_title = forms.CharField(label=_("行政职务"), max_length=40, required=False)
    username = forms.CharField(
        label=_("账号"),
        max_length=150,
        required=False,
        help_text=_("系统管理员开好的登录名；没有账号就不填。"),
    )

    def clean_username(self) -> User | None:
        name = self.cleaned_data["username"].strip()
        if not name:
            return None
        user = User.objects.filter(username=name).first()
        if user is None:
            raise forms.ValidationError(_("没有这个账号，请先请系统管理员开户。"))
        return user


class PersonCreateForm(PersonForm):
    """A new person of one of the officer's committees."""

    committee = forms.ModelChoiceField(
        label=_("所在单位党委"), queryset=Committee.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, committees: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "committee", committees)


class PersonChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A person, with the number or the workplace that tells two of one name apart."""

    def label_from_instance(self, obj: Person) -> str:
        more = obj.staff_no or obj.workplace
        return f"{obj.name}（{more}）" if more else obj.name


class MemberForm(forms.Form):
    """Taking somebody into a branch."""

    person = PersonChoiceField(label=_("人员"), queryset=Person.objects.none())
    kind = forms.ChoiceField(label=_("党员类别"), choices=MembershipKind.choices)
    group = forms.ModelChoiceField(
        label=_("党小组"), queryset=PartyGroup.objects.none(), required=False, empty_label=_("没有")
    )
    started_on = DayField(label=_("转入日期"))

    def __init__(self, *args: Any, branch: Branch, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(
            self,
            "person",
            Person.objects.filter(committee=branch.committee)
            .exclude(memberships__ended_on__isnull=True, memberships__isnull=False)
            .order_by("name", "pk"),
        )
        _choose(self, "group", PartyGroup.objects.filter(in_force(today), branch=branch))


class GroupChoiceForm(forms.Form):
    """Which group a member belongs to."""

    group = forms.ModelChoiceField(
        label=_("党小组"), queryset=PartyGroup.objects.none(), required=False, empty_label=_("没有")
    )

    def __init__(self, *args: Any, branch: Branch, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "group", PartyGroup.objects.filter(in_force(today), branch=branch))


class AppointForm(forms.Form):
    """A post in a branch or a committee."""

    person = PersonChoiceField(label=_("人员"), queryset=Person.objects.none())
    post = forms.ModelChoiceField(
        label=_("职务"), queryset=Post.objects.all(), empty_label=_("请选择")
    )
    secretary_mode = forms.ChoiceField(
        label=_("专职或兼职"),
        required=False,
        choices=[("", _("不是书记")), *SecretaryMode.choices],
        help_text=_("支部书记必选：专职、兼职的考评标准不同。"),
    )
    started_on = DayField(label=_("任职日期"))

    def __init__(self, *args: Any, people: Any, in_branch: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "person", people)
        if not in_branch:
            del self.fields["secretary_mode"]


class GrantForm(forms.Form):
    """A role with its scope."""

    username = forms.CharField(label=_("账号"), max_length=150)
    role = forms.ChoiceField(label=_("角色"), choices=Role.choices)
    committee = forms.ModelChoiceField(
        label=_("党委范围"),
        queryset=Committee.objects.filter(is_active=True),
        required=False,
        empty_label=_("没有"),
        help_text=_("党群部专责、书记办公室、纪检专责必选；党群部专责包括下级党委。"),
    )
    branch = forms.ModelChoiceField(
        label=_("支部范围"),
        queryset=Branch.objects.filter(closed_on__isnull=True).select_related("committee"),
        required=False,
        empty_label=_("没有"),
        help_text=_("服务队队长必选。"),
    )
    started_on = DayField(label=_("起始日期"))

    def clean_username(self) -> User:
        user = User.objects.filter(username=self.cleaned_data["username"].strip()).first()
        if user is None:
            raise forms.ValidationError(_("没有这个账号。"))
        return user
