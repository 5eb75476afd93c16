"""Pages of the bulletin: the list, the page, the editor, and its steps by POST."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from functools import cached_property

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from evaluations.forms.bulletins import BulletinForm, VoidForm
from evaluations.models import BulletinDraft, IssuedPaper, MonthRound
from evaluations.permissions import branches_reading, may_run_round, may_sign_bulletin
from evaluations.selectors.bulletin_page import bulletin_page
from evaluations.selectors.bulletin_text import Section, sections_of
from evaluations.selectors.bulletins import bulletin
from evaluations.services import bulletins
from evaluations.views.rankings import StandingView
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError, EditConflict
from portal.kernel.ui import Crumb


class BulletinIndex(StandingView):
    """通报: every published month the user may read."""

    def get(self, request: HttpRequest) -> HttpResponse:
        published = [r for r in self.rounds() if r.is_published]
        papers: dict[int, list[IssuedPaper]] = defaultdict(list)
        for paper in (
            IssuedPaper.objects.live()
            .filter(run__round__in=published)
            .select_related("run")
            .defer("words", "text")
            .order_by("-run__revision")
        ):
            assert paper.run is not None  # noqa: S101 - filtered by it
            papers[paper.run.round_id].append(paper)
        return render(
            request,
            "evaluations/bulletins/list.html",
            {"rows": [(round_, papers[round_.pk]) for round_ in published]},
        )


class BulletinView(StandingView):
    """What the addresses of one bulletin share: before publication it is for those who run the
    round and those who sign; anybody else gets a 404."""

    def readable(self, pk: int) -> MonthRound:
        user = signed_in(self.request)
        round_, _rounds = self.find(pk)
        if round_.is_published or may_run_round(user, round_):
            return round_
        if may_sign_bulletin(user, round_, None):
            return round_
        raise Http404

    def show(
        self,
        round_: MonthRound,
        *,
        status: int = 200,
        refusal: str = "",
        void_form: VoidForm | None = None,
    ) -> HttpResponse:
        user = signed_in(self.request)
        page = bulletin_page(round_, user)
        context = {
            "round": round_,
            "page": page,
            "revisions": page.bulletin.revisions,
            "may_run": may_run_round(user, round_),
            "refusal": refusal,
            "void_form": void_form or VoidForm(),
            "crumbs": [
                Crumb(_("通报"), reverse("evaluations:bulletins")),
                Crumb(round_.label),
            ],
        }
        return render(self.request, "evaluations/bulletins/bulletin.html", context, status=status)


class BulletinPage(BulletinView):
    """月度通报."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.readable(pk))


class BulletinStep(BulletinView):
    """One step by POST; a refusal is shown on the page itself."""

    http_method_names = ["post", "options"]

    @property
    def form(self) -> VoidForm | None:
        return None

    def allowed(self, round_: MonthRound) -> bool:
        user = signed_in(self.request)
        return may_run_round(user, round_) or may_sign_bulletin(user, round_, None)

    def take(self, round_: MonthRound, now: dt.datetime) -> str:
        raise NotImplementedError

    @property
    def version(self) -> int:
        text = self.request.POST.get("version", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.readable(pk)
        if not self.allowed(round_):
            raise Http404
        if self.form is not None and not self.form.is_valid():
            return self.show(round_, status=400, void_form=self.form)
        try:
            said = self.take(round_, timezone.now())
        except DomainError as error:
            return self.show(round_, status=error.status_code, refusal=error.message)
        messages.success(request, said)
        return redirect("evaluations:bulletin", pk=pk)


class Approve(BulletinStep):
    """审签."""

    def take(self, round_: MonthRound, now: dt.datetime) -> str:
        bulletins.approve_bulletin(
            round_id=round_.pk, version=self.version, actor=signed_in(self.request), now=now
        )
        return _("已审签。发布那天文字没有再变，就按这一稿编号签发。")


class Sign(BulletinStep):
    """签发."""

    def take(self, round_: MonthRound, now: dt.datetime) -> str:
        signed = bulletins.sign_bulletin(
            round_id=round_.pk, version=self.version, actor=signed_in(self.request), now=now
        )
        return _("已签发：%(number)s") % {"number": signed.paper.document_number}


class Void(BulletinStep):
    """作废."""

    @cached_property
    def form(self) -> VoidForm:
        return VoidForm(self.request.POST)

    def take(self, round_: MonthRound, now: dt.datetime) -> str:
        paper = bulletins.void_bulletin(
            round_id=round_.pk,
            reason=self.form.cleaned_data["reason"],
            actor=signed_in(self.request),
            now=now,
        )
        return _("%(number)s已作废，编号不再使用。") % {"number": paper.document_number}


class Receive(BulletinStep):
    """签阅."""

    def allowed(self, round_: MonthRound) -> bool:
        return bool(branches_reading(signed_in(self.request), round_))

    def take(self, round_: MonthRound, now: dt.datetime) -> str:
        bulletins.receive_bulletin(round_id=round_.pk, actor=signed_in(self.request), now=now)
        return _("已签阅。")


class Edit(BulletinView):
    """改通报文字: the generated text part by part, beside what the officer makes of it."""

    def editable(self, pk: int) -> MonthRound:
        round_ = self.readable(pk)
        if not may_run_round(signed_in(self.request), round_):
            raise Http404
        return round_

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.editable(pk)
        page = bulletin_page(round_, signed_in(request))
        if page.paper is not None:
            return redirect("evaluations:bulletin", pk=pk)
        sections = sections_of(page.bulletin, page.draft)
        return self._form(round_, sections, BulletinForm(sections, page.draft))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.editable(pk)
        sections, draft = self._text(round_)
        form = BulletinForm(sections, draft, request.POST)
        if not form.is_valid():
            return self._form(round_, sections, form, status=400)
        words = form.changed_words
        for section in sections:
            if request.POST.get("restore") == section.part:
                words[section.part] = section.generated
        try:
            bulletins.edit_bulletin(
                round_id=pk,
                words=words,
                wording=form.cleaned_data["wording"],
                version=form.cleaned_data["version"],
                actor=signed_in(request),
                now=timezone.now(),
            )
        except bulletins.TextRefused as error:
            form.refuse(error.errors)
            return self._form(round_, sections, form, status=error.status_code)
        except DomainError as error:
            form.add_error(None, error.message)
            if isinstance(error, EditConflict) and draft is not None:
                form.take_over(draft.version)
            return self._form(round_, sections, form, status=error.status_code)
        if "restore" in request.POST:
            return redirect("evaluations:bulletin-edit", pk=pk)
        messages.success(request, _("通报文字已保存。"))
        return redirect("evaluations:bulletin", pk=pk)

    def _text(self, round_: MonthRound) -> tuple[list[Section], BulletinDraft | None]:
        draft = BulletinDraft.objects.filter(round=round_).first()
        return sections_of(bulletin(round_, signed_in(self.request)), draft), draft

    def _form(
        self,
        round_: MonthRound,
        sections: list[Section],
        form: BulletinForm,
        *,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            "round": round_,
            "form": form,
            "parts": [
                (section, form[section.part], form[f"was-{section.part}"]) for section in sections
            ],
            "crumbs": [
                Crumb(_("通报"), reverse("evaluations:bulletins")),
                Crumb(round_.label, reverse("evaluations:bulletin", args=[round_.pk])),
                Crumb(_("改文字")),
            ],
        }
        return render(self.request, "evaluations/bulletins/edit.html", context, status=status)
