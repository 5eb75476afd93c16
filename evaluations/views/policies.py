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
from evaluations.services.policy_rules import BOUNDS, check_policy
from portal.accounts.requests import signed_in
from portal.kernel import ui
from portal.kernel.errors import DomainError
from portal.kernel.months import Month, local_date

# What the page shows under which heading; the labels carry the names, the help texts the units.
SECTIONS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        _("排名和计分"),
        (
            "ranking_basis",
            "min_group_size",
            "official_basis",
            "key_fail_percent",
            "own_share_percent",
        ),
    ),
    (_("抽签和互查"), ("draw_day", "visits_per_branch", "pairing_memory", "window_first_day")),
    (_("申诉、通报、例会"), ("appeal_workdays", "publish_day", "meeting_day")),
    (
        _("问题整改期限"),
        (
            "fix_now_workdays",
            "minor_workdays",
            "major_workdays",
            "continuing_workdays",
            "look_back_workdays",
        ),
    ),
    (_("整改通知书期限"), ("acknowledge_workdays", "notice_workdays")),
)
NUMBERS = tuple(name for _heading, names in SECTIONS for name in names)


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A policy from a month on."""

    month = forms.CharField(
        label=_("起始月份"), help_text=_("从这个月的轮次起用；已开启的月份不受影响。")
    )

    class Meta:
        model = EvaluationPolicy
        fields = NUMBERS
        help_texts = {
            "ranking_basis": _("只有同组的支部互相比。"),
            "min_group_size": _("单位：个支部。不足的只列不排。"),
            "official_basis": _("另一种得分仍列在旁边。"),
            "key_fail_percent": _("低于该项满分的这个比例，算不落实。"),
            "own_share_percent": _("其余是所属支部的平均分。"),
            "draw_day": _("当月几日，填1到28。"),
            "visits_per_branch": _("单位：个组，填1到4。"),
            "pairing_memory": _("单位：个月，填0到12。"),
            "window_first_day": _("当月几日，在抽签日之后。"),
            "appeal_workdays": _("到次月第几个工作日截止，填1到10。"),
            "publish_day": _("次月几日，申诉未截止的顺延。"),
            "meeting_day": _("次月几日，不早于通报日。"),
            "fix_now_workdays": _("单位：个工作日，从指出起。"),
            "minor_workdays": _("单位：个工作日，不短于立行立改。"),
            "major_workdays": _("单位：个工作日，不短于一般问题。"),
            "continuing_workdays": _("单位：个工作日，不短于较重、严重问题。"),
            "look_back_workdays": _("单位：个工作日，从报整改起。"),
            "acknowledge_workdays": _("单位：个工作日，从签发起。"),
            "notice_workdays": _("单位：个工作日，不短于签收。"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].widget.input_type = "month"
        for name, (least, most) in BOUNDS.items():
            self.fields[name].widget.attrs |= {"min": least, "max": most}

    def clean_month(self) -> Month:
        try:
            return Month.parse(self.cleaned_data["month"])
        except ValueError:
            raise ValidationError(_("月份请写成 2017-06 的样子。")) from None

    def clean(self) -> dict[str, Any]:
        """Everything that is wrong at once, each at its field."""
        values: dict[str, Any] = super().clean() or {}
        filled = {name: values[name] for name in BOUNDS if name in values}
        try:
            check_policy(EvaluationPolicy(**filled))
        except ValidationError as error:
            for name, sentences in error.message_dict.items():
                if name in filled:
                    self.add_error(name, sentences)
        return values

    def _post_clean(self) -> None:
        """The service checks the policy as a whole; here nothing is saved."""

    def sections(self) -> list[tuple[Any, list[Any]]]:
        """Headings with their fields."""
        return [(heading, [self[name] for name in names]) for heading, names in SECTIONS]


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
            "evaluations/policies/set.html",
            {
                "form": form,
                "title": _("%(name)s的考评规则") % {"name": committee.name},
                "crumbs": [
                    ui.Crumb(_("考评规则"), reverse("evaluations:policies")),
                    ui.Crumb(committee.name),
                ],
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
