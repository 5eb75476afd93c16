"""Pages of the score sheet, phone first: the desk, the task, one item at a time, both sides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import View

from branches.models import Person
from evaluations.models import Finding, FindingKind, Inspection, Severity
from evaluations.permissions import may_confirm_sheet, may_fill_sheet
from evaluations.selectors.rechecks import old_findings
from evaluations.selectors.sheets import desk, pad, sections, sheets_for, summary, ticks
from evaluations.selectors.signers import signers_of
from evaluations.services import rechecks, sheet_photos, sheets
from evaluations.services.sheet_state import SheetState, read_sheet
from evaluations.services.sheets import LineInput, OverrideInput
from portal.accounts.requests import signed_in
from portal.attachments.forms import AttachmentsField
from portal.attachments.limits import PHOTOS
from portal.kernel.errors import DomainError, EditConflict
from portal.kernel.marks import one_decimal
from portal.kernel.months import local_date
from portal.kernel.words import zh_time
from portal.offline.clock import Moment
from portal.offline.keeping import keepable


@method_decorator(keepable, name="dispatch")
class SheetList(View):
    """互查: what I inspect, what I confirm."""

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"desk": desk(signed_in(request)), "today": local_date(timezone.now())}
        return render(request, "evaluations/sheets/desk.html", context)


@method_decorator(keepable, name="dispatch")
class SheetView(View):
    """What every page of one sheet shares. A stranger gets a 404."""

    def find(self, pk: int) -> Inspection:
        found: Inspection = get_object_or_404(sheets_for(signed_in(self.request)), pk=pk)
        return found


class SheetPage(SheetView):
    """任务单: whom, when, focus, last findings, and every item with its marks."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        inspection = self.find(pk)
        if inspection.status not in ("planned", "under_way"):
            return redirect("evaluations:sheet-summary", pk=pk)
        return self.show(inspection)

    def show(
        self,
        inspection: Inspection,
        *,
        refusal: str = "",
        status: int = 200,
        recheck: dict[str, Any] | None = None,
    ) -> HttpResponse:
        members = inspection.team.members.select_related("person")
        state = read_sheet(inspection, members)
        may_fill = may_fill_sheet(self.request.user, inspection)
        unchecked = state.unchecked
        context = {
            "inspection": inspection,
            "round": inspection.round,
            "state": state,
            "sections": sections(state),
            "ticks": ticks(state),
            "members": members,
            "old": old_findings(inspection, signed_in(self.request), timezone.now()),
            "recheck": recheck or {},
            "may_fill": may_fill,
            "go_on": unchecked[0] if unchecked else state.items[0],
            "unchecked": unchecked,
            "refusal": refusal,
        }
        return render(self.request, "evaluations/sheets/task.html", context, status=status)


class StartSheet(SheetPage):
    """开始检查."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        inspection = self.find(pk)
        try:
            sheets.start_sheet(inspection_id=pk, actor=signed_in(request), now=timezone.now())
        except DomainError as error:
            return self.show(inspection, refusal=error.message, status=error.status_code)
        first = read_sheet(inspection)
        entry = (first.unchecked or first.items)[0]
        return redirect("evaluations:sheet-item", pk=pk, item_pk=entry.item.pk)


class Recheck(SheetPage):
    """复核: an earlier finding, put right or not, said on the spot."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, finding_pk: int) -> HttpResponse:
        inspection = self.find(pk)
        try:
            rechecks.recheck_finding(
                finding_id=finding_pk,
                visit_id=pk,
                holds=request.POST.get("holds") == "yes",
                note=request.POST.get("note", ""),
                actor=signed_in(request),
                now=timezone.now(),
            )
        except Finding.DoesNotExist:
            raise Http404 from None
        except DomainError as error:
            beside = error.field == "note"
            return self.show(
                inspection,
                refusal="" if beside else error.message,
                recheck={
                    "pk": finding_pk,
                    "note": request.POST.get("note", ""),
                    "problem": error.message if beside else "",
                },
                status=error.status_code,
            )
        return redirect(f"{reverse('evaluations:sheet', args=[pk])}#old-findings")


class TakeBackRecheck(SheetPage):
    """撤回复核: what was said of an earlier finding by mistake."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, finding_pk: int) -> HttpResponse:
        inspection = self.find(pk)
        try:
            rechecks.take_back_recheck(
                finding_id=finding_pk,
                visit_id=pk,
                actor=signed_in(request),
                now=timezone.now(),
            )
        except Finding.DoesNotExist:
            raise Http404 from None
        except DomainError as error:
            return self.show(inspection, refusal=error.message, status=error.status_code)
        return redirect(f"{reverse('evaluations:sheet', args=[pk])}#old-findings")


class ItemPage(SheetView):
    """One item: tap a rule, count, write the fact, see the marks at once.

    The page saves as one goes (a request that accepts JSON) and works as a plain form too.
    """

    def get(self, request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
        inspection = self.find(pk)
        if inspection.status not in ("planned", "under_way"):
            return redirect("evaluations:sheet-summary", pk=pk)
        if not may_fill_sheet(request.user, inspection):
            raise PermissionDenied
        return self.show(inspection, item_pk)

    def show(
        self,
        inspection: Inspection,
        item_pk: int,
        *,
        typed: dict[int, dict[str, Any]] | None = None,
        error: DomainError | None = None,
        status: int = 200,
    ) -> HttpResponse:
        card = pad(
            inspection,
            item_pk,
            typed=typed,
            errors=_rule_errors(error),
            today=local_date(timezone.now()),
        )
        if card is None:
            raise Http404
        context = {
            "inspection": inspection,
            "round": inspection.round,
            "state": card.state,
            "pad": card,
            "ticks": ticks(card.state, item_pk),
            "severities": Severity.choices,
            "kinds": FindingKind.choices,
            "error": error,
            "is_conflict": isinstance(error, EditConflict),
            "left": len(card.state.unchecked),
        }
        return render(self.request, "evaluations/sheets/item.html", context, status=status)

    def post(self, request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
        typed = _typed(request)
        wants_json = "application/json" in request.headers.get("Accept", "")
        try:
            lines = [
                LineInput(
                    rule_id=rule_id,
                    count=_count(values["count"]),
                    fact=values["fact"],
                    severity=values["severity"],
                    kind=values["kind"],
                )
                for rule_id, values in typed.items()
                if not _says_not_applicable(request)
            ]
            state = sheets.save_item(
                inspection_id=pk,
                item_id=item_pk,
                lines=lines,
                override=_override(request),
                version=_version(request),
                actor=signed_in(request),
                now=timezone.now(),
            )
            _photos(request, pk, typed)
        except (Inspection.DoesNotExist, PermissionDenied):
            self.find(pk)  # a stranger is told that there is nothing
            raise
        except DomainError as error:
            inspection = self.find(pk)
            if wants_json:
                return JsonResponse(
                    {"code": error.code, "message": error.message, "field": error.field},
                    status=error.status_code,
                )
            shown = {rule: {**v, "count": _shown(v["count"])} for rule, v in typed.items()}
            return self.show(
                inspection, item_pk, typed=shown, error=error, status=error.status_code
            )
        if wants_json:
            return JsonResponse(_saved(state, item_pk))
        return redirect(self._after(request, state, item_pk))

    def _after(self, request: HttpRequest, state: SheetState, item_pk: int) -> str:
        then = request.POST.get("then", "")
        numbers = [entry.item.pk for entry in state.items]
        at = numbers.index(item_pk)
        pk = state.inspection.pk
        if then == "previous" and at:
            return reverse("evaluations:sheet-item", args=[pk, numbers[at - 1]])
        if then == "next" and at + 1 < len(numbers):
            return reverse("evaluations:sheet-item", args=[pk, numbers[at + 1]])
        if then == "next":
            return reverse("evaluations:sheet-summary", args=[pk])
        if then == "list":
            return reverse("evaluations:sheet", args=[pk])
        return reverse("evaluations:sheet-item", args=[pk, item_pk])


def _photos(request: HttpRequest, pk: int, rules: Iterable[int]) -> None:
    """Pictures chosen, or taken away, where no script sends them by itself."""
    common: dict[str, Any] = {
        "inspection_id": pk,
        "actor": signed_in(request),
        "now": timezone.now(),
    }
    gone = request.POST.get("drop_photo", "")
    if gone:
        try:
            sheet_photos.take_photo_away(photo_id=UUID(gone), **common)
        except ValueError:
            raise Http404 from None
    for rule in rules:
        chosen = request.FILES.getlist(f"photo-{rule}")
        try:
            for picture in AttachmentsField(profile=PHOTOS).clean(chosen):
                sheet_photos.keep_photo(
                    photo_id=uuid4(),
                    rule_id=rule,
                    picture=picture,
                    made=Moment(common["now"]),
                    **common,
                )
        except ValidationError as error:
            raise DomainError("".join(error.messages), field=f"photo-{rule}") from None
        except DomainError as error:
            error.field = f"photo-{rule}"
            raise


def _typed(request: HttpRequest) -> dict[int, dict[str, Any]]:
    """What the pad sent, by rule. Fields: count-N, fact-N, severity-N, kind-N."""
    found: dict[int, dict[str, Any]] = {}
    for name, value in request.POST.items():
        head, _dash, tail = name.partition("-")
        if head == "count" and tail.isascii() and tail.isdigit() and len(tail) < 18:
            rule = int(tail)
            found[rule] = {
                "count": value,
                "fact": request.POST.get(f"fact-{rule}", ""),
                "severity": request.POST.get(f"severity-{rule}", Severity.MINOR),
                "kind": request.POST.get(f"kind-{rule}", FindingKind.FIX_BY_DATE),
            }
    return found


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise DomainError(_("次数请填0到999的整数。"), field="count")
    return int(text)


def _shown(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _override(request: HttpRequest) -> OverrideInput | None:
    if request.POST.get("then") == "judged":
        return OverrideInput("judged", request.POST.get("early_reason", "")[:200])
    if _says_not_applicable(request):
        return OverrideInput("not_applicable", request.POST.get("na_reason", "")[:200])
    state = request.POST.get("override", "")
    if not state:
        return None
    return OverrideInput(state, request.POST.get("override_reason", "")[:200])


def _says_not_applicable(request: HttpRequest) -> bool:
    return request.POST.get("then") == "not_applicable"


def _rule_errors(error: DomainError | None) -> dict[int, str]:
    if error is None or not error.field:
        return {}
    _head, _dash, tail = error.field.partition("-")
    return {int(tail): error.message} if tail.isdigit() else {}


def _saved(state: SheetState, item_pk: int) -> dict[str, Any]:
    entry = state.item(item_pk)
    return {
        "version": entry.version,
        "marks": one_decimal(entry.marks),
        "deducted": one_decimal(entry.deducted),
        "total": one_decimal(state.score.base),
        "total_deducted": one_decimal(state.score.deducted),
        "left": len(state.unchecked),
        "saved_at": zh_time(entry.check.checked_at) if entry.check else "",
    }


class SummaryPage(SheetView):
    """汇总与当面确认: total, key work, biggest deductions, findings, both signatures."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.find(pk))

    def show(
        self,
        inspection: Inspection,
        *,
        error: DomainError | None = None,
        status: int = 200,
    ) -> HttpResponse:
        user = self.request.user
        may_fill = may_fill_sheet(user, inspection)
        round_ = inspection.round
        may_submit = (
            may_fill and inspection.status in ("planned", "under_way") and inspection.is_in_window
        )
        signatures = inspection.signatures.select_related("person")
        signers = (
            signers_of(inspection)
            if may_fill and inspection.status in ("planned", "under_way", "submitted")
            else Person.objects.none()
        )
        to_recheck = (
            Finding.objects.to_recheck_on(inspection).values_list("pk")
            if may_submit
            else Finding.objects.none()
        )
        found = summary(inspection, signatures, signers, to_recheck)
        context = {
            "inspection": inspection,
            "round": round_,
            "summary": found,
            "state": found.state,
            "unchecked": found.state.unchecked,
            "signatures": {s.side: s for s in signatures},
            "signers": signers,
            "may_submit": may_submit,
            "old_left": len(to_recheck),
            "may_take_back": may_fill
            and inspection.status == "submitted"
            and inspection.replaces_id is None
            and inspection.is_in_window,
            "may_confirm": may_confirm_sheet(user, inspection)
            and inspection.status == "submitted"
            and not round_.is_published,
            "error": error,
            "typed_objection": self.request.POST.get("objection", ""),
            "typed_highlights": self.request.POST.get("highlights", inspection.highlights),
        }
        return render(self.request, "evaluations/sheets/summary.html", context, status=status)


class SummaryStep(SummaryPage):
    """A step from the summary, by POST; a refusal comes back beside its button. Who opens the
    address again (a reload, a bookmark) comes to the summary."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.find(pk)
        return redirect("evaluations:sheet-summary", pk=pk)

    def take(self, inspection: Inspection) -> None:
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        inspection = self.find(pk)
        try:
            self.take(inspection)
        except DomainError as error:
            return self.show(self.find(pk), error=error, status=error.status_code)
        return redirect("evaluations:sheet-summary", pk=pk)


class SubmitSheet(SummaryStep):
    def take(self, inspection: Inspection) -> None:
        sheets.submit_sheet(
            inspection_id=inspection.pk,
            highlights=self.request.POST.get("highlights", "")[:500],
            rest_is_fine=self.request.POST.get("rest_is_fine") == "on",
            actor=signed_in(self.request),
            now=timezone.now(),
        )


class TakeBackSheet(SummaryStep):
    def take(self, inspection: Inspection) -> None:
        sheets.take_back(
            inspection_id=inspection.pk, actor=signed_in(self.request), now=timezone.now()
        )


class ConfirmSheet(SummaryStep):
    def take(self, inspection: Inspection) -> None:
        sheets.confirm_sheet(
            inspection_id=inspection.pk, actor=signed_in(self.request), now=timezone.now()
        )


class ObjectToSheet(SummaryStep):
    def take(self, inspection: Inspection) -> None:
        sheets.object_to_sheet(
            inspection_id=inspection.pk,
            text=self.request.POST.get("objection", "")[:500],
            actor=signed_in(self.request),
            now=timezone.now(),
        )
