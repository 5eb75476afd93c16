"""Forms of visits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.models import Branch, Committee, Person
from feedback.keys import new_key
from feedback.models import Level, VisitMode, VisitPlace, VisitQuestion
from feedback.models.requests import MAX_TEXT
from feedback.models.visits import LinkKind
from feedback.selectors.visits import MOST_TIMES, TOO_OFTEN, linkable
from feedback.services.submitting import Said, Speaker
from feedback.services.visits import Brought, Seen, VisitDraft

REQUESTS = 3


def _place_label(place: Any, today: dt.date) -> str:
    """The place with a word on when somebody was there last, so that nobody goes too often."""
    if place.last_on is None:
        return f"{place.name}（{_('还没有去过')}）"
    if place.in_month >= TOO_OFTEN:
        return f"{place.name}（{_('30天内已去%(n)d次') % {'n': place.in_month}}）"
    days = (today - place.last_on).days
    return f"{place.name}（{_('%(n)d天前去过') % {'n': days}}）"


class VisitForm(forms.Form):
    """记一次走访."""

    visited_on = forms.DateField(
        label=gettext_lazy("哪天去的"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("请填日期。"),
            "invalid": gettext_lazy("请填日期，例如 2017-06-09"),
        },
    )
    place = forms.ModelChoiceField(
        label=gettext_lazy("去了哪里"),
        queryset=VisitPlace.objects.none(),
        required=False,
        empty_label=gettext_lazy("家访或别的地方，填下一栏"),
        help_text=gettext_lazy("括号里是上次有人去的时间，刚去过的先缓一缓。"),
    )
    whom = forms.CharField(
        label=gettext_lazy("见了谁"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("家访写“职工某某家”；不愿留名的不写。"),
    )
    met_count = forms.IntegerField(
        label=gettext_lazy("见了几人"), min_value=1, max_value=500, initial=1
    )
    mode = forms.ChoiceField(label=gettext_lazy("方式"), choices=VisitMode)
    companions = forms.CharField(label=gettext_lazy("同行"), required=False, max_length=100)
    topics = forms.CharField(
        label=gettext_lazy("谈了什么"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    private_note = forms.CharField(
        label=gettext_lazy("私记"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("只有您和书记办公室看得到。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    key = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput())

    def __init__(self, *args: Any, committee: Committee, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        places = (
            VisitPlace.objects.filter(committee=committee, is_active=True)
            .with_visits(today)
            .order_by("kind", "sort_order", "pk")
        )
        fields["place"].queryset = places
        fields["place"].label_from_instance = lambda place: _place_label(place, today)
        if not self.is_bound:
            self.initial.setdefault("visited_on", today)
            self.initial.setdefault("key", new_key())
        self.questions = list(VisitQuestion.objects.filter(is_active=True))
        for question in self.questions:
            self.fields[f"seen_{question.pk}"] = forms.CharField(
                label=question.name, help_text=question.hint, required=False, max_length=300
            )
            if question.group == "check":
                self.fields[f"found_{question.pk}"] = forms.BooleanField(
                    label=_("有问题"), required=False
                )
        for number in range(1, REQUESTS + 1):
            self.fields[f"said_{number}"] = forms.CharField(
                label=_("带回的话 %(n)d") % {"n": number},
                required=False,
                max_length=MAX_TEXT,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            self.fields[f"who_{number}"] = forms.CharField(
                label=_("谁说的"), required=False, max_length=40
            )
            self.fields[f"level_{number}"] = forms.ChoiceField(
                label=_("让谁知道"),
                required=False,
                choices=Level.choices,
                initial=Level.CONFIDENTIAL,
            )

    @property
    def groups(self) -> Iterator[tuple[str, list[tuple[Any, Any]]]]:
        """Questions by group, each with its text field and, for checks, its tick."""
        for group, label in VisitQuestion._meta.get_field("group").flatchoices:
            own = [q for q in self.questions if q.group == group]
            if own:
                yield (
                    str(label),
                    [
                        (
                            self[f"seen_{q.pk}"],
                            self[f"found_{q.pk}"] if f"found_{q.pk}" in self.fields else None,
                        )
                        for q in own
                    ],
                )

    @property
    def lines(self) -> list[tuple[Any, Any, Any]]:
        return [
            (self[f"said_{n}"], self[f"who_{n}"], self[f"level_{n}"])
            for n in range(1, REQUESTS + 1)
        ]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for n in range(1, REQUESTS + 1):
            named = given.get(f"level_{n}") in (Level.NAMED, Level.CONFIDENTIAL)
            if given.get(f"said_{n}") and named and not given.get(f"who_{n}"):
                self.add_error(f"who_{n}", _("请填是谁说的；不愿留名，请选“完全匿名”。"))
        return given

    def draft(self, led_by: Person) -> VisitDraft:
        given = self.cleaned_data
        return VisitDraft(
            led_by=led_by,
            visited_on=given["visited_on"],
            place=given["place"],
            whom=given["whom"],
            met_count=given["met_count"],
            mode=given["mode"],
            companions=given["companions"],
            topics=given["topics"],
            private_note=given["private_note"],
            key=given["key"],
            seen={
                q.pk: Seen(given[f"seen_{q.pk}"], bool(given.get(f"found_{q.pk}")))
                for q in self.questions
            },
            brought=[
                Brought(
                    Said(
                        text=given[f"said_{n}"],
                        level=given[f"level_{n}"] or Level.CONFIDENTIAL,
                        kind="opinion",
                    ),
                    Speaker(name=given[f"who_{n}"]),
                )
                for n in range(1, REQUESTS + 1)
                if given[f"said_{n}"]
            ],
        )


class LinkForm(forms.Form):
    """挂联一处."""

    leader = forms.ModelChoiceField(
        label=gettext_lazy("领导"), queryset=Person.objects.none(), empty_label=None
    )
    kind = forms.ChoiceField(label=gettext_lazy("挂联"), choices=LinkKind)
    branch = forms.ModelChoiceField(
        label=gettext_lazy("党支部"),
        queryset=Branch.objects.none(),
        required=False,
        empty_label=gettext_lazy("不选"),
    )
    place = forms.ModelChoiceField(
        label=gettext_lazy("供电所、班组、工程、单位"),
        queryset=VisitPlace.objects.none(),
        required=False,
        empty_label=gettext_lazy("不选"),
    )
    staff_no = forms.CharField(label=gettext_lazy("职工工号"), required=False, max_length=20)
    times_a_year = forms.IntegerField(
        label=gettext_lazy("每年几次"), min_value=1, max_value=MOST_TIMES, initial=4
    )
    started_on = forms.DateField(
        label=gettext_lazy("从哪天起"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, committee: Committee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        for name, rows in linkable(committee).items():
            if name in fields:
                fields[name].queryset = rows
        self.committee = committee

    def clean_staff_no(self) -> Person | None:
        number = self.cleaned_data["staff_no"].strip()
        if not number:
            return None
        found: Person | None = Person.objects.filter(
            staff_no=number, committee=self.committee
        ).first()
        if found is None:
            raise forms.ValidationError(_("没有这个工号。"))
        return found
