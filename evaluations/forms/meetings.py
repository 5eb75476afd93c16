"""Forms of the meeting and of what is entered for the appraisal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from branches.models import BranchType
from evaluations.forms.rectification import Area, Day, ServiceForm
from evaluations.models import AppraisalInput


class DecisionForm(ServiceForm):
    """例会决定: what, who, by when."""

    text = forms.CharField(
        label=_("要办什么"), max_length=200, error_messages={"required": _("请写明要办什么。")}
    )
    owner = forms.CharField(
        label=_("谁来办"), max_length=40, error_messages={"required": _("请写明谁来办。")}
    )
    due_on = forms.DateField(
        label=_("什么时候办完"),
        widget=Day,
        error_messages={"required": _("请写明什么时候办完。")},
    )
    client_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    branch_type = forms.ChoiceField(
        choices=[("", ""), *BranchType.choices], required=False, widget=forms.HiddenInput
    )
    item_code = forms.CharField(max_length=16, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, prefix="decision", initial=initial)


class ResultForm(ServiceForm):
    result = forms.CharField(label=_("办得怎样"), max_length=200, required=False)


class OwnWordsForm(ServiceForm):
    own_words = forms.CharField(
        label=_("例会上，支部自己说"),
        widget=Area(3),
        max_length=300,
        required=False,
        help_text=_("做得好的一件、没做好的一件、下月抓什么。例会上照这段话念。"),
    )

    def __init__(self, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, prefix="own", initial=initial)


class InputForm(ServiceForm):
    """单位业绩 or 群众评议, out of 100."""

    marks = forms.DecimalField(
        max_digits=5,
        decimal_places=2,
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01"}),
        error_messages={
            "max_value": _("得分在0到100之间。"),
            "min_value": _("得分在0到100之间。"),
            "invalid": _("请填数字，例如 92.5。"),
        },
    )

    def __init__(self, kind: str, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, prefix=kind, initial=initial)
        self.kind = kind
        label = {
            AppraisalInput.Kind.UNIT: _("单位当月业绩得分（绩效办提供，百分制）"),
            AppraisalInput.Kind.RATING: _("党员群众评议得分（半年一次，百分制）"),
        }
        self.fields["marks"].label = label[AppraisalInput.Kind(kind)]
