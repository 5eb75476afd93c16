"""The audit trail for those who may read it: filtered, unfolded, exported."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.access import access_of
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.audit.labels import labels
from portal.audit.models import AuditEntry
from portal.audit.reading import Change, changes_of, type_label
from portal.audit.services import record
from portal.dashboard.wiring import may_read_audit
from portal.documents.excel import Column, Kind, Sheet, csv_response, xlsx_response
from portal.kernel.months import SHANGHAI, end_of_day, local_date

PER_PAGE = 50
MOST_EXPORTED = 50_000

_GROUPS = {
    "account": gettext_lazy("账号"),
    "appeal": gettext_lazy("申诉"),
    "appointment": gettext_lazy("任职"),
    "audit": gettext_lazy("审计"),
    "bonus": gettext_lazy("加分"),
    "branch": gettext_lazy("支部"),
    "calendar": gettext_lazy("工作日历"),
    "committee": gettext_lazy("党委"),
    "finding": gettext_lazy("问题"),
    "grant": gettext_lazy("授权"),
    "group": gettext_lazy("党小组"),
    "inspection": gettext_lazy("检查"),
    "member": gettext_lazy("党员"),
    "notice": gettext_lazy("整改通知书"),
    "outbox": gettext_lazy("邮件"),
    "person": gettext_lazy("人员"),
    "policy": gettext_lazy("考评办法"),
    "record": gettext_lazy("活动记录"),
    "round": gettext_lazy("轮次"),
    "rubric": gettext_lazy("评价标准"),
    "sheet": gettext_lazy("评分表"),
    "team": gettext_lazy("检查组"),
    "veto": gettext_lazy("一票否决"),
}


def _code_choices() -> list[Any]:
    known = sorted(labels().items())
    groups = [
        (str(_GROUPS.get(prefix, prefix)), list(pairs))
        for prefix, pairs in groupby(known, key=lambda pair: pair[0].split(".")[0])
    ]
    return [("", _("全部事项")), *groups]


class AuditFilter(forms.Form):
    """What the reader is looking for. Everything may be left empty."""

    code = forms.ChoiceField(label=gettext_lazy("事项"), choices=_code_choices, required=False)
    actor = forms.CharField(
        label=gettext_lazy("操作人"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("姓名或账号"),
    )
    object = forms.CharField(label=gettext_lazy("对象"), max_length=100, required=False)
    since = forms.DateField(
        label=gettext_lazy("从"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=gettext_lazy("到"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    q = forms.CharField(
        label=gettext_lazy("含有"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("在对象、理由、事项里找"),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("结束日期早于开始日期"))
        return cleaned

    def apply(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """The entries that fit; none when the filter itself makes no sense."""
        if not self.is_valid():
            return entries.none()
        wanted = self.cleaned_data
        if code := wanted["code"]:
            entries = entries.filter(code=code)
        if actor := wanted["actor"]:
            who = Q(actor__display_name__icontains=actor) | Q(actor__username__iexact=actor)
            entries = entries.filter(Q(actor__isnull=True) if actor == _MACHINE else who)
        if thing := wanted["object"]:
            entries = entries.filter(
                Q(object_label__icontains=thing) | Q(object_type__iexact=thing) | Q(object_id=thing)
            )
        if since := wanted["since"]:
            entries = entries.filter(at__gte=dt.datetime.combine(since, dt.time.min, SHANGHAI))
        if until := wanted["until"]:
            entries = entries.filter(at__lt=end_of_day(until))
        if text := wanted["q"]:
            named = [code for code, label in labels().items() if text in label]
            entries = entries.filter(
                Q(object_label__icontains=text)
                | Q(reason__icontains=text)
                | Q(code__icontains=text)
                | Q(code__in=named)
            )
        return entries

    def in_words(self) -> dict[str, str]:
        """What was filtered by, for the export's own audit entry and its heading."""
        return {
            str(self.fields[name].label): str(value)
            for name, value in self.cleaned_data.items()
            if value
        }


_MACHINE = "系统"


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry as the page draws it."""

    entry: AuditEntry
    type_label: str
    changes: list[Change]

    @property
    def can_unfold(self) -> bool:
        return bool(self.changes or self.entry.reason)


def _reader(request: HttpRequest) -> User:
    user = signed_in(request)
    if not may_read_audit(user):
        raise PermissionDenied
    return user


def _entries(user: User, form: AuditFilter) -> QuerySet[AuditEntry]:
    visible: QuerySet[AuditEntry] = AuditEntry.objects.visible_to(user)
    return form.apply(visible.select_related("actor"))


def entry_list(request: HttpRequest) -> HttpResponse:
    """The trail, newest first, a day's entries under one heading."""
    user = _reader(request)
    form = AuditFilter(request.GET)
    found = _entries(user, form)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [EntryRow(entry, type_label(entry.object_type), changes_of(entry)) for entry in page]
    context = {
        "form": form,
        "page": page,
        "total": page.paginator.count,
        "days": [
            (day, list(group))
            for day, group in groupby(rows, key=lambda row: local_date(row.entry.at))
        ],
        "filtered": form.is_valid() and bool(form.in_words()),
        "all_of_it": access_of(user).is_auditor,
        "too_many": page.paginator.count > MOST_EXPORTED,
        "most": MOST_EXPORTED,
    }
    status = 200 if form.is_valid() else 400
    return render(request, "audit/list.html", context, status=status)


def export(request: HttpRequest) -> HttpResponse:
    """Exactly what the list shows under the same filter, on all its pages. The export is
    itself an entry of the trail."""
    user = _reader(request)
    form = AuditFilter(request.GET)
    if not form.is_valid():
        return render(
            request, "audit/list.html", {"form": form, "page": None, "total": 0}, status=400
        )
    kind = "csv" if request.GET.get("format") == "csv" else "xlsx"
    now = timezone.now()
    with transaction.atomic():
        entries = list(_entries(user, form)[:MOST_EXPORTED])
        record(
            code="audit.exported",
            target=user,
            actor=user,
            now=now,
            after={"rows": len(entries), "filters": form.in_words(), "format": kind},
        )
    sheet = Sheet(
        name=_("审计记录"),
        columns=[
            Column(_("时间"), Kind.MOMENT),
            Column(_("事项"), width=20),
            Column(_("操作人"), width=12),
            Column(_("途径"), width=10),
            Column(_("对象类型"), width=14),
            Column(_("对象"), width=30),
            Column(_("理由"), Kind.LONG_TEXT),
            Column(_("改动"), Kind.LONG_TEXT, width=60),
            Column(_("代码"), width=22),
        ],
        rows=[
            (
                entry.at,
                entry.code_label,
                str(entry.actor) if entry.actor else _MACHINE,
                entry.via_label,
                type_label(entry.object_type),
                entry.object_label,
                entry.reason,
                "；".join(f"{c.label}：{c.before} → {c.after}" for c in changes_of(entry)),
                entry.code,
            )
            for entry in entries
        ],
        title=_("审计记录"),
        notes=["；".join(f"{name}：{value}" for name, value in form.in_words().items())],
    )
    name = _("审计记录%s") % f"{local_date(now):%Y%m%d}"
    return csv_response(name, sheet) if kind == "csv" else xlsx_response(name, [sheet])
