"""Forms around the draw: who can't send a team, who must stand aside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from branches.models import Branch
from evaluations.models import MonthRound, TeamAbsence
from portal.kernel.choices import offer
from portal.kernel.months import Month


def _branches(round_: MonthRound) -> Any:
    return Branch.objects.filter(participations__round=round_).order_by("sort_order", "pk")


class DropOutForm(forms.Form):
    branch = forms.ModelChoiceField(
        Branch.objects.none(), label=_("派不出组的支部"), empty_label=_("请选择")
    )
    reason = forms.CharField(
        label=_("原因"),
        max_length=300,
        help_text=_("它还没去的检查空出来，另派别的组；已经开始的不动。"),
    )

    def __init__(self, round_: MonthRound, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        gone = round_.absences.values("branch")
        self.fields["branch"].queryset = _branches(round_).exclude(pk__in=gone)  # type: ignore[attr-defined]

    def offer(self, branches: Iterable[Branch], absences: Iterable[TeamAbsence]) -> None:
        """Draw with what the page has read: the round's branches without those of ``absences``."""
        gone = {absence.branch_id for absence in absences}
        offer(self.fields["branch"], [branch for branch in branches if branch.pk not in gone])


class RecusalForm(forms.Form):
    inspector = forms.ModelChoiceField(
        Branch.objects.none(), label=_("一个支部"), empty_label=_("请选择")
    )
    inspected = forms.ModelChoiceField(
        Branch.objects.none(),
        label=_("另一个支部"),
        empty_label=_("请选择"),
        help_text=_("两个支部互不检查。"),
    )
    last_month = forms.CharField(
        label=_("到哪个月为止"), required=False, help_text=_("不填则一直回避。")
    )
    reason = forms.CharField(label=_("回避原因"), max_length=300)

    def __init__(self, round_: MonthRound, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("inspector", "inspected"):
            self.fields[name].queryset = _branches(round_)  # type: ignore[attr-defined]
        self.fields["last_month"].widget.input_type = "month"

    def offer(self, branches: Iterable[Branch]) -> None:
        """Draw with what the page has read."""
        for name in ("inspector", "inspected"):
            offer(self.fields[name], branches)

    def clean_last_month(self) -> Month | None:
        text = self.cleaned_data["last_month"]
        if not text:
            return None
        try:
            return Month.parse(text)
        except ValueError:
            raise ValidationError(_("月份请写成 2017-06 的样子。")) from None
