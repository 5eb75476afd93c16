"""记一件事: the one form for everything a branch does."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from branches import also
from branches.duty_rules import RULE_OF, TICKABLE, fixed_day
from branches.forms.fields import FIRST_YEAR, LAST_YEAR, LONGEST_KEY, DayField, DayInput
from branches.forms.roster_rows import RosterRows
from branches.models import Activity, Branch, Duty, PartyGroup, Person
from branches.rosters import ever_of, in_force, people_choices
from branches.services.record_checks import check_day
from branches.services.record_values import (
    AbsenceValues,
    ActivityValues,
    FollowUpValues,
    SessionValues,
)
from portal.kernel.choices import offer
from portal.kernel.errors import DomainError
from portal.kernel.months import Month

ABSENT = "absent_"
REASON = "reason_"
MADE_UP = "made_up_"
SESSIONS, FOLLOW_UPS = 3, 3  # how many empty rows the form offers
# What comes once a year or quarter stands folded away, so that a phone shows the month's first.
RARE = frozenset(
    {
        Duty.ORG_LIFE_MEETING,
        Duty.MEMBER_APPRAISAL,
        Duty.WORK_REPORT,
        Duty.YEAR_PLAN,
        Duty.YEAR_SUMMARY,
        Duty.QUARTER_PLAN,
    }
)


def duty_label(duty: Duty) -> str:
    """``主题党日（每月）``: what is ticked, and how often it is due."""
    if duty == Duty.DUES:
        return str(_("党费（到会的按上月金额登记）"))
    rule = RULE_OF[duty.value]
    return f"{duty.label}（{rule.period_label}）"


class ActivityForm(forms.Form):
    """One thing, every duty it satisfies, attendance by exception.

    Names on the roster are not form fields: they come as ``absent_<person>`` and
    ``reason_<person>`` and are read by :meth:`absences_of`.
    """

    duties = forms.MultipleChoiceField(
        label=_("这件事完成了哪几项"),
        help_text=_("一次录入，可同时勾选。例如主题党日上开了党员大会、讲了党课，三项都勾。"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请勾选这件事完成了哪几项。")},
    )
    held_on = DayField(label=_("日期"))
    starts_at = forms.TimeField(
        label=_("开始时间"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("请填时间，例如 15:30")},
    )
    group = forms.ModelChoiceField(
        label=_("党小组"),
        help_text=_("党小组会请选是哪个小组；全支部的活动不选。"),
        queryset=PartyGroup.objects.none(),
        required=False,
        empty_label=_("全支部"),
    )
    place = forms.CharField(
        label=_("地点"), max_length=60, error_messages={"required": _("请填地点。")}
    )
    subject = forms.CharField(
        label=_("主题"), max_length=120, error_messages={"required": _("请填主题。")}
    )
    chair = forms.ModelChoiceField(
        label=_("主持人"),
        queryset=Person.objects.none(),
        error_messages={"required": _("请选主持人。")},
    )
    recorder = forms.ModelChoiceField(
        label=_("记录人"), queryset=Person.objects.none(), required=False, empty_label=_("没有")
    )
    absences = forms.CharField(label=_("到会"), required=False, widget=forms.HiddenInput)
    agenda = forms.CharField(
        label=_("议题与内容"), required=False, max_length=4000, widget=forms.Textarea
    )
    statements = forms.CharField(
        label=_("发言要点"),
        help_text=_("谁说了什么，不同意见也记。"),
        required=False,
        max_length=4000,
        widget=forms.Textarea,
    )
    resolution = forms.CharField(
        label=_("决议与落实"),
        help_text=_("定了什么、谁办、什么时候办完。"),
        required=False,
        max_length=4000,
        widget=forms.Textarea,
    )
    study_hours = forms.DecimalField(
        label=_("学时"),
        help_text=_("勾选了集中学习才填。"),
        required=False,
        min_value=0,
        max_value=24,
        decimal_places=2,
        max_digits=4,
        widget=forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal"}),
    )
    ayes = forms.IntegerField(
        label=_("表决赞成人数"),
        help_text=_("党员大会表决了才填，只数正式党员。"),
        required=False,
        min_value=0,
        max_value=9999,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    nays = forms.IntegerField(
        label=_("反对人数"),
        help_text=_("其余到会的算弃权。"),
        required=False,
        min_value=0,
        max_value=9999,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    motion = forms.CharField(label=_("表决事项"), required=False, max_length=120)
    sessions = forms.CharField(label=_("分批场次"), required=False, widget=forms.HiddenInput)
    follow_ups = forms.CharField(label=_("落实事项"), required=False, widget=forms.HiddenInput)
    also = forms.MultipleChoiceField(
        label=_("还算作"),
        help_text=_("五大工程活动：人数、内容从这条记录里取，不用再记。"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    late_reason = forms.CharField(
        label=_("补录原因"),
        help_text=_("本月记录锁定后才记的，会标“补录”并写明原因。"),
        required=False,
        max_length=200,
    )
    client_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        branch: Branch,
        today: dt.date,
        activity: Activity | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.branch, self.today = branch, today
        # A slip in the year must not empty the form: on a day that has nobody the choices are
        # today's, and whoever was chosen stays a choice. The service judges the day.
        day = self._day() or today
        self.people = people_choices(branch, day)
        self.nobody_on = None if self.people else day
        if self.nobody_on and day != today:
            day = today
            self.people = people_choices(branch, today)
        known = {person.pk for person in self.people}
        self.people += ever_of(branch, self._chosen() - known)
        people = Person.objects.filter(pk__in=[person.pk for person in self.people])
        groups = PartyGroup.objects.filter(in_force(day), branch=branch)
        self.groups = list(groups)
        branch_type = _type_of(branch, day) or _type_of(branch, today)
        choices: tuple[tuple[str, Any, Sequence[Any]], ...] = (
            ("chair", people, self.people),
            ("recorder", people, self.people),
            ("group", groups, self.groups),
        )
        for name, allowed, shown in choices:
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
            field.queryset = allowed
            offer(field, shown)
        if not self.groups:
            del self.fields["group"]
        duties = self.fields["duties"]
        assert isinstance(duties, forms.MultipleChoiceField)  # noqa: S101 - declared above
        duties.choices = [
            (duty.value, duty_label(duty))
            for duty in (*TICKABLE, Duty.DUES)
            if branch_type in RULE_OF[duty.value].only_types
            and (duty != Duty.GROUP_MEETING or self.groups)
        ]
        further = also.choices(activity)
        if further:
            field = self.fields["also"]
            assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
            field.choices = further
        else:
            del self.fields["also"]
        self.fields["held_on"].widget = DayInput(attrs={"max": today.isoformat()})

    def _chosen(self) -> set[int]:
        """Who was sent as chair and recorder."""
        sent = {str(self.data.get(name, "")) for name in ("chair", "recorder")}
        return {int(key) for key in sent if _is_key(key)}

    def clean_held_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["held_on"]
        try:
            check_day(self.branch, day, self.today)
        except DomainError as error:
            raise forms.ValidationError(error.message) from None
        if day == self.nobody_on:
            raise forms.ValidationError(
                _(
                    "这一天本支部没有登记党员和支委。请看看年份；没有填错的，请党群部先办转入或任职。"
                )
            )
        return day

    def ticks(self, *, rare: bool) -> list[Any]:
        """The boxes of the month, or those of the year and the quarter."""
        return [tick for tick in self["duties"] if (tick.data["value"] in RARE) is rare]

    @property
    def common_ticks(self) -> list[Any]:
        return self.ticks(rare=False)

    @property
    def rare_ticks(self) -> list[Any]:
        return self.ticks(rare=True)

    @property
    def has_rare(self) -> bool:
        return any(tick.data["selected"] for tick in self.rare_ticks)

    def _day(self) -> dt.date | None:
        return self.day_of(self.data) if self.is_bound else self.initial.get("held_on")

    @staticmethod
    def day_of(data: Mapping[str, Any]) -> dt.date | None:
        try:
            day = dt.date.fromisoformat(str(data.get("held_on", "")))
        except ValueError:
            return None
        return day if FIRST_YEAR <= day.year <= LAST_YEAR else None

    # -- the roster ---------------------------------------------------------------------------

    def shown_roster(self) -> RosterRows:
        """The roster to draw, with what was marked so far."""
        if self.is_bound:
            duties = self.data.getlist("duties")  # type: ignore[attr-defined]
            group = next((g for g in self.groups if str(g.pk) == self.data.get("group")), None)
            marked = {
                int(key.removeprefix(ABSENT)): (
                    str(self.data.get(key)),
                    str(self.data.get(REASON + key.removeprefix(ABSENT), "")),
                    str(self.data.get(MADE_UP + key.removeprefix(ABSENT), "")),
                )
                for key in self.data
                if key.startswith(ABSENT) and _is_key(key.removeprefix(ABSENT))
            }
        else:
            duties = list(self.initial.get("duties", ()))
            chosen = self.initial.get("group")
            group = next((g for g in self.groups if g.pk == chosen), None)
            marked = self.initial.get("absent", {})
        return RosterRows(self.branch, self._day() or self.today, duties, group, marked)

    def absences_of(self) -> tuple[AbsenceValues, ...]:
        found = []
        for key in self.data:
            number = key.removeprefix(ABSENT)
            kind = str(self.data.get(key, ""))
            if not key.startswith(ABSENT) or not _is_key(number) or not kind:
                continue
            reason = str(self.data.get(REASON + number, ""))[:100]
            made_up_on = _day_or_none(self.data.get(MADE_UP + number, ""))
            found.append(AbsenceValues(int(number), kind, reason, made_up_on))
        return tuple(found)

    # -- sessions and follow-ups --------------------------------------------------------------

    def session_rows(self) -> list[dict[str, str]]:
        """Rows to draw: what is there, and empty ones."""
        return self._rows("session", ("day", "place"), SESSIONS)

    def follow_up_rows(self) -> list[dict[str, Any]]:
        return self._rows("follow", ("text", "person", "due"), FOLLOW_UPS)

    def _rows(self, prefix: str, names: tuple[str, ...], empty: int) -> list[dict[str, Any]]:
        if self.is_bound:
            found = []
            for number in range(20):
                row = {n: str(self.data.get(f"{prefix}_{n}_{number}", "")) for n in names}
                if any(row.values()):
                    found.append(row)
        else:
            found = list(self.initial.get(f"{prefix}_rows", ()))
        found += [dict.fromkeys(names, "") for _n in range(max(1, empty - len(found)))]
        return [row | {"number": number} for number, row in enumerate(found)]

    def clean_sessions(self) -> tuple[SessionValues, ...]:
        found = []
        for row in self.session_rows():
            if not row["day"]:
                if row["place"]:
                    raise forms.ValidationError(_("分批场次要填日期。"))
                continue
            day = _day_or_none(row["day"])
            if day is None:
                raise forms.ValidationError(_("分批场次的日期不对。"))
            found.append(SessionValues(day, str(row["place"])[:60]))
        return tuple(found)

    def clean_follow_ups(self) -> tuple[FollowUpValues, ...]:
        people = {str(person.pk): person for person in self.people}
        found = []
        for row in self.follow_up_rows():
            text = str(row["text"]).strip()
            if not text:
                if row["person"] or row["due"]:
                    raise forms.ValidationError(_("落实事项要写办什么。"))
                continue
            due_on = _day_or_none(row["due"])
            if row["due"] and due_on is None:
                raise forms.ValidationError(_("落实事项的时限不对。"))
            found.append(FollowUpValues(text[:120], people.get(str(row["person"])), due_on))
        return tuple(found)

    def values(self) -> ActivityValues:
        """What the service takes, once the form is valid."""
        data = self.cleaned_data
        return ActivityValues(
            duties=tuple(data["duties"]),
            held_on=data["held_on"],
            place=data["place"],
            subject=data["subject"],
            chair=data["chair"],
            recorder=data["recorder"],
            group=data.get("group"),
            agenda=data["agenda"].strip(),
            resolution=data["resolution"].strip(),
            study_hours=data["study_hours"] or Decimal(0),
            ayes=data["ayes"],
            absences=self.absences_of(),
            late_reason=data["late_reason"],
            starts_at=data["starts_at"],
            statements=data["statements"].strip(),
            nays=data["nays"],
            motion=data["motion"],
            sessions=data["sessions"],
            follow_ups=data["follow_ups"],
            also=tuple(data.get("also", ())),
        )


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_KEY


def _type_of(branch: Branch, day: dt.date) -> str:
    row = Branch.objects.filter(pk=branch.pk).classified(Month.of(day)).first()
    return str(row.branch_type) if row else ""


def _day_or_none(text: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError:
        return None


def first_values(
    *,
    branch: Branch,
    duty: str,
    group_id: int | None,
    today: dt.date,
    last: Activity | None,
    agenda: Sequence[str] = (),
    copied: Activity | None = None,
) -> dict[str, Any]:
    """What a new form starts with: today or the passed fixed day, last time's place, hour and
    people, the month's key tasks as agenda; of a ``copied`` record also its duties and words."""
    held_on = today
    if duty == Duty.THEMED_DAY:
        fixed = fixed_day(branch.themed_day_rule, Month.of(today))
        if fixed is not None and fixed <= today:
            held_on = fixed
    values: dict[str, Any] = {
        "duties": [duty] if duty in Duty.values else [],
        "held_on": held_on,
        "group": group_id,
        "client_key": uuid.uuid4(),
    }
    last = copied or last
    if last is not None:
        values |= {
            "place": last.place,
            "chair": last.chair_id,
            "recorder": last.recorder_id,
            "starts_at": last.starts_at,
        }
    if agenda:
        values["agenda"] = "\n".join(f"{n}. {line}" for n, line in enumerate(agenda, start=1))
    if copied is not None:
        ticked = [d for d in copied.ticks.values_list("duty", flat=True) if d not in RARE]
        values |= {
            "duties": ticked,
            "group": copied.group_id,
            "subject": copied.subject,
            "agenda": copied.agenda,
            "study_hours": copied.study_hours or None,
        }
        if Duty.THEMED_DAY in ticked:
            fixed = fixed_day(branch.themed_day_rule, Month.of(today))
            values["held_on"] = fixed if fixed is not None and fixed <= today else today
    return values


def values_of(activity: Activity) -> dict[str, Any]:
    """What the form of an existing record starts with."""
    return {
        "duties": list(activity.ticks.values_list("duty", flat=True)),
        "held_on": activity.held_on,
        "starts_at": activity.starts_at,
        "group": activity.group_id,
        "place": activity.place,
        "subject": activity.subject,
        "chair": activity.chair_id,
        "recorder": activity.recorder_id,
        "agenda": activity.agenda,
        "statements": activity.statements,
        "resolution": activity.resolution,
        "study_hours": activity.study_hours or None,
        "ayes": activity.ayes,
        "nays": activity.nays,
        "motion": activity.motion,
        "session_rows": [
            {"day": day.isoformat(), "place": place}
            for day, place in activity.sessions.values_list("held_on", "place")
        ],
        "follow_rows": [
            {"text": text, "person": person or "", "due": due.isoformat() if due else ""}
            for text, person, due in activity.follow_ups.values_list("text", "person_id", "due_on")
        ],
        "late_reason": activity.late_reason,
        "version": activity.version,
        "absent": {
            person: (kind, reason, made_up.isoformat() if made_up else "")
            for person, kind, reason, made_up in activity.absences.values_list(
                "person_id", "kind", "reason", "made_up_on"
            )
        },
    }
