"""Pages of crews: the tree, one crew, and what its captain keeps."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from branches.access import access_of
from branches.models import Branch, Committee, Person
from branches.views.base import ServiceFormView
from portal.accounts.requests import signed_in
from portal.kernel.months import local_date
from portal.kernel.ui import Crumb
from servicecrew.forms.crews import (
    CloseCrewForm,
    CrewForm,
    DischargeForm,
    EnlistForm,
    EquipmentForm,
    FoundCrewForm,
    NoteForm,
    RetireVehicleForm,
    VehicleForm,
)
from servicecrew.models import Crew, CrewLevel, CrewMember, Vehicle
from servicecrew.permissions import may_close_crew, may_manage_crew
from servicecrew.selectors.crews import crew_list, crew_page
from servicecrew.services import crews


class CrewTree(View):
    """服务队."""

    def get(self, request: HttpRequest) -> HttpResponse:
        page = crew_list(user=signed_in(request), today=local_date(timezone.now()))
        return render(request, "servicecrew/crews/list.html", {"list": page})


class CrewPage(View):
    """一支服务队."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = signed_in(request)
        crew = get_object_or_404(
            Crew.objects.visible_to(user).select_related("parent", "committee", "branch"), pk=pk
        )
        context = {
            "page": crew_page(crew=crew, user=user, today=local_date(timezone.now())),
            "crew": crew,
            "crumbs": [Crumb(_("服务队"), reverse("servicecrew:crews")), Crumb(crew.name)],
        }
        return render(request, "servicecrew/crews/detail.html", context)


class FoundCrew(ServiceFormView):
    """设立一支服务队."""

    form_class = FoundCrewForm
    title = gettext_lazy("设立服务队")
    submit_label = gettext_lazy("设立")
    note = gettext_lazy("设立后再加队长、队员和车辆。")

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not access_of(request.user).is_officer:
            raise PermissionDenied(_("只有党群部专责可以设立服务队。"))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        mine = access_of(self.user).officer_committees
        return {
            **super().get_form_kwargs(),
            "committees": Committee.objects.filter(pk__in=mine),
            "parents": Crew.objects.filter(closed_on__isnull=True)
            .exclude(level=CrewLevel.SQUAD)
            .visible_to(self.user),
            "branches": Branch.objects.filter(committee_id__in=mine),
        }

    def get_initial(self) -> dict[str, Any]:
        return {"founded_on": local_date(timezone.now())}

    def get_back_url(self) -> str:
        return reverse("servicecrew:crews")

    def get_success_url(self) -> str:
        return reverse("servicecrew:crew", args=[self.result.pk])

    def perform(self, form: Any) -> Any:
        return crews.found_crew(**form.cleaned_data, actor=self.user, now=timezone.now())


class CrewFormView(ServiceFormView):
    """A form about one crew: strangers get 404, others 403."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            raise Http404
        self.crew: Crew = get_object_or_404(Crew.objects.visible_to(request.user), pk=kwargs["pk"])
        if not may_manage_crew(request.user, self.crew):
            raise PermissionDenied(_("只有队长、副队长和党群部专责可以改服务队资料。"))
        return super().dispatch(request, *args, **kwargs)

    def get_back_url(self) -> str:
        return reverse("servicecrew:crew", args=[self.crew.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [Crumb(self.crew.name, self.get_back_url()), Crumb(str(self.get_title()))]
        return super().get_context_data(crumbs=crumbs, **kwargs)

    @property
    def common(self) -> dict[str, Any]:
        return {"actor": self.user, "now": timezone.now()}


class Enlist(CrewFormView):
    """入队."""

    form_class = EnlistForm
    title = gettext_lazy("加一名队员")
    submit_label = gettext_lazy("加进名册")

    def get_form_kwargs(self) -> dict[str, Any]:
        people = Person.objects.filter(committee_id=self.crew.committee_id).exclude(
            crew_memberships__crew=self.crew, crew_memberships__ended_on__isnull=True
        )
        return {**super().get_form_kwargs(), "people": people.order_by("name")}

    def get_initial(self) -> dict[str, Any]:
        return {"started_on": local_date(timezone.now())}

    def perform(self, form: Any) -> Any:
        return crews.enlist(crew=self.crew, **form.cleaned_data, **self.common)


class Discharge(CrewFormView):
    """离队."""

    form_class = DischargeForm
    title = gettext_lazy("队员离队")
    submit_label = gettext_lazy("办离队")
    danger = True

    def get_initial(self) -> dict[str, Any]:
        return {"ended_on": local_date(timezone.now())}

    def get_title(self) -> Any:
        member = self.member()
        return _("%(name)s离队") % {"name": member.person.name}

    def member(self) -> CrewMember:
        found: CrewMember = get_object_or_404(
            CrewMember.objects.select_related("person"),
            pk=self.kwargs["member_pk"],
            crew=self.crew,
        )
        return found

    def perform(self, form: Any) -> Any:
        return crews.discharge(member=self.member(), **form.cleaned_data, **self.common)


class AddVehicle(CrewFormView):
    form_class = VehicleForm
    title = gettext_lazy("加一辆车")
    submit_label = gettext_lazy("登记车辆")

    def get_initial(self) -> dict[str, Any]:
        return {"started_on": local_date(timezone.now())}

    def perform(self, form: Any) -> Any:
        return crews.enlist_vehicle(crew=self.crew, **form.cleaned_data, **self.common)


class RetireVehicle(CrewFormView):
    """停用一辆车."""

    form_class = RetireVehicleForm
    submit_label = gettext_lazy("停用")
    note = gettext_lazy("停用之后出队时不再带出；以前的出队里照样有它。")
    danger = True

    def get_initial(self) -> dict[str, Any]:
        return {"ended_on": local_date(timezone.now())}

    def get_title(self) -> Any:
        return _("停用%(plate)s") % {"plate": self.vehicle().plate}

    def vehicle(self) -> Vehicle:
        found: Vehicle = get_object_or_404(Vehicle, pk=self.kwargs["vehicle_pk"], crew=self.crew)
        return found

    def perform(self, form: Any) -> Any:
        return crews.retire_vehicle(vehicle=self.vehicle(), **form.cleaned_data, **self.common)


class CloseCrew(CrewFormView):
    """撤销服务队."""

    form_class = CloseCrewForm
    submit_label = gettext_lazy("撤销")
    note = gettext_lazy("队员和车辆从这天起离队、停用；出队记录和统计都留着。")
    danger = True

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        crew = Crew.objects.visible_to(request.user).filter(pk=kwargs["pk"]).first()
        if crew is not None and not may_close_crew(request.user, crew):
            raise PermissionDenied(_("只有本党委的党群部专责可以撤销服务队。"))
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {"closed_on": local_date(timezone.now())}

    def get_title(self) -> Any:
        return _("撤销%(name)s") % {"name": self.crew.name}

    def perform(self, form: Any) -> Any:
        return crews.close_crew(crew=self.crew, **form.cleaned_data, **self.common)


class AddNote(CrewFormView):
    form_class = NoteForm
    title = gettext_lazy("记一笔队史")
    submit_label = gettext_lazy("记下")

    def get_initial(self) -> dict[str, Any]:
        return {"happened_on": local_date(timezone.now())}

    def perform(self, form: Any) -> Any:
        return crews.add_note(crew=self.crew, **form.cleaned_data, **self.common)


class KeepEquipment(CrewFormView):
    form_class = EquipmentForm
    title = gettext_lazy("登记装备")
    submit_label = gettext_lazy("存下")
    note = gettext_lazy("同名的装备会改成新的数量。")

    def perform(self, form: Any) -> Any:
        return crews.keep_equipment(crew=self.crew, **form.cleaned_data, **self.common)


class EditCrew(CrewFormView):
    form_class = CrewForm
    title = gettext_lazy("修改服务队资料")
    submit_label = gettext_lazy("存下")

    def get_initial(self) -> dict[str, Any]:
        return {
            "name": self.crew.name,
            "pledge": self.crew.pledge,
            "commitments": self.crew.commitments,
        }

    def perform(self, form: Any) -> Any:
        return crews.edit_crew(crew=self.crew, values=form.cleaned_data, **self.common)
