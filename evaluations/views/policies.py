"""考评规则: every number a committee may set, dated by its first month."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from branches.access import access_of
from branches.models import Committee
from evaluations.models import EvaluationPolicy
from evaluations.permissions import may_set_policy
from evaluations.services import rounds
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from portal.kernel.months import Month, local_date

NUMBERS = (
    "ranking_basis",
    "min_group_size",
    "key_fail_percent",
    "own_share_percent",
    "official_basis",
    "visits_per_branch",
    "pairing_memory",
    "draw_day",
    "window_first_day",
    "appeal_workdays",
    "publish_day",
    "meeting_day",
    "fix_now_workdays",
    "minor_workdays",
    "major_workdays",
    "continuing_workdays",
    "notice_workdays",
    "acknowledge_workdays",
    "look_back_workdays",
)


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A policy from a month on."""

    month = forms.CharField(
        label=_("起始月份"), help_text=_("从这个月的轮次起用；已开启的月份不受影响。")
    )

    class Meta:
        model = EvaluationPolicy
        fields = NUMBERS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].widget.input_type = "month"
        self.order_fields(["month", *NUMBERS])

    def clean_month(self) -> Month:
        try:
            return Month.parse(self.cleaned_data["month"])
        except ValueError:
            raise ValidationError(_("月份请写成 2017-06 的样子。")) from None


class PolicyList(View):
    """The policies of the committees one may know of, the newest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        access = access_of(request.user)
        newest_first = EvaluationPolicy.objects.order_by("-first_month")
        committees = Committee.objects.filter(
            pk__in=access.overseen_committees | access.home_committees
        ).prefetch_related(Prefetch("policies", queryset=newest_first))
        if not committees:
            raise PermissionDenied
        rows = [
            (committee, committee.policies.all(), may_set_policy(request.user, committee))
            for committee in committees
        ]
        return render(request, "evaluations/policies/list.html", {"rows": rows})


class PolicySet(View):
    """Set a policy from a month on, starting from the one in force."""

    def committee(self, pk: int) -> Committee:
        found = get_object_or_404(
            Committee, pk=pk, pk__in=access_of(self.request.user).overseen_committees
        )
        if not may_set_policy(self.request.user, found):
            raise PermissionDenied
        return found

    def show(self, committee: Committee, form: PolicyForm, status: int = 200) -> HttpResponse:
        return render(
            self.request,
            "branches/plain_form.html",
            {
                "form": form,
                "title": _("%(name)s的考评规则") % {"name": committee.name},
                "submit_label": _("保存"),
                "back_url": reverse("evaluations:policies"),
            },
            status=status,
        )

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        committee = self.committee(pk)
        month = Month.of(local_date(timezone.now())).plus(1)
        try:
            current = rounds.policy_in_force(committee, month)
        except DomainError:
            current = EvaluationPolicy()
        return self.show(committee, PolicyForm(instance=current, initial={"month": str(month)}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        committee = self.committee(pk)
        form = PolicyForm(request.POST)
        if not form.is_valid():
            return self.show(committee, form, 400)
        try:
            rounds.set_policy(
                committee=committee,
                first_month=form.cleaned_data["month"],
                values={name: form.cleaned_data[name] for name in NUMBERS},
                actor=signed_in(request),
                now=timezone.now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
            return self.show(committee, form, 400)
        except DomainError as error:
            form.add_error("month", error.message)
            return self.show(committee, form, error.status_code)
        return redirect("evaluations:policies")
