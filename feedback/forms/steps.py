"""One form per step. They read what was typed; what is required the services say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from branches.forms.fields import SeveralField
from feedback.clocks import known_policy
from feedback.forms.fields import Area, Clock, Day, ServiceForm, words
from feedback.models import (
    Category,
    Department,
    Outcome,
    SessionKind,
    Solved,
    StaffRequest,
    Urgency,
)
from feedback.models.requests import MAX_TEXT
from feedback.services.handling import Answer, Pledge


class StepForm(ServiceForm):
    """A form about one request; choices may depend on it."""

    def __init__(self, *args: Any, request: StaffRequest, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def departments(self) -> Any:
        return Department.objects.filter(committee=self.request.committee_id, is_active=True)


class EmptyForm(StepForm):
    """A button alone."""


class AcceptForm(StepForm):
    headline = words(
        _("标题"),
        rows=1,
        most=60,
        help_text=_("一句话说清是什么事，不写姓名和五人以下的班组。同事看到的是这一句。"),
    )
    category = forms.ChoiceField(label=_("类别"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["category"].choices = [
            ("", _("不分类")),
            *Category.objects.filter(is_active=True).values_list("code", "name"),
        ]
        self.initial.setdefault("category", self.request.category_id or "")
        self.initial.setdefault("headline", self.request.headline)
        if self.request.is_sealed:
            del self.fields["headline"], self.fields["category"]


class ReasonForm(StepForm):
    reason = words(_("理由"))


class TextForm(StepForm):
    text = words(_("内容"), most=1000)


class AssignForm(StepForm):
    department = forms.ModelChoiceField(label=_("承办部门"), queryset=Department.objects.none())
    helpers = SeveralField(
        label=_("协办部门"),
        queryset=Department.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    urgency = forms.ChoiceField(
        label=_("缓急"),
        choices=Urgency.choices,
        widget=forms.RadioSelect,
    )
    note = words(_("交代"), rows=2, most=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        policy = known_policy(self.request.committee)
        fields["urgency"].help_text = _(
            "从受理那天起算：一般%(a)d个工作日，复杂%(b)d个，紧急当天。"
        ) % {"a": policy.ordinary_workdays, "b": policy.complex_workdays}
        fields["department"].queryset = self.departments()
        fields["helpers"].queryset = self.departments()
        self.initial.setdefault("urgency", self.request.urgency)
        self.initial.setdefault("department", self.request.department_id)


class MergeForm(StepForm):
    into = forms.CharField(
        label=_("并入哪一件"), max_length=24, help_text=_("填那一件的编号，如 7K4M-29QT。")
    )


class ExtensionForm(StepForm):
    grant = forms.ChoiceField(
        label=_("延期申请"),
        choices=[("1", _("同意")), ("0", _("不同意"))],
        widget=forms.RadioSelect,
    )


class AskExtensionForm(StepForm):
    new_due_on = forms.DateField(label=_("延到哪天"), widget=Day())
    reason = words(_("为什么办不完"), rows=2, most=300)


class SuperviseForm(StepForm):
    demand = words(_("督办要求"), rows=2, most=300)
    due_on = forms.DateField(label=_("期限"), widget=Day())


class DecideForm(StepForm):
    outcome = forms.ChoiceField(label=_("结果"), choices=Outcome.choices)
    text = words(_("怎么定、为什么"), most=1000, help_text=_("职工会看到。"))


class ReplyForm(StepForm):
    text = forms.CharField(
        label=_("答复"),
        max_length=MAX_TEXT,
        widget=Area(6, **{"data-count": "1"}),
        help_text=_("先回答问的那一句，再写从哪天起、由谁做、做到什么程度。"),
        error_messages={"required": _("请写答复。")},
    )
    outcome = forms.ChoiceField(
        label=_("结果"),
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选结果。")},
        help_text=_("有承诺的先算“列入计划”，大家确认收到才算“已整改”。"),
    )
    before = words(_("原来"), rows=1, most=200, required=False)
    after = words(_("现在"), rows=1, most=200, required=False)
    promise_what = words(
        _("承诺做什么"), rows=1, most=200, required=False, help_text=_("没有承诺就不填。")
    )
    promise_due_on = forms.DateField(label=_("哪天前做到"), widget=Day(), required=False)
    teams = words(
        _("送到哪些班组"),
        rows=3,
        most=4000,
        required=False,
        help_text=_("一行一个，按人员名册里的部门班组写。他们逐个确认收到，这件事才算办结。"),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("promise_what") and not given.get("promise_due_on"):
            self.add_error("promise_due_on", _("承诺要有日期。"))
        if given.get("promise_due_on") and not given.get("promise_what"):
            self.add_error("promise_what", _("请写承诺做什么。"))
        return given

    @property
    def answer(self) -> Answer:
        given = self.cleaned_data
        pledge = None
        if given["promise_what"]:
            pledge = Pledge(
                given["promise_what"],
                given["promise_due_on"],
                tuple(line.strip() for line in given["teams"].splitlines() if line.strip()),
            )
        return Answer(given["text"], given["outcome"], given["before"], given["after"], pledge)


class CarryOutForm(StepForm):
    what = words(_("做到了什么"), rows=1, most=200)


class DeliverForm(StepForm):
    note = words(_("送达情况"), rows=1, most=200, required=False)
    teams = words(
        _("送到了哪些班组"),
        rows=3,
        most=4000,
        required=False,
        help_text=_("一行一个，按人员名册里的部门班组写。"),
    )


class NoteForm(StepForm):
    note = words(_("说明"), rows=1, most=200, required=False)


class ArrivedForm(StepForm):
    arrived = forms.ChoiceField(
        label=_("收到了吗"),
        choices=[("1", _("收到了")), ("0", _("还没收到"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选收到没有。")},
    )
    note = words(_("说明"), rows=1, most=200, required=False)


class RateForm(StepForm):
    solved = forms.ChoiceField(
        label=_("解决了没有"),
        choices=Solved.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选解决了没有。")},
    )
    is_answered = forms.ChoiceField(
        label=_("答到点上了吗"),
        choices=[("1", _("答到点上了")), ("0", _("没答到点上"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选答到点上没有。")},
    )
    comment = words(_("还想说"), rows=2, required=False)
    again = forms.BooleanField(
        label=_("要求重办"),
        required=False,
        help_text=_("可以要求重办一次；第二次还不满意，由书记定。请写明哪里没有办好。"),
    )


class ResultForm(StepForm):
    result = words(_("办到什么程度"))


class PublishForm(StepForm):
    said = words(_("说了什么"), rows=2, most=200, help_text=_("不写姓名和五人以下的班组。"))
    changed = words(
        _("改了什么"),
        rows=2,
        most=200,
        help_text=_("从哪天起、由多少变成多少，不写“已转相关部门”。"),
    )
    detail = words(_("补充"), rows=1, most=200, required=False)
    who = words(
        _("谁说的"), rows=1, most=40, required=False, help_text=_("如“一位一线同志在接待日”。")
    )
    is_featured = forms.BooleanField(label=_("放在看板最上面"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = getattr(self.request, "publication", None)
        if there is not None:
            for name in self.fields:
                self.initial.setdefault(name, getattr(there, name))
        else:
            last = self.request.replies.order_by("-number").first()
            self.initial.setdefault("said", self.request.headline)
            if last is not None:
                self.initial.setdefault("changed", last.after)


# -- sessions ---------------------------------------------------------------------------


class SessionForm(ServiceForm):
    kind = forms.ChoiceField(label=_("形式"), choices=SessionKind.choices)
    held_on = forms.DateField(label=_("日期"), widget=Day())
    starts_at = forms.TimeField(label=_("开始"), widget=Clock())
    ends_at = forms.TimeField(label=_("结束"), widget=Clock())
    place = words(_("地点"), rows=1, most=60)
    leader_title = words(_("由谁接待"), rows=1, most=40, help_text=_("写职务，如“公司党委书记”。"))
    rule = words(
        _("固定时间"), rows=1, most=40, required=False, help_text=_("如“每月第二个周五”。")
    )
    topic = words(_("主题"), rows=1, most=100, required=False)
    slot_minutes = forms.IntegerField(
        label=_("每段几分钟"),
        min_value=0,
        max_value=240,
        initial=30,
        help_text=_("0：不用预约，直接来。"),
    )
    departments = SeveralField(
        label=_("到场部门"),
        queryset=Department.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, committee_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["departments"].queryset = Department.objects.filter(
            committee=committee_id, is_active=True
        )


class AnnounceForm(ServiceForm):
    late_reason = words(
        _("公告晚了的原因"),
        rows=1,
        most=300,
        required=False,
        help_text=_("按时公告就不用填。"),
    )


class MinutesForm(ServiceForm):
    minutes = words(_("纪要"), rows=6, most=4000, help_text=_("内部留存，不公开。"))


class ResultsForm(ServiceForm):
    results = words(_("公布的结果"), rows=5, most=2000, help_text=_("全公司看得到，不写姓名。"))


class CancelForm(ServiceForm):
    reason = words(_("为什么取消"), rows=2, most=300)


class BookForm(ServiceForm):
    topic = words(_("想谈什么"), rows=1, most=100, required=False)
    is_confidential = forms.BooleanField(
        label=_("不公开姓名"), required=False, help_text=_("只有书记办公室看得到是谁约的。")
    )
