"""Forms of a round: its calendar, words, teams, visits, bonus and veto."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from branches.forms.fields import SeveralField
from branches.models import Branch, Person
from evaluations.models import (
    BonusRule,
    InspectionTeam,
    MonthRound,
    RoundParticipant,
    RubricItem,
    VetoRule,
)
from portal.kernel.choices import offer


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"


class CalendarForm(forms.ModelForm):  # type: ignore[type-arg]
    """The days of a round; the database keeps their order."""

    reason = forms.CharField(
        label=_("调整原因"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    class Meta:
        model = MonthRound
        fields = (
            "records_due_on",
            "window_starts_on",
            "window_ends_on",
            "appeals_end_on",
            "publish_on",
            "meeting_on",
        )
        widgets = {name: DateInput() for name in fields}


class WordsForm(forms.ModelForm):  # type: ignore[type-arg]
    """The officer's own words in the task sheet and the bulletin."""

    class Meta:
        model = MonthRound
        fields = ("focus", "highlights", "next_focus")
        widgets = {
            "focus": forms.Textarea(attrs={"rows": 2}),
            "highlights": forms.Textarea(attrs={"rows": 5}),
            "next_focus": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {
            "focus": _("写进检查任务单，检查组出发前看。"),
            "highlights": _("写进通报“主要亮点”，一行一条。"),
            "next_focus": _("写进通报“下月重点”，一行一条。"),
        }


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("原因"), max_length=300, required=False)


class TeamForm(forms.Form):
    """A team: who sends it, who leads it, who else goes."""

    branch = forms.ModelChoiceField(
        Branch.objects.none(), label=_("派出支部"), empty_label=_("请选择")
    )
    leader = forms.ModelChoiceField(Person.objects.none(), label=_("组长"), empty_label=_("请选择"))
    members = SeveralField(Person.objects.none(), label=_("组员"), required=False)

    def __init__(self, round_: MonthRound, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sent = round_.teams.values("branch")
        branches = Branch.objects.filter(participations__round=round_)
        people = (
            Person.objects.filter(
                appointments__branch__in=branches, appointments__ended_on__isnull=True
            )
            .distinct()
            .order_by("name", "pk")
        )
        self.fields["branch"].queryset = branches.exclude(pk__in=sent).order_by(  # type: ignore[attr-defined]
            "sort_order", "pk"
        )
        self.fields["leader"].queryset = people  # type: ignore[attr-defined]
        self.fields["members"].queryset = people  # type: ignore[attr-defined]

    def offer(
        self, branches: Iterable[Branch], teams: Iterable[InspectionTeam], people: Iterable[Person]
    ) -> None:
        """Draw with what the page has read: the round's branches without those of ``teams``."""
        sent = {team.branch_id for team in teams}
        offer(self.fields["branch"], [branch for branch in branches if branch.pk not in sent])
        people = list(people)
        offer(self.fields["leader"], people)
        offer(self.fields["members"], people)


class VisitForm(forms.Form):
    """A visit: which team goes where, when."""

    team = forms.ModelChoiceField(
        InspectionTeam.objects.none(), label=_("检查组"), empty_label=_("请选择")
    )
    participant = forms.ModelChoiceField(
        RoundParticipant.objects.none(), label=_("被查支部"), empty_label=_("请选择")
    )
    planned_on = forms.DateField(label=_("日期"), required=False, widget=DateInput())
    planned_time = forms.TimeField(label=_("时间"), required=False, widget=TimeInput())
    place = forms.CharField(label=_("地点"), max_length=60, required=False)

    def __init__(self, round_: MonthRound, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = round_.teams.select_related("branch")  # type: ignore[attr-defined]
        self.fields["participant"].queryset = (  # type: ignore[attr-defined]
            round_.participants.filter(is_exempt=False).select_related("branch")
        )

    def offer(
        self, teams: Iterable[InspectionTeam], participants: Iterable[RoundParticipant]
    ) -> None:
        """Draw with what the page has read."""
        offer(self.fields["team"], teams)
        offer(self.fields["participant"], participants)


class _JudgedTeams(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Teams with what speaks against each, as the checker would judge it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.judged: Mapping[int, str] = {}

    def label_from_instance(self, team: InspectionTeam) -> str:
        said = self.judged.get(team.branch_id)
        return f"{team}：{said}" if said else str(team)


class ReassignForm(forms.Form):
    team = _JudgedTeams(
        InspectionTeam.objects.none(),
        label=_("改派给"),
        empty_label=_("请选择"),
        help_text=_("每个组后面写着能不能去。"),
    )
    reason = forms.CharField(label=_("原因"), max_length=300)

    def __init__(
        self,
        round_: MonthRound,
        *args: Any,
        judged: Mapping[int, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["team"]
        field.judged = judged or {}
        field.queryset = round_.teams.select_related("branch")


class BonusForm(forms.Form):
    rule = forms.ModelChoiceField(
        BonusRule.objects.none(), label=_("加分标准"), empty_label=_("请选择")
    )
    fact = forms.CharField(
        label=_("事实和依据"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, participant: RoundParticipant, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].queryset = participant.rubric_version.bonus_rules.all()  # type: ignore[attr-defined]


class VetoForm(forms.Form):
    rule = forms.ModelChoiceField(
        VetoRule.objects.none(), label=_("否决标准"), empty_label=_("请选择")
    )
    item = forms.ModelChoiceField(
        RubricItem.objects.none(),
        label=_("涉及的考评项目"),
        required=False,
        help_text=_("弄虚作假时选，该项计0分。"),
    )
    fact = forms.CharField(
        label=_("事实和依据"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, participant: RoundParticipant, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version = participant.rubric_version
        self.fields["rule"].queryset = version.veto_rules.all()  # type: ignore[attr-defined]
        self.fields["item"].queryset = version.items.order_by("sort_order")  # type: ignore[attr-defined]
