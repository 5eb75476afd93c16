"""Drafting a rubric in the browser: pieces are edited in place, sums are always in sight."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from evaluations.forms.rubrics import (
    DateForm,
    FrameForms,
    ItemForm,
    SectionForm,
    WithdrawForm,
    item_value,
    rule_rows,
)
from evaluations.models import Rubric, RubricVersion, VersionStatus
from evaluations.rubric_content import ItemContent, RubricContent, SectionContent, plain
from evaluations.selectors.rubrics import compare, find_version, version_page
from evaluations.services import rubric_drafts
from evaluations.services.rubrics import (
    activate_version,
    content_of,
    draft_version,
    withdraw_version,
)
from evaluations.views.rubrics import crumbs, drafter, earliest_month, this_day
from portal.accounts.models import User
from portal.kernel.errors import DomainError


class DraftView(View):
    """A view of one draft, for drafters only (403), 404 for none. Looking at a version in force
    leads to its page; a change to one is refused by the service (409)."""

    user: User
    version: RubricVersion

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.user = drafter(request)
        self.version = find_version(self.user, kwargs["pk"])
        if request.method == "GET" and self.version.status != VersionStatus.DRAFT:
            return redirect("evaluations:rubric-version", pk=self.version.pk)
        return super().dispatch(request, *args, **kwargs)


class StartDraft(View):
    """Start a draft from the newest version in force."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = drafter(request)
        rubric = get_object_or_404(Rubric, pk=pk)
        now = timezone.now()
        version = draft_version(rubric=rubric, first_month=earliest_month(), actor=user, now=now)
        return redirect("evaluations:rubric-edit", pk=version.pk)


def show_draft(
    request: HttpRequest, user: User, version: RubricVersion, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The editing page."""
    return render(
        request,
        "evaluations/rubrics/edit.html",
        {
            "page": version_page(user, version, today=this_day()),
            "date_form": DateForm(
                free=earliest_month(),
                initial={"first_month": version.month, "note": version.note},
            ),
            "crumbs": crumbs(version, _("修改草稿")),
            **more,
        },
        status=status,
    )


class EditPage(DraftView):
    """The whole draft with its sums; each piece opens in place."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, version = self.user, self.version
        return show_draft(request, user, version)


class DateDraft(DraftView):
    """The month it shall take effect from, and why it was made."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, version = self.user, self.version
        form = DateForm(request.POST, free=earliest_month())
        if form.is_valid():
            try:
                rubric_drafts.date_draft(
                    version_id=pk,
                    first_month=form.cleaned_data["first_month"],
                    note=form.cleaned_data["note"],
                    actor=user,
                    now=timezone.now(),
                )
            except DomainError as error:
                form.refuse(error)
                return show_draft(request, user, version, status=error.status_code, date_form=form)
            return redirect("evaluations:rubric-edit", pk=pk)
        return show_draft(request, user, version, status=400, date_form=form)


class PieceView(DraftView):
    """What editing one piece shares: a form in place for htmx, a page of its own without."""

    form_template = ""
    title = ""

    def page(
        self,
        request: HttpRequest,
        version: RubricVersion,
        *,
        status: int = 200,
        **context: Any,
    ) -> HttpResponse:
        in_place = bool(request.headers.get("HX-Request")) and not request.headers.get("HX-Boosted")
        context |= {
            "version": version,
            "form_template": self.form_template,
            "in_place": in_place,  # a page of its own has no slot to put the answer into
        }
        if in_place:
            return render(request, self.form_template, context, status=status)
        context |= {"crumbs": crumbs(version, str(self.title)), "title": self.title}
        return render(request, "evaluations/rubrics/piece.html", context, status=status)

    def done(self, request: HttpRequest, user: User, pk: int, anchor: str = "") -> HttpResponse:
        """Back to the draft; htmx gets the changed parts."""
        if request.headers.get("HX-Request"):
            version = find_version(user, pk)
            response = render(
                request,
                "evaluations/rubrics/edit_parts.html",
                {"page": version_page(user, version, today=this_day()), "changed": anchor},
            )
            # The form asked to be replaced itself; saved, the whole list is.
            response["HX-Retarget"] = "#rubric-sections"
            response["HX-Reswap"] = "outerHTML"
            return response
        address = reverse("evaluations:rubric-edit", args=[pk])
        return redirect(f"{address}#{anchor}" if anchor else address)


def _next_code(section: SectionContent) -> str:
    """The code after the section's last: A1, A2 -> A3."""
    numbers = [int(item.code[1:]) for item in section.items if item.code[1:].isdecimal()]
    return f"{section.code}{max(numbers, default=0) + 1}"


class EditItem(PieceView):
    """One item with its rules. ``code`` is None for a new one in ``?section=``."""

    form_template = "evaluations/rubrics/item_form.html"

    def get(self, request: HttpRequest, pk: int, code: str | None = None) -> HttpResponse:
        version = self.version
        content = content_of(version)
        item, section = self._find(content, code, request.GET.get("section", ""))
        if item:
            initial = ItemForm.initial_of(item)
        else:
            initial = {"code": _next_code(section), "frequency": "M", "source": ["onsite"]}
        return self._show(
            request, version, content, section, code, ItemForm(initial=initial), rule_rows(item)
        )

    def post(self, request: HttpRequest, pk: int, code: str | None = None) -> HttpResponse:
        user, version = self.user, self.version
        content = content_of(version)
        item, section = self._find(content, code, request.GET.get("section", ""), gone=True)
        data = request.POST.copy()
        if "more" in data:  # two more empty rows, nothing saved
            data["rules-TOTAL_FORMS"] = str(int(data.get("rules-TOTAL_FORMS", "0")) + 2)
            form, rows = ItemForm(data), rule_rows(item, data)
            for row in rows.forms:
                row.empty_permitted = True
            return self._show(request, version, content, section, code, form, rows)
        form, rows = ItemForm(data), rule_rows(item, data)
        value = item_value(form, rows, section.code)
        if value is None:
            return self._show(request, version, content, section, code, form, rows, status=400)
        try:
            rubric_drafts.save_item(
                version_id=pk,
                section_code=section.code,
                code=code,
                item=value,
                seen=form.cleaned_data["seen"],
                actor=user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.refuse(error)
            return self._show(
                request, version, content, section, code, form, rows, status=error.status_code
            )
        return self.done(request, user, pk, value.code)

    def _find(
        self, content: RubricContent, code: str | None, section_code: str, *, gone: bool = False
    ) -> tuple[ItemContent | None, SectionContent]:
        """The item (None for a new one) and its section. With ``gone`` an item that somebody
        removed meanwhile is left to the service, which says so."""
        if code is not None:
            for section in content.sections:
                for item in section.items:
                    if item.code == code:
                        return item, section
            if not gone:
                raise Http404
            section_code = code[:1]
        found = content.section(section_code)
        if found is None:
            raise Http404
        return None, found

    def _show(
        self,
        request: HttpRequest,
        version: RubricVersion,
        content: RubricContent,
        section: SectionContent,
        code: str | None,
        form: ItemForm,
        rows: Any,
        *,
        status: int = 200,
    ) -> HttpResponse:
        own = content.item(code) if code else None
        others = section.marks_of_items - (own.full_marks if own else 0)
        form.fields["full_marks"].help_text = _(
            "%(section)s类满分%(full)s分，其他项目占%(others)s分，还可给%(left)s分"
        ) % {
            "section": section.code,
            "full": plain(section.full_marks),
            "others": plain(others),
            "left": plain(max(section.full_marks - others, section.full_marks * 0)),
        }
        self.title = _("修改%(code)s") % {"code": code} if code else _("新增项目")
        return self.page(
            request,
            version,
            status=status,
            form=form,
            rows=rows,
            section=section,
            code=code,
            for_secretaries=version.rubric.is_for_secretaries,
        )


class RemoveItem(PieceView):
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        user = self.user
        rubric_drafts.remove_item(
            version_id=pk,
            code=code,
            seen=request.POST.get("seen", ""),
            actor=user,
            now=timezone.now(),
        )
        return self.done(request, user, pk)


class EditSection(PieceView):
    """A section's name and marks. ``code`` is None for a new one."""

    form_template = "evaluations/rubrics/section_form.html"

    def get(self, request: HttpRequest, pk: int, code: str | None = None) -> HttpResponse:
        version = self.version
        section = self._find(version, code)
        initial = SectionForm.initial_of(section) if section else {}
        return self._show(request, version, section, SectionForm(initial=initial))

    def post(self, request: HttpRequest, pk: int, code: str | None = None) -> HttpResponse:
        user, version = self.user, self.version
        section = self._find(version, code)
        form = SectionForm(request.POST)
        value = form.value()
        if value is None:
            return self._show(request, version, section, form, status=400)
        try:
            rubric_drafts.save_section(
                version_id=pk,
                code=code,
                section=value,
                seen=form.cleaned_data["seen"],
                actor=user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.refuse(error)
            return self._show(request, version, section, form, status=error.status_code)
        return self.done(request, user, pk, f"section-{value.code}")

    def _find(self, version: RubricVersion, code: str | None) -> SectionContent | None:
        if code is None:
            return None
        section = content_of(version).section(code)
        if section is None:
            raise Http404
        return section

    def _show(
        self,
        request: HttpRequest,
        version: RubricVersion,
        section: SectionContent | None,
        form: SectionForm,
        *,
        status: int = 200,
    ) -> HttpResponse:
        if section:
            form.fields["full_marks"].help_text = _("现有%(count)d个项目，合计%(sum)s分") % {
                "count": len(section.items),
                "sum": plain(section.marks_of_items),
            }
            self.title = _("修改%(code)s类") % {"code": section.code}
        else:
            self.title = _("新增类别")
        return self.page(request, version, status=status, form=form, section=section)


class RemoveSection(PieceView):
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        user = self.user
        rubric_drafts.remove_section(
            version_id=pk,
            code=code,
            seen=request.POST.get("seen", ""),
            actor=user,
            now=timezone.now(),
        )
        return self.done(request, user, pk)


class EditFrame(DraftView):
    """Bonus list, vetoes, bands and the numbers around them, on a page of their own."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.version
        return self._show(request, version, FrameForms(content_of(version)))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, version = self.user, self.version
        forms = FrameForms(content_of(version), request.POST)
        values = forms.values()
        if values is None:
            return self._show(request, version, forms, status=400)
        try:
            rubric_drafts.save_frame(version_id=pk, actor=user, now=timezone.now(), **values)
        except DomainError as error:
            forms.frame.refuse(error)
            return self._show(request, version, forms, status=error.status_code)
        return redirect("evaluations:rubric-edit", pk=pk)

    def _show(
        self, request: HttpRequest, version: RubricVersion, forms: FrameForms, *, status: int = 200
    ) -> HttpResponse:
        return render(
            request,
            "evaluations/rubrics/frame.html",
            {
                "version": version,
                "forms": forms,
                "crumbs": crumbs(version, _("加分、否决与等次")),
            },
            status=status,
        )


class Activate(DraftView):
    """The difference in words, then the one button that puts it in force."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, version = self.user, self.version
        return self._show(request, user, version)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, version = self.user, self.version
        try:
            activate_version(version=version, actor=user, now=timezone.now())
        except DomainError as error:
            return self._show(request, user, version, refusal=error)
        messages.success(
            request,
            _("%(version)s将从%(month)s起生效。")
            % {"version": version, "month": version.month.label},
        )
        return redirect("evaluations:rubric-version", pk=pk)

    def _show(
        self,
        request: HttpRequest,
        user: User,
        version: RubricVersion,
        refusal: DomainError | None = None,
    ) -> HttpResponse:
        page = version_page(user, version, today=this_day())
        return render(
            request,
            "evaluations/rubrics/activate.html",
            {
                "page": page,
                "comparison": compare(page.previous, page) if page.previous else None,
                "refusal": refusal,
                "crumbs": crumbs(version, _("核对并生效")),
            },
            status=refusal.status_code if refusal else 200,
        )


class Withdraw(View):
    """Take a version that no round has used back into draft."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = find_version(drafter(request), pk)
        return self._show(request, version, WithdrawForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = drafter(request)
        version = find_version(user, pk)
        form = WithdrawForm(request.POST)
        if not form.is_valid():
            return self._show(request, version, form, status=400)
        try:
            withdraw_version(
                version=version,
                reason=form.cleaned_data["reason"],
                actor=user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.refuse(error)
            return self._show(request, version, form, status=error.status_code)
        return redirect("evaluations:rubric-edit", pk=pk)

    def _show(
        self, request: HttpRequest, version: RubricVersion, form: WithdrawForm, *, status: int = 200
    ) -> HttpResponse:
        return render(
            request,
            "evaluations/rubrics/withdraw.html",
            {"version": version, "form": form, "crumbs": crumbs(version, _("退回草稿"))},
            status=status,
        )


class Discard(DraftView):
    """Throw a draft away."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, version = self.user, self.version
        rubric_drafts.discard_draft(version_id=pk, actor=user, now=timezone.now())
        messages.success(request, _("已放弃%(version)s。") % {"version": version})
        return redirect("evaluations:rubric-list")
