"""Forms of turnouts. The services judge what is right; their answer goes beside its field."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.forms.fields import DayField, SeveralField
from portal.kernel.errors import DomainError
from portal.kernel.months import SHANGHAI
from servicecrew.models import (
    MARK_FIELDS,
    SUB_KINDS,
    AreaKind,
    CityGoal,
    Crew,
    Mark,
    Operation,
    ServiceKind,
    SubKind,
    Turnout,
)
from servicecrew.services.times import TimeStatement

TIME_WORDS = gettext_lazy(
    "请写成 2017-06-21 01:17 的样子，小时从00到23；没有24:00、25:00，过了零点用第二天的日期。"
)


class ServiceForm(forms.Form):
    """A form whose refusals come from a service. ``names`` maps the service's words for a field
    to the form's."""

    names: dict[str, str] = {}

    def refuse(self, error: DomainError) -> None:
        field = self.names.get(error.field or "", error.field or "")
        self.add_error(field if field in self.fields else None, error.message)


FIRST_YEAR, LAST_YEAR = 2000, 2100


class MomentField(forms.DateTimeField):
    """A moment in Shanghai, typed or picked, in the years that a portal may hold."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault(
            "input_formats", ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
        )
        super().__init__(**kwargs)
        self.error_messages["invalid"] = TIME_WORDS

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dt.datetime):
            return value.astimezone(SHANGHAI).replace(tzinfo=None)
        return value

    def to_python(self, value: Any) -> Any:
        # Before a zone is applied: year 1 has no moment in another one.
        asked = value.year if isinstance(value, dt.date) else str(value or "")[:4]
        if str(asked).isdigit() and not FIRST_YEAR <= int(asked) <= LAST_YEAR:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        found = super().to_python(value)
        return found.replace(tzinfo=SHANGHAI) if found and found.tzinfo is None else found


class PressForm(forms.Form):
    """What a button on the phone sends. Without script ``at`` is missing: then it is now."""

    key = forms.UUIDField()
    at = MomentField()
    sent_at = MomentField()
    device = forms.CharField(required=False, max_length=40)

    def statement(self, mark: str, now: dt.datetime) -> TimeStatement:
        data = self.cleaned_data
        return TimeStatement(
            key=data["key"],
            mark=mark,
            at=data["at"] or now,
            is_measured=True,
            sent_at=data["sent_at"],
            device=data["device"],
        )


class StartForm(ServiceForm):
    """The big red button: as little as a wet thumb can type."""

    uuid = forms.UUIDField(widget=forms.HiddenInput)
    crew = forms.ModelChoiceField(
        queryset=Crew.objects.none(), label=gettext_lazy("服务队"), empty_label=None
    )
    subject = forms.CharField(
        label=gettext_lazy("为什么出队"),
        max_length=80,
        widget=forms.TextInput(attrs={"placeholder": "", "autocomplete": "off"}),
        help_text=gettext_lazy("一句话，如“10kV梓溪线断线”"),
        error_messages={"required": gettext_lazy("请写出队事由，一句话就行。")},
    )
    place = forms.CharField(label=gettext_lazy("去哪里"), max_length=60, required=False)
    service_kind = forms.ChoiceField(
        label=gettext_lazy("类别"), choices=ServiceKind.choices, initial=ServiceKind.REPAIR
    )
    operation = forms.ModelChoiceField(
        queryset=Operation.objects.none(),
        label=gettext_lazy("行动"),
        required=False,
        empty_label=gettext_lazy("不属于行动"),
    )
    ordered_at = MomentField(label=gettext_lazy("接令时间"))
    key = forms.UUIDField(widget=forms.HiddenInput)
    at = MomentField(widget=forms.HiddenInput)
    sent_at = MomentField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, crews: Any = None, operations: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        crew_field: Any = self.fields["crew"]
        crew_field.queryset = crews
        if len(crews) == 1:
            crew_field.widget = forms.HiddenInput()
            crew_field.initial = crews[0].pk
        operation_field: Any = self.fields["operation"]
        operation_field.queryset = operations
        if not operations.exists():
            del self.fields["operation"]


class TimesForm(ServiceForm):
    """改时间: the six moments. What is changed is declared; what a phone measured stays beside."""

    reason = forms.CharField(
        label=gettext_lazy("为什么改"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("如“到了才想起来按”。手机按下的时间不会丢，两个都显示"),
    )

    def __init__(self, turnout: Turnout, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields.pop("reason")
        for mark in Mark:
            self.fields[mark.value] = MomentField(
                label=mark.label, initial=getattr(turnout, MARK_FIELDS[mark])
            )
        self.fields["reason"] = reason

    def statements(self) -> list[TimeStatement]:
        """Those that were changed. A moment can be corrected, not emptied."""
        return [
            TimeStatement(
                key=uuid4(),
                mark=mark.value,
                at=self.cleaned_data[mark.value],
                is_measured=False,
                reason=self.cleaned_data["reason"],
            )
            for mark in Mark
            if mark.value in self.changed_data and self.cleaned_data.get(mark.value)
        ]


class TurnoutForm(forms.ModelForm):  # type: ignore[type-arg]
    """Everything a person may change by hand, in sections that fold."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(label=gettext_lazy("改动说明"), max_length=300, required=False)

    class Meta:
        model = Turnout
        fields = (
            "subject",
            "service_kind",
            "sub_kind",
            "operation",
            "county",
            "township",
            "place",
            "area_kind",
            "source",
            "order_no",
            "city_goal",
            "line_name",
            "voltage",
            "line_branch",
            "pole_range",
            "transformer_area",
            "cause",
            "weather",
            "is_night_work",
            "customers_out",
            "customers_restored",
            "areas_restored",
            "lines_restored",
            "poles",
            "metres",
            "devices",
            "users_served",
            "problems_solved",
            "helpers_count",
            "key_customers",
            "materials",
            "result",
            "needs_found",
            "work_ticket_no",
            "leader_on_site",
            "has_safety_talk",
            "has_no_breach",
            "satisfaction",
            "media",
        )
        widgets = {"result": forms.Textarea(attrs={"rows": 3})}

    names = {"operation_id": "operation", "city_goal_id": "city_goal"}

    def __init__(self, *args: Any, operations: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        operation: Any = self.fields["operation"]
        operation.queryset = operations
        operation.empty_label = _("不属于行动")
        goal: Any = self.fields["city_goal"]
        goal.queryset = CityGoal.objects.filter(is_active=True)
        goal.empty_label = _("不标记")
        fields: dict[str, Any] = self.fields
        for name in ("area_kind", "source", "voltage", "cause", "satisfaction"):
            # A row of dashes is no answer; what may stay open says so.
            fields[name].choices = [
                (code, word if code else _("不填")) for code, word in fields[name].choices
            ]
        sub: Any = self.fields["sub_kind"]
        labels = dict(SubKind.choices)
        sub.choices = [("", _("不填"))] + [
            (ServiceKind(kind).label, [(code, labels[code]) for code in codes])
            for kind, codes in SUB_KINDS.items()
        ]
        self.fields["key"].initial = uuid4()
        self.fields["version"].initial = self.instance.version
        self.fields["service_kind"].required = True
        self.fields["helpers_count"].required = False
        self.fields["area_kind"].required = False

    def _post_clean(self) -> None:
        """The service checks the row; here only the fields were read."""

    def refuse(self, error: DomainError) -> None:
        field = self.names.get(error.field or "", error.field or "")
        self.add_error(field if field in self.fields else None, error.message)

    def values(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in self.Meta.fields:
            value = self.cleaned_data.get(name)
            if name in {"operation", "city_goal"}:
                found[f"{name}_id"] = value.pk if value is not None else None
            elif name == "helpers_count":
                found[name] = value or 0
            elif name == "area_kind":
                found[name] = value or AreaKind.CITY
            else:
                found[name] = value
        return found


class ReasonForm(ServiceForm):
    """A step that asks why."""

    reason = forms.CharField(
        label=gettext_lazy("原因"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )


class PeopleForm(ServiceForm):
    """人和车 of one day and shift: ticks on the roster of every crew that takes part."""

    day = forms.DateField(
        label=gettext_lazy("日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("请填日期，例如 2017-06-20")},
    )
    shift = forms.IntegerField(
        label=gettext_lazy("班次"),
        min_value=1,
        max_value=20,
        initial=1,
        help_text=gettext_lazy("换班的人另起一班，另计人次"),
    )
    people = forms.MultipleChoiceField(
        label=gettext_lazy("人员"), required=False, widget=forms.CheckboxSelectMultiple
    )
    vehicles = forms.MultipleChoiceField(
        label=gettext_lazy("车辆"), required=False, widget=forms.CheckboxSelectMultiple
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)

    names = {"crews": "people"}

    def __init__(
        self,
        *args: Any,
        people: list[tuple[str, str]],
        vehicles: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("people", people), ("vehicles", vehicles)):
            field: Any = self.fields[name]
            field.choices = choices


class CrewsForm(ServiceForm):
    """Which other crews take part."""

    crews = SeveralField(
        queryset=Crew.objects.none(),
        label=gettext_lazy("一起出队的服务队"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, crews: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["crews"]
        field.queryset = crews


def new_key() -> UUID:
    return uuid4()


class OpeningForm(ServiceForm):
    """期初数."""

    crew = forms.ModelChoiceField(queryset=Crew.objects.none(), label=gettext_lazy("服务队"))
    operation = forms.ModelChoiceField(
        queryset=Operation.objects.none(),
        label=gettext_lazy("行动"),
        required=False,
        empty_label=gettext_lazy("不属于行动"),
    )
    service_kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=ServiceKind.choices)
    sub_kind = forms.ChoiceField(
        label=gettext_lazy("小类"),
        required=False,
        choices=[("", gettext_lazy("不分")), *SubKind.choices],
    )
    counted_on = DayField(
        label=gettext_lazy("截止日期"), help_text=gettext_lazy("这些数数到哪一天为止")
    )
    turnouts = forms.IntegerField(
        label=gettext_lazy("出队次数"), min_value=0, max_value=9_999_999, initial=0
    )
    person_times = forms.IntegerField(
        label=gettext_lazy("出动人次"), min_value=0, max_value=9_999_999
    )
    vehicle_times = forms.IntegerField(
        label=gettext_lazy("出动台次"), min_value=0, max_value=9_999_999, initial=0
    )
    basis = forms.CharField(
        label=gettext_lazy("依据"),
        max_length=120,
        help_text=gettext_lazy("如“2016年7月纸质台账”"),
    )

    def __init__(self, *args: Any, crews: Any, operations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("crew", crews), ("operation", operations)):
            field: Any = self.fields[name]
            field.queryset = rows
