"""Pages of operations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from branches.access import access_of
from branches.models import Committee
from branches.views.base import ServiceFormView
from portal.accounts.requests import signed_in
from portal.kernel.months import local_date
from portal.kernel.ui import Crumb
from portal.offline.keeping import keepable
from servicecrew.counties import COUNTIES
from servicecrew.forms.operations import (
    AffectedForm,
    EventForm,
    OperationEditForm,
    OperationForm,
    OutageForm,
    PhotosForm,
    TeamForm,
)
from servicecrew.models import Crew, Operation
from servicecrew.permissions import may_report_operation, may_run_operation
from servicecrew.selectors.operations import operation_list, operation_page
from servicecrew.services import operations, photos

SHOWN = ("people", "vehicles", "crews")


def visible_operation(request: HttpRequest, pk: int) -> Operation:
    found: Operation = get_object_or_404(
        Operation.objects.visible_to(signed_in(request)).select_related("committee"), pk=pk
    )
    return found


def crumbs(operation: Operation, *more: str) -> list[Crumb]:
    first = Crumb(_("保供电行动"), reverse("servicecrew:operations"))
    if not more:
        return [first, Crumb(_("%(year)d年") % {"year": operation.started_on.year})]
    here = reverse("servicecrew:operation", args=[operation.pk])
    return [first, Crumb(operation.name, here), *(Crumb(label) for label in more)]


class OperationList(View):
    """保供电行动."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = signed_in(request)
        rows = operation_list(user=user, today=local_date(timezone.now()))
        context = {
            "rows": rows,
            "open_count": sum(row.operation.is_open for row in rows),
            "may_open": access_of(user).is_officer,
        }
        return render(request, "servicecrew/operations/list.html", context)


@method_decorator(keepable, name="dispatch")
class OperationPageView(View):
    """一次行动. Its figures and its map can be looked at where there is no signal."""

    template = "servicecrew/operations/detail.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        operation = visible_operation(request, pk)
        show = request.GET.get("show", "people")
        page = operation_page(
            operation=operation,
            user=signed_in(request),
            now=timezone.now(),
            chosen=show if show in SHOWN else "people",
            county=request.GET.get("county", ""),
            everything=request.GET.get("all") == "1" or self.template.endswith("report.html"),
        )
        context = {"page": page, "operation": operation, "crumbs": self.crumbs(operation)}
        return render(request, self.template, context)

    def crumbs(self, operation: Operation) -> list[Crumb]:
        return crumbs(operation)


class OperationReport(OperationPageView):
    """战报: a draft in which every figure leads to its rows."""

    template = "servicecrew/operations/report.html"

    def crumbs(self, operation: Operation) -> list[Crumb]:
        return crumbs(operation, _("战报"))


class OperationCreate(ServiceFormView):
    """发起行动."""

    form_class = OperationForm
    title = gettext_lazy("发起一次保供电行动")
    submit_label = gettext_lazy("发起")

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not access_of(request.user).is_officer:
            raise PermissionDenied(_("只有党群部专责可以发起行动。"))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        mine = Committee.objects.filter(pk__in=access_of(self.user).officer_committees)
        return {**super().get_form_kwargs(), "committees": mine}

    def get_initial(self) -> dict[str, Any]:
        return {"started_on": local_date(timezone.now())}

    def perform(self, form: Any) -> Any:
        return operations.open_operation(**form.cleaned_data, actor=self.user, now=timezone.now())

    def get_back_url(self) -> str:
        return reverse("servicecrew:operations")

    def get_success_url(self) -> str:
        return reverse("servicecrew:operation", args=[self.result.pk])


class OperationFormView(ServiceFormView):
    """A form about one operation."""

    allowed: Any = staticmethod(may_run_operation)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            raise Http404
        self.operation = visible_operation(request, kwargs["pk"])
        if not self.allowed(request.user, self.operation):
            raise PermissionDenied(_("只有牵头党委的党群部专责可以改这次行动。"))
        return super().dispatch(request, *args, **kwargs)

    def get_back_url(self) -> str:
        return reverse("servicecrew:operation", args=[self.operation.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            crumbs=crumbs(self.operation, str(self.get_title())), **kwargs
        )


class OperationEdit(OperationFormView):
    form_class = OperationEditForm
    title = gettext_lazy("概况、复盘和结束日期")
    submit_label = gettext_lazy("存下")

    def get_initial(self) -> dict[str, Any]:
        names = ("commander", "landfall_at", "summary", "lessons", "ended_on", "version")
        return {name: getattr(self.operation, name) for name in names}

    def perform(self, form: Any) -> Any:
        values = dict(form.cleaned_data)
        version = values.pop("version")
        return operations.edit_operation(
            operation_id=self.operation.pk,
            values=values,
            version=version,
            actor=self.user,
            now=timezone.now(),
        )


class AddEvent(OperationFormView):
    form_class = EventForm
    title = gettext_lazy("加一条记录")
    submit_label = gettext_lazy("记下")
    allowed = staticmethod(may_report_operation)

    def get_initial(self) -> dict[str, Any]:
        return {"happened_at": timezone.now(), "who": self.user.display_name}

    def perform(self, form: Any) -> Any:
        return operations.add_event(
            operation=self.operation, **form.cleaned_data, actor=self.user, now=timezone.now()
        )


class SetAffected(OperationFormView):
    form_class = AffectedForm
    title = gettext_lazy("各区县影响户数")
    submit_label = gettext_lazy("存下")
    note = gettext_lazy("填了才能报停电时报、画曲线。没有影响的区县不填。")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "counties": COUNTIES}

    def get_initial(self) -> dict[str, Any]:
        return dict(self.operation.counties.values_list("county", "customers_affected"))

    def perform(self, form: Any) -> Any:
        return operations.set_affected(
            operation=self.operation,
            affected=form.affected(),
            actor=self.user,
            now=timezone.now(),
        )


class PlaceTeam(OperationFormView):
    form_class = TeamForm
    title = gettext_lazy("前置力量")
    submit_label = gettext_lazy("排上")

    def get_form_kwargs(self) -> dict[str, Any]:
        squads = Crew.objects.visible_to(self.user).filter(level="squad", closed_on__isnull=True)
        return {**super().get_form_kwargs(), "crews": squads}

    def get_initial(self) -> dict[str, Any]:
        return {"placed_at": timezone.now()}

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        return operations.place_teams(
            operation=self.operation,
            teams=[(data["crew"], data["place"], data["people"], data["vehicles"])],
            placed_at=data["placed_at"],
            actor=self.user,
            now=timezone.now(),
        )


class OperationPhotos(OperationFormView):
    form_class = PhotosForm
    title = gettext_lazy("加照片")
    submit_label = gettext_lazy("加上")
    allowed = staticmethod(may_report_operation)

    def perform(self, form: Any) -> Any:
        return photos.add_photos(
            owner=self.operation,
            photos=form.cleaned_data["photos"],
            actor=self.user,
            now=timezone.now(),
        )


class RemoveOperationPhoto(View):
    """去掉一张照片."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, photo: UUID) -> HttpResponse:
        operation = visible_operation(request, pk)
        photos.take_photo_away(
            owner=operation, photo_id=photo, actor=signed_in(request), now=timezone.now()
        )
        return redirect("servicecrew:operation", pk=pk)


class ReportOutages(OperationFormView):
    form_class = OutageForm
    title = gettext_lazy("停电时报")
    submit_label = gettext_lazy("报上")
    note = gettext_lazy("填各区县这一时刻还没有复电的户数。同一时刻再报一次，以后报的为准。")

    def get_form_kwargs(self) -> dict[str, Any]:
        counties = list(self.operation.counties.values_list("county", flat=True).order_by("pk"))
        return {**super().get_form_kwargs(), "counties": counties}

    def get_initial(self) -> dict[str, Any]:
        return {"reported_at": timezone.now().replace(minute=0, second=0, microsecond=0)}

    def perform(self, form: Any) -> Any:
        return operations.report_outages(
            operation=self.operation,
            reported_at=form.cleaned_data["reported_at"],
            out=form.out(),
            source=form.cleaned_data["source"],
            actor=self.user,
            now=timezone.now(),
        )
