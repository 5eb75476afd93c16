"""设置: what the party-affairs office sets, one pattern for all of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from feedback.forms.settings import BY_SLUG, SUBJECTS, Subject
from feedback.models import DepartmentSeat
from feedback.permissions import configures, may_configure
from feedback.services import departments
from feedback.services.settings import save_setting
from feedback.views.base import today_here
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from portal.kernel.ui import Crumb, Tab


def subject_of(slug: str, user: User) -> Subject:
    """Raises PermissionDenied for anybody but the office, Http404 for what is not set here."""
    subject = BY_SLUG.get(slug)
    if subject is None:
        raise Http404
    if not (configures(user) if subject.scoped else may_configure(user, None)):
        raise PermissionDenied(_("由党群部设置。"))
    return subject


def row_of(subject: Subject, user: User, pk: str) -> Any:
    field = subject.model._meta.pk
    try:
        key = field.to_python(pk) if field is not None else pk
    except Exception:
        raise Http404 from None
    found = subject.rows(user).filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def save(subject: Subject, form: Any, *, user: User, now: dt.datetime, via: str = "web") -> Any:
    """Hand a valid form to its service. Raises DomainError, PermissionDenied."""
    if subject.model is DepartmentSeat:
        return departments.seat(**form.cleaned_data, actor=user, now=now, via=via)
    return save_setting(
        thing=form.instance, changed=form.changed_data, actor=user, now=now, via=via
    )


def end(row: Any, *, user: User, now: dt.datetime, today: dt.date, via: str = "web") -> None:
    """End a dated row. What is only switched off is edited instead: Http404."""
    if not isinstance(row, DepartmentSeat):
        raise Http404
    departments.unseat(
        seat_id=row.pk, ended_on=max(today, row.started_on), actor=user, now=now, via=via
    )


class SettingsBase(View):
    def crumbs(self, *more: Crumb) -> list[Crumb]:
        return [Crumb(_("诉求台账"), reverse("feedback:ledger")), *more]


class SettingList(SettingsBase):
    """Everything of one kind that is set."""

    def get(self, request: HttpRequest, slug: str = "departments") -> HttpResponse:
        user = signed_in(request)
        subject = subject_of(slug, user)
        tabs = [
            Tab(s.label, reverse("feedback:setting-list", args=[s.slug]), is_current=s is subject)
            for s in SUBJECTS
            if s.scoped or may_configure(user, None)
        ]
        rows = [
            (
                row.person if isinstance(row, DepartmentSeat) else getattr(row, "name", str(row)),
                subject.line(row),
                getattr(row, "is_active", True),
                row.pk,
            )
            for row in subject.rows(user)
        ]
        context = {
            "subject": subject,
            "tabs": tabs,
            "rows": rows,
            "may_edit": subject.model is not DepartmentSeat,
            "crumbs": self.crumbs(Crumb(_("设置"))),
        }
        return render(request, "feedback/settings/list.html", context)


class SettingEdit(SettingsBase):
    """One row, new or known."""

    def row(self, subject: Subject, pk: str) -> Any:
        if subject.model is DepartmentSeat and pk:
            raise Http404  # a seat is a dated fact: ended, not edited
        return row_of(subject, signed_in(self.request), pk) if pk else None

    def show(self, subject: Subject, form: Any, pk: str, status: int = 200) -> HttpResponse:
        context = {
            "subject": subject,
            "form": form,
            "is_new": not pk,
            "draft": f"setting-{subject.slug}-{pk or 'new'}",
            "crumbs": self.crumbs(
                Crumb(str(subject.label), reverse("feedback:setting-list", args=[subject.slug])),
                Crumb(_("修改") if pk else _("新增")),
            ),
        }
        return render(self.request, "feedback/settings/form.html", context, status=status)

    def get(self, request: HttpRequest, slug: str, pk: str = "") -> HttpResponse:
        user = signed_in(request)
        subject = subject_of(slug, user)
        initial = {"started_on": today_here()} if subject.model is DepartmentSeat else {}
        form = subject.form(user=user, instance=self.row(subject, pk), initial=initial)
        return self.show(subject, form, pk)

    def post(self, request: HttpRequest, slug: str, pk: str = "") -> HttpResponse:
        user = signed_in(request)
        subject = subject_of(slug, user)
        form = subject.form(request.POST, user=user, instance=self.row(subject, pk))
        if not form.is_valid():
            return self.show(subject, form, pk, 400)
        try:
            save(subject, form, user=user, now=timezone.now())
        except DomainError as error:
            form.refuse(error)
            return self.show(subject, form, pk, error.status_code)
        return redirect("feedback:setting-list", slug=slug)


class SettingEnd(SettingsBase):
    """A seat ends today."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, slug: str, pk: str) -> HttpResponse:
        user = signed_in(request)
        row = row_of(subject_of(slug, user), user, pk)
        end(row, user=user, now=timezone.now(), today=today_here())
        return redirect("feedback:setting-list", slug=slug)
