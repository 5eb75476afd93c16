"""Excel: turnouts out as shown, figures out as shown, turnouts in with a look before the yes."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from branches.access import access_of
from branches.views.base import ServiceFormView
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.documents.excel import Column, Kind, Sheet, xlsx_response
from portal.kernel.errors import DomainError
from portal.kernel.months import local_date
from portal.kernel.ui import Crumb
from servicecrew.access import crews_of
from servicecrew.counting import figures_of_turnouts
from servicecrew.forms.turnouts import OpeningForm
from servicecrew.models import Crew, Operation, TurnoutImport
from servicecrew.selectors.figures import figures_page
from servicecrew.selectors.turnouts import STATUS, filtered
from servicecrew.services.imports import accept_import, keep_import, open_balance
from servicecrew.workbook import Reader, blank_sheet, turnout_sheet

MOST_ROWS = 5000


def _writable(user: User) -> list[Crew]:
    """Squads the user may bring turnouts in for: he leads them, or is an officer over them."""
    officer_of = access_of(user).officer_committees
    crews = Crew.objects.filter(level="squad", closed_on__isnull=True)
    mine = crews.filter(pk__in=crews_of(user).leads)
    found = list(mine) + list(crews.filter(committee_id__in=officer_of))
    return list({crew.pk: crew for crew in found}.values())


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("补录表"),
        help_text=gettext_lazy("Excel 文件（.xlsx），照补录表的列填"),
        error_messages={"required": gettext_lazy("请选一个文件。")},
    )


class Import(View):
    """从 Excel 补录."""

    def crews(self, request: HttpRequest) -> list[Crew]:
        crews = _writable(signed_in(request))
        if not crews:
            raise PermissionDenied(_("只有队长、副队长和党群部专责可以导入出队记录。"))
        return crews

    def show(
        self, request: HttpRequest, crews: list[Crew], form: UploadForm, status: int = 200
    ) -> HttpResponse:
        context = {
            "form": form,
            "crews": crews,
            "crumbs": [
                Crumb(_("出队记录"), reverse("servicecrew:turnouts")),
                Crumb(_("从 Excel 补录")),
            ],
        }
        return render(request, "servicecrew/turnouts/import.html", context, status=status)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, self.crews(request), UploadForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        crews = self.crews(request)
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(request, crews, form, 400)
        now = timezone.now()
        file = form.cleaned_data["file"]
        try:
            rows = Reader(crews, local_date(now)).read(file)
        except DomainError as error:
            form.add_error("file", error.message)
            return self.show(request, crews, form, error.status_code)
        kept = keep_import(
            uuid=uuid4(),
            filename=file.name,
            rows=[
                {
                    "number": row.number,
                    "subject": row.subject,
                    "crew_name": row.crew,
                    "day": row.day,
                    "people_count": row.people,
                    "vehicle_count": row.vehicles,
                    "problems": list(row.problems),
                    "notes": list(row.notes),
                    "plain": dict(row.plain),
                }
                for row in rows
            ],
            actor=signed_in(request),
            now=now,
        )
        return redirect("servicecrew:import-preview", uuid=kept.uuid)


class ImportSheet(View):
    """补录表: the empty workbook."""

    def get(self, request: HttpRequest) -> HttpResponse:
        crews = _writable(signed_in(request))
        if not crews:
            raise PermissionDenied(_("只有队长、副队长和党群部专责可以导入出队记录。"))
        return xlsx_response("出队补录表", [blank_sheet(crews)])


class ImportPreview(View):
    """Look first, then say yes."""

    def find(self, request: HttpRequest, uuid: UUID) -> TurnoutImport:
        kept = TurnoutImport.objects.filter(uuid=uuid, created_by=signed_in(request)).first()
        if kept is None:
            raise Http404
        return kept

    def show(
        self, request: HttpRequest, kept: TurnoutImport, *, refusal: str = "", status: int = 200
    ) -> HttpResponse:
        good = [row for row in kept.rows if not row["problems"]]
        context: dict[str, Any] = {
            "kept": kept,
            "rows": kept.rows,
            "good": len(good),
            "bad": len(kept.rows) - len(good),
            "people": sum(row["people_count"] for row in good),
            "refusal": refusal,
            "crumbs": [
                Crumb(_("从 Excel 补录"), reverse("servicecrew:import")),
                Crumb(kept.filename),
            ],
        }
        return render(request, "servicecrew/turnouts/import_preview.html", context, status=status)

    def get(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        return self.show(request, self.find(request, uuid))

    def post(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        kept = self.find(request, uuid)
        try:
            accept_import(kept_id=kept.pk, actor=signed_in(request), now=timezone.now())
        except DomainError as error:
            return self.show(request, kept, refusal=error.message, status=error.status_code)
        return redirect(f"{reverse('servicecrew:turnouts')}?status=logged")


class ExportTurnouts(View):
    """The list as a workbook: exactly what the filter shows, at most five thousand rows."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows, _kept = filtered(signed_in(request), request.GET.dict())
        status = request.GET.get("status", "")
        rows = rows.filter(status=status) if status in STATUS else rows.exclude(status="void")
        turnouts = list(
            rows.select_related("crew", "operation").order_by("-started_on", "-pk")[:MOST_ROWS]
        )
        figures: dict[int, Any] = {}
        for first in range(0, len(turnouts), 500):
            batch = [turnout.pk for turnout in turnouts[first : first + 500]]
            figures |= figures_of_turnouts(batch)
        return xlsx_response("出队记录", [turnout_sheet(turnouts, figures)])


class FiguresPage(View):
    """数字怎么来的."""

    def get(self, request: HttpRequest) -> HttpResponse:
        page = figures_page(
            user=signed_in(request), asked=request.GET.dict(), today=local_date(timezone.now())
        )
        return render(request, "servicecrew/figures/page.html", {"page": page})


class ExportFigures(View):
    """The parts of a figure as a workbook."""

    def get(self, request: HttpRequest) -> HttpResponse:
        page = figures_page(
            user=signed_in(request), asked=request.GET.dict(), today=local_date(timezone.now())
        )
        total = page.total
        sheet = Sheet(
            name=_("出队统计"),
            title=_("“海丝之光”出队统计"),
            columns=[
                Column(page.part_name, width=24),
                Column(_("出队次数"), Kind.INTEGER),
                Column(_("出动人次"), Kind.INTEGER),
                Column(_("出动台次"), Kind.INTEGER),
            ],
            rows=[(part.label, *_three(part.figures)) for part in page.parts],
            totals=(_("合计"), *_three(total)),
        )
        return xlsx_response("出队统计", [sheet])


def _three(figures: Any) -> tuple[int, int, int]:
    return figures.turnouts, figures.person_times, figures.vehicle_times


class OpenBalance(ServiceFormView):
    """录入期初数."""

    form_class = OpeningForm
    title = gettext_lazy("录入期初数")
    submit_label = gettext_lazy("录入")
    note = gettext_lazy("建档以前在纸上数过的，按队、类别、行动各录一笔；页面上始终单列。")

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not access_of(request.user).is_officer:
            raise PermissionDenied(_("只有党群部专责可以录入期初数。"))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        mine = access_of(self.user).officer_committees
        return {
            **super().get_form_kwargs(),
            "crews": Crew.objects.filter(committee_id__in=mine, level="squad"),
            "operations": Operation.objects.visible_to(self.user),
        }

    def get_back_url(self) -> str:
        return reverse("servicecrew:figures")

    def perform(self, form: Any) -> Any:
        return open_balance(**form.cleaned_data, actor=self.user, now=timezone.now())
