"""Pages of turnouts: list, one turnout, its forms, paper."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import View

from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from portal.kernel.months import local_date
from portal.kernel.ui import Crumb
from portal.offline.keeping import keepable
from servicecrew.errors import TurnoutConflict
from servicecrew.forms.operations import PhotosForm
from servicecrew.forms.turnouts import PeopleForm, ReasonForm, TimesForm, TurnoutForm
from servicecrew.models import Crew, Operation, Turnout, Vehicle
from servicecrew.permissions import may_edit_turnout, may_mark, may_show_photos
from servicecrew.selectors.turnout_page import turnout_for_page, turnout_page
from servicecrew.selectors.turnouts import turnout_list
from servicecrew.services import photos, steps
from servicecrew.services.turnout_rows import PersonDay, VehicleDay, in_force, roster_on
from servicecrew.services.turnouts import EDITABLE, edit_turnout


class TurnoutList(View):
    """出队记录."""

    def get(self, request: HttpRequest) -> HttpResponse:
        page = turnout_list(
            user=signed_in(request),
            asked=request.GET.dict(),
            today=local_date(timezone.now()),
        )
        return render(request, "servicecrew/turnouts/list.html", {"ledger": page})


class TurnoutView(View):
    """What every address of one turnout shares: a stranger gets 404, a refusal the page."""

    def find(self, uuid: UUID) -> Turnout:
        try:
            return turnout_for_page(signed_in(self.request), uuid)
        except Turnout.DoesNotExist:
            raise Http404 from None

    def crumbs(self, turnout: Turnout, *more: str) -> list[Crumb]:
        first = Crumb(_("出队记录"), reverse("servicecrew:turnouts"))
        here = reverse("servicecrew:turnout", args=[turnout.uuid])
        if not more:
            return [first, Crumb(turnout.number or _("草稿"))]
        return [first, Crumb(turnout.subject, here), *(Crumb(label) for label in more)]

    def show(
        self,
        uuid: UUID,
        *,
        status: int = 200,
        refusal: str = "",
        reason_form: ReasonForm | None = None,
        open_step: str = "",
    ) -> HttpResponse:
        turnout = self.find(uuid)
        page = turnout_page(turnout=turnout, user=signed_in(self.request), now=timezone.now())
        context = {
            "page": page,
            "turnout": turnout,
            "crumbs": self.crumbs(turnout),
            "page_title": _("出队小结"),
            "refusal": refusal,
            "reason_form": reason_form or ReasonForm(),
            "open_step": open_step,
        }
        return render(self.request, "servicecrew/turnouts/detail.html", context, status=status)


class TurnoutPage(TurnoutView):
    """出队小结."""

    def get(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        return self.show(uuid)


class TurnoutSheet(TurnoutView):
    """出队记录单: A4 paper of one turnout."""

    def get(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        turnout = self.find(uuid)
        page = turnout_page(turnout=turnout, user=signed_in(request), now=timezone.now())
        context = {"page": page, "turnout": turnout, "crumbs": self.crumbs(turnout, _("记录单"))}
        return render(request, "servicecrew/turnouts/sheet.html", context)


class TurnoutPhotos(TurnoutView):
    """加照片. Optional; the record counts without."""

    def page(self, turnout: Turnout, form: PhotosForm, status: int = 200) -> HttpResponse:
        here = reverse("servicecrew:turnout", args=[turnout.uuid])
        context = {
            "form": form,
            "title": _("加照片"),
            "submit_label": _("加上"),
            "back_url": here,
            "crumbs": self.crumbs(turnout, _("加照片")),
        }
        return render(self.request, "branches/plain_form.html", context, status=status)

    def get(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        turnout = self.find(uuid)
        if not may_show_photos(signed_in(request), turnout):
            raise PermissionDenied(_("只有本队队员可以加照片。"))
        return self.page(turnout, PhotosForm())

    def post(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        turnout = self.find(uuid)
        user = signed_in(request)
        if not may_show_photos(user, turnout):
            raise PermissionDenied(_("只有本队队员可以加照片。"))
        form = PhotosForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(turnout, form, 400)
        try:
            photos.add_photos(
                owner=turnout,
                photos=form.cleaned_data["photos"],
                actor=user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.refuse(error)
            return self.page(turnout, form, error.status_code)
        return redirect(f"{reverse('servicecrew:turnout', args=[uuid])}#photos")


class RemoveTurnoutPhoto(TurnoutView):
    """去掉一张照片."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, uuid: UUID, photo: UUID) -> HttpResponse:
        photos.take_photo_away(
            owner=self.find(uuid), photo_id=photo, actor=signed_in(request), now=timezone.now()
        )
        return redirect(f"{reverse('servicecrew:turnout', args=[uuid])}#photos")


class BlankSheet(View):
    """空白记录单: to be taken along where there is neither network nor battery."""

    def get(self, request: HttpRequest) -> HttpResponse:
        crew = Crew.objects.served_by(signed_in(request)).order_by("sort_order", "pk").first()
        today = local_date(timezone.now())
        context = {
            "crew": crew,
            "roster": roster_on(crew, today) if crew else [],
            "vehicles": Vehicle.objects.filter(in_force(today), crew=crew) if crew else [],
            "blank_rows": range(6),
        }
        return render(request, "servicecrew/turnouts/blank.html", context)


@method_decorator(keepable, name="dispatch")
class TurnoutEdit(TurnoutView):
    """补填出队记录."""

    def allowed(self, uuid: UUID) -> Turnout:
        turnout = self.find(uuid)
        if not may_edit_turnout(signed_in(self.request), turnout):
            raise PermissionDenied(_("只有队长、副队长可以改出队记录。"))
        return turnout

    def form(self, turnout: Turnout, data: Any = None) -> TurnoutForm:
        visible = Operation.objects.visible_to(signed_in(self.request))
        return TurnoutForm(data, instance=turnout, operations=visible)

    def draw(
        self,
        turnout: Turnout,
        form: TurnoutForm,
        *,
        status: int = 200,
        conflict: Any = None,
        refusal: str = "",
    ) -> HttpResponse:
        context = {
            "turnout": turnout,
            "form": form,
            "crumbs": self.crumbs(turnout, _("补填")),
            "conflict": conflict,
            "refusal": refusal,
        }
        return render(self.request, "servicecrew/turnouts/edit.html", context, status=status)

    def get(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        turnout = self.allowed(uuid)
        return self.draw(turnout, self.form(turnout))

    def post(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        turnout = self.allowed(uuid)
        form = self.form(turnout, request.POST)
        if not form.is_valid():
            return self.draw(turnout, form, status=400)
        try:
            edit_turnout(
                turnout_id=turnout.pk,
                values=form.values(),
                version=form.cleaned_data["version"] or 0,
                key=form.cleaned_data["key"],
                reason=form.cleaned_data["reason"],
                actor=signed_in(request),
                now=timezone.now(),
            )
        except TurnoutConflict as conflict:
            return self.draw(
                turnout,
                form,
                status=409,
                refusal=conflict.message,
                conflict=_side_by_side(conflict, form),
            )
        except DomainError as error:
            form.refuse(error)
            return self.draw(turnout, form, status=error.status_code)
        return redirect("servicecrew:turnout", uuid=uuid)


def _side_by_side(conflict: TurnoutConflict, form: TurnoutForm) -> dict[str, Any]:
    """What stands and what was typed, where they differ."""
    rows = []
    for name in EDITABLE:
        field = name.removesuffix("_id")
        stands = getattr(conflict.turnout, name)
        yours = conflict.yours.get(name)
        if field in form.fields and (stands or "") != (yours or ""):
            display = getattr(conflict.turnout, f"get_{field}_display", None)
            rows.append((form[field].label, display() if display else stands, yours))
    return {"rows": rows, "version": conflict.turnout.version}


class TurnoutTimes(TurnoutView):
    """改时间."""

    def draw(self, turnout: Turnout, form: TimesForm, *, status: int = 200) -> HttpResponse:
        page = turnout_page(turnout=turnout, user=signed_in(self.request), now=timezone.now())
        context = {
            "turnout": turnout,
            "page": page,
            "form": form,
            "crumbs": self.crumbs(turnout, _("改时间")),
        }
        return render(self.request, "servicecrew/turnouts/times.html", context, status=status)

    def allowed(self, uuid: UUID) -> Turnout:
        turnout = self.find(uuid)
        if not may_mark(signed_in(self.request), turnout):
            raise PermissionDenied(_("只有本队的队员可以记时间。"))
        return turnout

    def get(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        turnout = self.allowed(uuid)
        return self.draw(turnout, TimesForm(turnout))

    def post(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        turnout = self.allowed(uuid)
        form = TimesForm(turnout, request.POST)
        if not form.is_valid():
            return self.draw(turnout, form, status=400)
        statements = form.statements()
        try:
            if statements:
                steps.mark_turnout(
                    turnout_id=turnout.pk,
                    statements=statements,
                    actor=signed_in(request),
                    now=timezone.now(),
                )
        except DomainError as error:
            form.refuse(error)
            return self.draw(turnout, form, status=error.status_code)
        return redirect("servicecrew:turnout", uuid=uuid)


class TurnoutPeople(TurnoutView):
    """加人加车: who and what was out, one day and shift at a time."""

    def allowed(self, uuid: UUID) -> Turnout:
        turnout = self.find(uuid)
        if not may_edit_turnout(signed_in(self.request), turnout):
            raise PermissionDenied(_("只有队长、副队长可以改人员和车辆。"))
        return turnout

    def form(self, turnout: Turnout, data: Any = None) -> PeopleForm:
        asked = self.request.GET
        day = turnout.started_on
        shift = int(asked["shift"]) if asked.get("shift", "").isdigit() else 1
        crews = [party.crew for party in turnout.parties.all()]
        people: dict[str, str] = {}
        vehicles: dict[str, str] = {}
        for crew in crews:
            tail = f"（{crew.name}）" if len(crews) > 1 else ""
            for member in roster_on(crew, day):
                role = "" if member.role == "member" else f" {member.get_role_display()}"
                people[f"{crew.pk}:{member.person_id}"] = f"{member.person.name}{role}{tail}"
            for vehicle in Vehicle.objects.filter(in_force(day), crew=crew):
                vehicles[f"{crew.pk}:{vehicle.pk}"] = f"{vehicle}{tail}"
        for row in turnout.people.all():
            people.setdefault(f"{row.crew_id}:{row.person_id}", row.person.name)
        for out in turnout.vehicles.all():
            vehicles.setdefault(f"{out.crew_id}:{out.vehicle_id}", str(out.vehicle))
        return PeopleForm(
            data,
            people=list(people.items()),
            vehicles=list(vehicles.items()),
            initial={
                "day": day,
                "shift": shift,
                "version": turnout.version,
                "key": uuid4(),
                "people": [
                    f"{row.crew_id}:{row.person_id}"
                    for row in turnout.people.all()
                    if row.day == day and row.shift == shift
                ],
                "vehicles": [
                    f"{row.crew_id}:{row.vehicle_id}"
                    for row in turnout.vehicles.all()
                    if row.day == day
                ],
            },
        )

    def draw(self, turnout: Turnout, form: PeopleForm, *, status: int = 200) -> HttpResponse:
        others = (
            Crew.objects.filter(level="squad", closed_on__isnull=True)
            .exclude(pk__in=[party.crew_id for party in turnout.parties.all()])
            .order_by("sort_order", "pk")
        )
        context = {
            "turnout": turnout,
            "form": form,
            "others": others,
            "crumbs": self.crumbs(turnout, _("人和车")),
        }
        return render(self.request, "servicecrew/turnouts/people.html", context, status=status)

    def get(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        turnout = self.allowed(uuid)
        return self.draw(turnout, self.form(turnout))

    def post(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        turnout = self.allowed(uuid)
        actor, now = signed_in(request), timezone.now()
        if added := request.POST.get("add_crew", ""):
            crews = [party.crew_id for party in turnout.parties.all()]
            edit_turnout(
                turnout_id=turnout.pk,
                values={},
                version=turnout.version,
                other_crews=[*crews, int(added)] if added.isdigit() and len(added) < 18 else crews,
                actor=actor,
                now=now,
            )
            return redirect("servicecrew:turnout-people", uuid=uuid)
        form = self.form(turnout, request.POST)
        if not form.is_valid():
            return self.draw(turnout, form, status=400)
        data = form.cleaned_data
        day, shift = data["day"], data["shift"]
        roles = {
            row.person_id: row.role
            for crew in turnout.crews.all()
            for row in roster_on(crew, turnout.started_on)
        }
        people = [
            PersonDay(row.person_id, row.crew_id, row.day, row.role, row.shift)
            for row in turnout.people.all()
            if (row.day, row.shift) != (day, shift)
        ]
        people += [
            PersonDay(person, crew, day, roles.get(person, "member"), shift)
            for crew, person in map(_pair, data["people"])
        ]
        vehicles = [
            VehicleDay(row.vehicle_id, row.crew_id, row.day)
            for row in turnout.vehicles.all()
            if row.day != day
        ]
        vehicles += [
            VehicleDay(vehicle, crew, day) for crew, vehicle in map(_pair, data["vehicles"])
        ]
        try:
            edit_turnout(
                turnout_id=turnout.pk,
                values={},
                version=data["version"],
                people=people,
                vehicles=vehicles,
                key=data["key"],
                actor=actor,
                now=now,
            )
        except DomainError as error:
            form.refuse(error)
            return self.draw(turnout, form, status=error.status_code)
        return redirect("servicecrew:turnout", uuid=uuid)


def _pair(text: str) -> tuple[int, int]:
    crew, _colon, other = text.partition(":")
    return int(crew), int(other)
