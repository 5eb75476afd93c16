"""REST twin of the settings: the same forms, the same services."""

from __future__ import annotations

from typing import Any

from django.forms.models import model_to_dict
from django.http import QueryDict
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.forms.settings import Subject
from feedback.models import DepartmentSeat
from feedback.views.base import today_here
from feedback.views.settings import end, row_of, save, subject_of
from portal.accounts.requests import signed_in


def _plain(subject: Subject, row: Any) -> dict[str, Any]:
    if isinstance(row, DepartmentSeat):
        names = ["department", "person", "role", "started_on", "ended_on"]
    else:
        names = list(subject.form.Meta.fields)
    return {"id": row.pk, **model_to_dict(row, names)}


class SettingsView(APIView):
    """设置 of one kind: read all, add one."""

    permission_classes = (IsAuthenticated,)

    def _saved(self, request: Request, subject: Subject, row: Any, status: int) -> Response:
        user = signed_in(request)
        # What is not sent stays as it is; a form takes what is missing for empty.
        known = _plain(subject, row) if row is not None else _defaults(subject)
        given = QueryDict(mutable=True)
        for name, value in {**known, **dict(request.data)}.items():
            if value is not None and value is not False and name != "id":
                given[name] = str(value)
        form = subject.form(given, user=user, instance=row)
        if not form.is_valid():
            return Response(form.errors, status=400)
        made = save(subject, form, user=user, now=timezone.now(), via="api")
        return Response(_plain(subject, made), status=status)

    @extend_schema(operation_id="listening_settings_list", responses={200: dict})
    def get(self, request: Request, slug: str) -> Response:
        user = signed_in(request)
        subject = subject_of(slug, user)
        return Response([_plain(subject, row) for row in subject.rows(user)])

    @extend_schema(operation_id="listening_settings_add", request=dict, responses={201: dict})
    def post(self, request: Request, slug: str) -> Response:
        return self._saved(request, subject_of(slug, signed_in(request)), None, 201)


class SettingView(SettingsView):
    """One row: read, change, end."""

    http_method_names = ["get", "patch", "delete", "options"]

    @extend_schema(operation_id="listening_settings_read", responses={200: dict})
    def get(self, request: Request, slug: str, pk: str = "") -> Response:
        user = signed_in(request)
        subject = subject_of(slug, user)
        return Response(_plain(subject, row_of(subject, user, pk)))

    @extend_schema(operation_id="listening_settings_change", request=dict, responses={200: dict})
    def patch(self, request: Request, slug: str, pk: str) -> Response:
        user = signed_in(request)
        subject = subject_of(slug, user)
        row = row_of(subject, user, pk)
        if isinstance(row, DepartmentSeat):
            self.http_method_not_allowed(request)
        return self._saved(request, subject, row, 200)

    @extend_schema(operation_id="listening_settings_end", responses={204: None})
    def delete(self, request: Request, slug: str, pk: str) -> Response:
        user = signed_in(request)
        row = row_of(subject_of(slug, user), user, pk)
        end(row, user=user, now=timezone.now(), today=today_here(), via="api")
        return Response(status=204)


def _defaults(subject: Subject) -> dict[str, Any]:
    if subject.model is DepartmentSeat:
        return {}
    found = model_to_dict(subject.model(), list(subject.form.Meta.fields))
    return {name: value for name, value in found.items() if value not in (None, "")}
