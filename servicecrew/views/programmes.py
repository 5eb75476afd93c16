"""Pages of the five programmes, and of what a member took on."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from branches.access import access_of
from branches.models import Activity, Branch, Committee, Person
from branches.views.base import ServiceFormView
from portal.accounts.requests import signed_in
from portal.kernel.months import local_date
from portal.kernel.ui import Crumb
from servicecrew.counting import figure_committees
from servicecrew.forms.programmes import (
    DeedForm,
    EndForm,
    FinishForm,
    PairForm,
    PlanForm,
    PostForm,
    RetiredEditForm,
    RetiredForm,
    VisitForm,
)
from servicecrew.models import (
    MentorPair,
    PioneerEntry,
    Programme,
    ProgrammePlan,
    RetiredComrade,
)
from servicecrew.selectors.programmes import (
    contributions_of,
    programme_cards,
    programme_page,
)
from servicecrew.services import programmes

# What a retired comrade is visited for; the seasons' gifts belong to 361°关爱.
AT_HOME = ("home", "birthday", "study", "illness", "hardship")


class ProgrammeList(View):
    """五大工程."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user, today = signed_in(request), local_date(timezone.now())
        cards = programme_cards(
            committees=figure_committees(user),
            year=today.year,
            today=today,
            may_see_restricted=bool(access_of(user).overseen_committees),
        )
        context = {"cards": cards, "year": today.year, "done": sum(card.done for card in cards)}
        return render(request, "servicecrew/programmes/list.html", context)


class ProgrammePageView(View):
    """一个工程."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        user, today = signed_in(request), local_date(timezone.now())
        programme = get_object_or_404(Programme, pk=code)
        asked = request.GET.get("year", "")
        year = int(asked) if asked.isdigit() and 2000 <= int(asked) <= 2100 else today.year
        page = programme_page(
            programme=programme,
            user=user,
            committees=figure_committees(user),
            year=year,
            today=today,
            post_kind=request.GET.get("post", ""),
            asked=request.GET.dict(),
        )
        context = {
            "page": page,
            "programme": programme,
            "crumbs": [
                Crumb(_("五大工程"), reverse("servicecrew:programmes")),
                Crumb(programme.name),
            ],
        }
        return render(request, "servicecrew/programmes/detail.html", context)


class ProgrammeFormView(ServiceFormView):
    """A form of one programme, for those who keep it."""

    for_officers = False

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        access = access_of(request.user)
        if not access.is_officer and (self.for_officers or not access.is_secretary):
            raise PermissionDenied(_("只有党群部专责和支部书记、副书记可以记五大工程。"))
        self.programme = get_object_or_404(Programme, pk=kwargs["code"])
        return super().dispatch(request, *args, **kwargs)

    def get_back_url(self) -> str:
        return reverse("servicecrew:programme", args=[self.programme.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [Crumb(self.programme.name, self.get_back_url()), Crumb(str(self.get_title()))]
        return super().get_context_data(crumbs=crumbs, **kwargs)

    def kept_branches(self) -> Any:
        access = access_of(self.user)
        if access.is_officer:
            return Branch.objects.filter(committee_id__in=access.officer_committees)
        return Branch.objects.recorded_by(self.user)

    def colleagues(self) -> Any:
        access = access_of(self.user)
        committees = access.officer_committees | access.home_committees
        return Person.objects.filter(committee_id__in=committees).order_by("name")

    @property
    def common(self) -> dict[str, Any]:
        return {"actor": self.user, "now": timezone.now()}


class AddDeed(ProgrammeFormView):
    """记一项活动."""

    form_class = DeedForm
    title = gettext_lazy("记一项活动")
    submit_label = gettext_lazy("记下")
    note = gettext_lazy("月度记录里已经有的，选它就行，不用再录一遍。")

    def get_form_kwargs(self) -> dict[str, Any]:
        recent = (
            Activity.objects.visible_to(self.user)
            .filter(branch__in=self.kept_branches())
            .exclude(deeds__programme=self.programme)
            .order_by("-held_on", "-pk")
        )
        newest = recent.values_list("pk", flat=True)[:150]
        return {
            **super().get_form_kwargs(),
            "branches": self.kept_branches(),
            "activities": Activity.objects.filter(pk__in=list(newest)),
        }

    def get_initial(self) -> dict[str, Any]:
        return {"groups": [group.pk for group in self.programme.groups.all()]}

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        branch = data["activity"].branch if data["activity"] else data["branch"]
        return programmes.add_deed(
            programme=self.programme,
            branch=branch,
            committee=branch.committee,
            activity=data["activity"],
            held_on=None if data["activity"] else data["held_on"],
            title="" if data["activity"] else data["title"],
            people=data["people"],
            result=data["result"],
            groups=[group.pk for group in data["groups"]],
            actor=self.user,
            now=timezone.now(),
        )


class SetPlan(ProgrammeFormView):
    """定年度计划."""

    form_class = PlanForm
    title = gettext_lazy("定年度计划")
    submit_label = gettext_lazy("存下")
    for_officers = True

    def get_form_kwargs(self) -> dict[str, Any]:
        mine = Committee.objects.filter(pk__in=access_of(self.user).officer_committees)
        return {**super().get_form_kwargs(), "committees": mine}

    def get_initial(self) -> dict[str, Any]:
        year = local_date(timezone.now()).year
        plan = ProgrammePlan.objects.filter(
            programme=self.programme,
            year=year,
            committee_id__in=access_of(self.user).officer_committees,
        ).first()
        if plan is None:
            return {"year": year}
        return {
            "year": year,
            "committee": plan.committee_id,
            "target": plan.target,
            "text": plan.text,
            **{row.measure: row.target for row in plan.indicators.all()},
        }

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        return programmes.set_plan(
            programme=self.programme,
            committee=data["committee"],
            year=data["year"],
            target=data["target"],
            text=data["text"],
            indicators=form.indicators(),
            actor=self.user,
            now=timezone.now(),
        )


class AddVisit(ProgrammeFormView):
    """记一次走访."""

    form_class = VisitForm
    title = gettext_lazy("记一次走访")
    submit_label = gettext_lazy("记下")

    def get_form_kwargs(self) -> dict[str, Any]:
        found = {
            **super().get_form_kwargs(),
            "branches": self.kept_branches(),
            "people": self.colleagues(),
        }
        if self.programme.pk == "gratitude":
            found |= {
                "people": Person.objects.filter(
                    retirement__branch__in=self.kept_branches(),
                    retirement__left_on__isnull=True,
                ).order_by("name"),
                "kinds": AT_HOME,
            }
        return found

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = {
            "visited_on": local_date(timezone.now()),
            "visitor": self.user.display_name,
        }
        asked = self.request.GET.get("person", "")
        if asked.isdigit() and len(asked) < 18:
            retired = RetiredComrade.objects.visible_to(self.user).filter(person_id=asked).first()
            if retired is not None:
                initial |= {"person": retired.person_id, "branch": retired.branch_id}
        return initial

    def perform(self, form: Any) -> Any:
        return programmes.note_visit(programme=self.programme, **form.cleaned_data, **self.common)


class PeopleFormView(ProgrammeFormView):
    """A form that picks people; with one branch to keep, that one is chosen."""

    day_field = "started_on"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "branches": self.kept_branches(),
            "people": self.colleagues(),
        }

    def get_initial(self) -> dict[str, Any]:
        mine = list(self.kept_branches().values_list("pk", flat=True)[:2])
        return {
            self.day_field: local_date(timezone.now()),
            **({"branch": mine[0]} if len(mine) == 1 else {}),
        }


class PairUp(PeopleFormView):
    """师带徒结对."""

    form_class = PairForm
    title = gettext_lazy("师带徒结对")
    submit_label = gettext_lazy("结对")

    def perform(self, form: Any) -> Any:
        return programmes.pair_up(**form.cleaned_data, **self.common)


class RowFormView(ProgrammeFormView):
    """A form about one row of a branch: who may not see it finds nothing."""

    model: Any

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            self.row = get_object_or_404(
                self.model.objects.visible_to(request.user).select_related("branch__committee"),
                pk=kwargs["pk"],
            )
        return super().dispatch(request, *args, **kwargs)


class EndRow(RowFormView):
    """Ends today unless another day is given."""

    form_class: Any = EndForm
    submit_label = gettext_lazy("结束")

    def get_initial(self) -> dict[str, Any]:
        return {"ended_on": local_date(timezone.now())}


class EndPair(EndRow):
    """出师，或不再带."""

    model = MentorPair

    def get_title(self) -> Any:
        return _("%(pair)s：出师或结束") % {"pair": self.row}

    def perform(self, form: Any) -> Any:
        return programmes.end_pair(pair=self.row, **form.cleaned_data, **self.common)


class TakeOn(PeopleFormView):
    """登记示范岗、责任区、突击队、揭榜攻坚、承诺."""

    form_class = PostForm
    title = gettext_lazy("登记岗、区、队、攻坚和承诺")
    submit_label = gettext_lazy("登记")
    note = gettext_lazy("不记分、不排名；本人在“我做过的”里看得到。")

    def perform(self, form: Any) -> Any:
        return programmes.take_on(**form.cleaned_data, **self.common)


class FinishPost(EndRow):
    """结题、撤岗."""

    form_class = FinishForm
    model = PioneerEntry

    def get_title(self) -> Any:
        return _("“%(title)s”结束") % {"title": self.row.title}

    def perform(self, form: Any) -> Any:
        return programmes.finish_pioneer(entry=self.row, **form.cleaned_data, **self.common)


class ListRetired(PeopleFormView):
    """列入老同志名册."""

    form_class = RetiredForm
    title = gettext_lazy("列入老同志名册")
    submit_label = gettext_lazy("列入")
    note = gettext_lazy("名册只有党委、党群部和本支部班子看得到。")
    day_field = "retired_on"

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        return {**kwargs, "people": kwargs["people"].filter(retirement__isnull=True)}

    def perform(self, form: Any) -> Any:
        return programmes.keep_retired(**form.cleaned_data, **self.common)


class EditRetired(RowFormView):
    """改名册上的一行."""

    form_class = RetiredEditForm
    model = RetiredComrade
    submit_label = gettext_lazy("存下")

    def get_title(self) -> Any:
        return _("老同志名册：%(name)s") % {"name": self.row.person}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "branches": self.kept_branches(),
            "people": Person.objects.filter(pk=self.row.person_id),
        }

    def get_initial(self) -> dict[str, Any]:
        names = ("retired_on", "birth_month", "lives_alone", "gets_study_at_home", "left_on")
        return {
            "branch": self.row.branch_id,
            "person": self.row.person_id,
            **{name: getattr(self.row, name) for name in names},
        }

    def perform(self, form: Any) -> Any:
        return programmes.keep_retired(**form.cleaned_data, **self.common)


class MyContributions(View):
    """我做过的: one's own, nobody else's."""

    def get(self, request: HttpRequest) -> HttpResponse:
        mine = contributions_of(signed_in(request), local_date(timezone.now()))
        return render(request, "servicecrew/programmes/mine.html", {"mine": mine})
