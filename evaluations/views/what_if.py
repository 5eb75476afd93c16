"""Pages of what-if: months replayed under other rules, one fragment per month."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from evaluations.models import MonthRound, OfficialBasis, RubricVersion
from evaluations.permissions import may_draft_rubric
from evaluations.selectors.what_if import MONTHS, Terms, replay
from evaluations.views.rounds import RoundView

SUBJECTS = ("management", "production", "business")


class WhatIfForm(forms.Form):
    """What to change; everything may stay as it was."""

    refused_as = _("还没有算，请改下面几处")

    version = forms.ModelChoiceField(
        RubricVersion.objects.none(),
        label=_("按这版细则重算"),
        required=False,
        empty_label=_("当月细则"),
        help_text=_("草稿也可以。只影响这一类型的支部。"),
    )
    teams = forms.TypedChoiceField(
        label=_("每支部算几个组"),
        choices=[("", _("全部")), ("1", "1"), ("2", "2"), ("3", "3")],
        coerce=int,
        empty_value=None,
        required=False,
    )
    basis = forms.ChoiceField(
        label=_("名次按"), choices=[("", _("当月规定")), *OfficialBasis.choices], required=False
    )
    own_share = forms.IntegerField(
        label=_("党总支本级占比（%）"), min_value=0, max_value=100, required=False
    )

    def __init__(self, *args: Any, may_draft: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = RubricVersion.objects.filter(rubric__subject__in=SUBJECTS)
        if not may_draft:
            versions = versions.filter(status="active")
        self.fields["version"].queryset = (  # type: ignore[attr-defined]
            versions.select_related("rubric").order_by("rubric__subject", "-number")
        )

    def terms(self) -> Terms:
        given = self.cleaned_data
        return Terms(given["version"], given["teams"], given["basis"] or None, given["own_share"])


class WhatIfPage(RoundView):
    """试算: choose what to change; the months are then replayed one after the other."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.find(pk)
        form = WhatIfForm(
            request.GET if request.GET else None, may_draft=may_draft_rubric(request.user)
        )
        asked = form.is_bound and form.is_valid()
        months = list(
            MonthRound.objects.filter(
                committee_id=round_.committee_id, status="published", month__lte=round_.month
            ).order_by("-month")[:MONTHS]
        )
        query = request.GET.urlencode()
        context = {
            "round": round_,
            "form": form,
            "asked": asked,
            "months": [
                (month, reverse("evaluations:what-if-month", args=[month.pk]) + f"?{query}")
                for month in months
            ],
        }
        status = 400 if form.is_bound and not asked else 200
        return render(request, "evaluations/what_if/page.html", context, status=status)


class WhatIfMonth(RoundView):
    """One month replayed: a fragment, and a page of its own without scripts."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.find(pk)
        if not round_.is_published:
            raise Http404
        form = WhatIfForm(request.GET, may_draft=may_draft_rubric(request.user))
        if not form.is_valid():
            raise Http404
        found = replay(round_, form.terms())
        return render(request, "evaluations/what_if/month.html", {"replay": found})
