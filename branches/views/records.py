"""Records of a branch: list, form, detail, deletion; the month's calendar."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from branches import locks
from branches.access import access_of
from branches.agenda_hints import agenda_of
from branches.duty_cells import action_address, action_word
from branches.duty_matrix import duties_of
from branches.duty_rules import RULE_OF
from branches.evidence import papers_of
from branches.forms.records import ActivityForm, first_values, values_of
from branches.hints import hints_of
from branches.models import Activity, Branch, DuesPayment, Duty
from branches.permissions import may_delete_activity, may_edit_activity, may_record, may_see_branch
from branches.selectors import calendar_of, last_month_of, recent_activity, records_of
from branches.services.records import delete_activity, save_activity
from branches.views.base import ServiceFormView, month_of, months_back, today_of, visible_branch
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.attachments.models import Attachment
from portal.documents.excel import Column, Kind, Sheet, xlsx_response
from portal.kernel.errors import DomainError, EditConflict
from portal.kernel.months import Month
from portal.kernel.searches import search_text
from portal.kernel.ui import Crumb, Tab
from portal.offline.keeping import keepable


def inside(user: User, pk: int) -> Branch:
    """A branch whose inside the user may see. Neighbours know its name, so they are told no."""
    branch = visible_branch(user, pk)
    if not may_see_branch(user, branch):
        raise PermissionDenied(_("只有本支部和党委的同志可以看支部内部的记录。"))
    return branch


def own_branch_of(user: User) -> Branch | None:
    """The branch whose records the user keeps; the first by order when there are several."""
    found: Branch | None = Branch.objects.recorded_by(user).select_related("committee").first()
    return found


def crumbs_of(user: User, branch: Branch) -> list[Crumb]:
    if branch.pk in access_of(user).recording_branches:
        return []
    return [
        Crumb(_("组织"), reverse("branches:list")),
        Crumb(branch.name, reverse("branches:detail", args=[branch.pk])),
    ]


def record_tabs(branch: Branch, current: str) -> list[Tab]:
    """The rooms of a branch's records: each register is one step away."""
    places = [
        ("records", _("记录"), reverse("branches:record-list", args=[branch.pk])),
        ("calendar", _("月历"), reverse("branches:calendar", args=[branch.pk])),
        ("dues", _("党费"), reverse("branches:dues", args=[branch.pk])),
        ("talks", _("谈心谈话"), reverse("branches:register", args=[branch.pk, "talks"])),
        ("study", _("学时"), reverse("branches:study", args=[branch.pk])),
        ("terms", _("届期"), reverse("branches:register", args=[branch.pk, "terms"])),
        ("recruiting", _("发展党员"), reverse("branches:register", args=[branch.pk, "recruiting"])),
    ]
    return [Tab(label, url, is_current=key == current) for key, label, url in places]


# Meetings whose agenda the month's key tasks open.
WITH_AGENDA = frozenset({Duty.COMMITTEE_MEETING, Duty.DOCUMENT_RELAY, Duty.GENERAL_MEETING})


class OwnRecords(View):
    """``记录`` in the side bar: to the user's own branch."""

    def get(self, request: HttpRequest) -> HttpResponse:
        branch = own_branch_of(signed_in(request))
        if branch is None:
            raise Http404
        return redirect("branches:record-list", branch.pk)


class NewRecord(View):
    """``记一件事`` from anywhere: to the form of the user's own branch."""

    def get(self, request: HttpRequest) -> HttpResponse:
        branch = own_branch_of(signed_in(request))
        if branch is None:
            raise PermissionDenied(_("只有支部书记、副书记可以写记录。"))
        query = request.GET.urlencode()
        address = reverse("branches:record-create", args=[branch.pk])
        return HttpResponseRedirect(f"{address}?{query}" if query else address)


class RecordList(TemplateView):
    """The records of a branch in a month, with what is still missing."""

    template_name = "branches/record_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = signed_in(self.request)
        branch = inside(user, self.kwargs["pk"])
        month, today = month_of(self.request), today_of()
        duty = self.request.GET.get("duty", "")
        text = search_text(self.request.GET, 60)
        row = duties_of(branch, month, today)
        return super().get_context_data(
            branch=branch,
            month=month,
            months=months_back(),
            records=records_of(branch, month, duty=duty, text=text),
            duty=duty,
            duty_choices=[(d.value, d.label) for d in Duty],
            text=text,
            row=row,
            left=[(cell, action_address(cell, branch.pk), action_word(cell)) for cell in row.left]
            if row
            else [],
            tabs=record_tabs(branch, "records"),
            today=today,
            records_due_on=locks.records_due_on(branch.committee_id, month),
            may_record=may_record(user, branch),
            crumbs=[*trail, Crumb(_("记录"))] if (trail := crumbs_of(user, branch)) else [],
            **kwargs,
        )


class RecordListFile(View):
    """The month's records as an Excel file, exactly what the list shows."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        branch = inside(signed_in(request), pk)
        month = month_of(request)
        duty = request.GET.get("duty", "")
        text = search_text(request.GET, 60)
        sheet = Sheet(
            name=_("记录"),
            columns=[
                Column(_("日期"), Kind.DATE),
                Column(_("主题"), width=30),
                Column(_("事项"), Kind.LONG_TEXT, width=30),
                Column(_("地点"), width=20),
                Column(_("主持人")),
                Column(_("记录人")),
                Column(_("应到"), Kind.INTEGER),
                Column(_("实到"), Kind.INTEGER),
                Column(_("议题"), Kind.LONG_TEXT),
                Column(_("决议"), Kind.LONG_TEXT),
                Column(_("学时"), Kind.MARKS),
                Column(_("补录原因"), width=20),
            ],
            rows=[
                (
                    record.held_on,
                    record.subject,
                    "、".join(str(tick.get_duty_display()) for tick in record.ticks.all()),
                    record.place,
                    str(record.chair),
                    str(record.recorder or ""),
                    record.expected_count,
                    record.present_count,
                    record.agenda,
                    record.resolution,
                    record.study_hours,
                    record.late_reason,
                )
                for record in records_of(branch, month, duty=duty, text=text).select_related(
                    "recorder"
                )
            ],
            title=_("%(branch)s%(month)s记录") % {"branch": branch.label, "month": month.label},
        )
        return xlsx_response(f"{branch.label}{month.label}记录", [sheet])


class Calendar(TemplateView):
    """A branch's month as a calendar: what was done, what is due, who works."""

    template_name = "branches/calendar.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = signed_in(self.request)
        branch = inside(user, self.kwargs["pk"])
        month, today = month_of(self.request), today_of()
        row = duties_of(branch, month, today)
        weeks = calendar_of(
            branch,
            month,
            today,
            row=row,
            records_due_on=locks.records_due_on(branch.committee_id, month),
        )
        return super().get_context_data(
            branch=branch,
            month=month,
            row=row,
            record_count=sum(len(day.records) for week in weeks for day in week),
            tabs=record_tabs(branch, "calendar"),
            previous=month.plus(-1),
            following=month.plus(1),
            today=today,
            weeks=weeks,
            may_record=may_record(user, branch),
            crumbs=[
                *crumbs_of(user, branch),
                Crumb(_("记录"), reverse("branches:record-list", args=[branch.pk])),
                Crumb(_("月历")),
            ],
            **kwargs,
        )


class RecordDetail(TemplateView):
    """One record: minutes that print on A4, and the duties it satisfies."""

    template_name = "branches/record_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = signed_in(self.request)
        dues = DuesPayment.objects.filter(activity=OuterRef("pk")).order_by().values("activity")
        dues = dues.annotate(n=Count("pk"))
        activity: Activity = get_object_or_404(
            Activity.objects.visible_to(user)
            .select_related(
                "branch__committee", "group", "chair", "recorder", "created_by", "updated_by"
            )
            .annotate(dues_count=Subquery(dues.values("n")))
            .prefetch_related("ticks", "absences__person", "sessions", "follow_ups__person"),
            pk=self.kwargs["pk"],
        )
        month = Month.of(activity.held_on)
        ticked = {tick.duty for tick in activity.ticks.all()}
        locked = locks.is_locked(activity.branch.committee_id, month, timezone.now())
        rules = [rule for key, rule in RULE_OF.items() if key in ticked]
        materials = list(Attachment.objects.of(activity))
        return super().get_context_data(
            activity=activity,
            branch=activity.branch,
            month=month,
            rules=rules,
            materials=materials,
            wanted_papers=papers_of(activity, [r.item_code for r in rules if r.item_code]),
            may_edit=(may_edit := may_edit_activity(user, activity)),
            hints=hints_of(activity, materials) if may_edit else [],
            may_delete=may_delete_activity(user, activity) and not locked,
            is_general_meeting=Duty.GENERAL_MEETING in ticked,
            crumbs=[
                *crumbs_of(user, activity.branch),
                Crumb(
                    _("%(month)s记录") % {"month": month.label},
                    reverse("branches:record-list", args=[activity.branch_id]) + f"?month={month}",
                ),
                Crumb(activity.subject),
            ],
            **kwargs,
        )


class ActivityFormView(ServiceFormView):
    """The form of a record, new or old."""

    template_name = "branches/record_form.html"
    form_class = ActivityForm
    activity: Activity | None = None
    branch: Branch
    is_repeated = False

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "branch": self.branch,
            "today": today_of(),
            "activity": self.activity,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form: ActivityForm = context["form"]
        rows = form.shown_roster()
        months = {Month.of(rows.day)}
        if self.activity is not None:
            months.add(Month.of(self.activity.held_on))
        now = timezone.now()
        return context | {
            "branch": self.branch,
            "activity": self.activity,
            "roster": rows,
            "locked_month": next(
                (m for m in sorted(months) if locks.is_locked(self.branch.committee_id, m, now)),
                None,
            ),
            "draft_key": f"record-{self.activity.pk}"
            if self.activity
            else f"record-new-{self.branch.pk}",
        }

    def perform(self, form: ActivityForm) -> Activity:
        key = form.cleaned_data["client_key"]
        self.is_repeated = (
            self.activity is None
            and key is not None
            and Activity.objects.filter(client_key=key).exists()
        )
        return save_activity(
            branch=self.branch,
            values=form.values(),
            actor=self.user,
            now=timezone.now(),
            activity=self.activity,
            version=form.cleaned_data["version"],
            client_key=key if self.activity is None else None,
        )

    def get_success_url(self) -> str:
        saved: Activity = self.result
        if self.is_repeated:
            messages.info(
                self.request,
                _(
                    "这张表刚才已经记过，就是这一条，没有记第二条。要改，请点“修改”；另有一件事，请重新打开“记一件事”。"
                ),
            )
        return reverse("branches:record-detail", args=[saved.pk])


@method_decorator(keepable, name="dispatch")
class RecordCreate(ActivityFormView):
    """记一件事."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.branch = visible_branch(signed_in(request), kwargs["pk"])
        if not may_record(signed_in(request), self.branch):
            raise PermissionDenied(_("只有本支部的书记、副书记可以写记录。"))
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        duty = self.request.GET.get("duty", "")
        group = self.request.GET.get("group", "")
        values = first_values(
            branch=self.branch,
            duty=duty,
            group_id=int(group) if group.isdigit() else None,
            today=today_of(),
            last=recent_activity(self.branch, duty),
            agenda=agenda_of(self.branch.committee_id, Month.of(today_of()))
            if duty in WITH_AGENDA
            else (),
            copied=self._copied(),
        )
        on = ActivityForm.day_of({"held_on": self.request.GET.get("on", "")})
        if on is not None and on <= today_of():
            values["held_on"] = on
        return values

    def _copied(self) -> Activity | None:
        """The record named by ``?copy=``, or the newest of last month that satisfied the most
        duties for ``?copy=last``."""
        wanted = self.request.GET.get("copy", "")
        own = Activity.objects.filter(branch=self.branch)
        found: Activity | None = None
        if wanted == "last":
            found = last_month_of(self.branch, today_of())
        elif wanted.isdigit() and len(wanted) < 18:
            found = own.filter(pk=int(wanted)).first()
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        copied = self.request.GET.get("copy", "")
        if copied:  # a draft of its own: what was typed before must not lie over the copy
            context["draft_key"] += f"-copy-{copied[:20]}"
        elif self.request.method == "GET":
            context["to_copy"] = last_month_of(self.branch, today_of())
        return context

    def get_back_url(self) -> str:
        return reverse("branches:record-list", args=[self.branch.pk])


class RecordEdit(ActivityFormView):
    """Change a record; somebody else's change in between is not overwritten."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user = signed_in(request)
        self.activity = get_object_or_404(
            Activity.objects.visible_to(user).select_related("branch__committee", "updated_by"),
            pk=kwargs["pk"],
        )
        self.branch = self.activity.branch
        if not may_edit_activity(user, self.activity):
            raise PermissionDenied(_("只有本支部的书记、副书记可以修改记录。"))
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        assert self.activity is not None  # noqa: S101 - set in dispatch
        return values_of(self.activity)

    def get_back_url(self) -> str:
        assert self.activity is not None  # noqa: S101 - set in dispatch
        return reverse("branches:record-detail", args=[self.activity.pk])

    def refuse(self, form: forms.Form, error: DomainError) -> HttpResponse:
        """After a conflict the form keeps what was typed and takes the new version on, so
        that the second saving is a decision made with the other one's text in sight."""
        if isinstance(error, EditConflict):
            assert self.activity is not None  # noqa: S101 - set in dispatch
            self.extra_context = {"conflict": error.message}
            form.data = form.data.copy()  # type: ignore[attr-defined]
            fresh = Activity.objects.filter(pk=self.activity.pk).first()
            if fresh is not None:
                form.data["version"] = str(fresh.version)  # type: ignore[index]
        return super().refuse(form, error)


class Roster(View):
    """The roster fragment: asked again when the day, the duties or the group change."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = signed_in(request)
        branch = visible_branch(user, pk)
        if not may_record(user, branch):
            raise PermissionDenied
        today = today_of()
        form = ActivityForm(request.GET, branch=branch, today=today)
        rows = form.shown_roster()
        month = Month.of(rows.day)
        return render(
            request,
            "branches/_roster.html",
            {
                "form": form,
                "roster": rows,
                "fresh": True,
                "locked_month": month
                if locks.is_locked(branch.committee_id, month, timezone.now())
                else None,
            },
        )


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("为什么删除"),
        help_text=gettext_lazy("审计记录会保留这条记录的全部内容和您写的原因。"),
        max_length=200,
    )


class RecordDelete(ServiceFormView):
    """Delete a record, with a reason, before the month's lock."""

    form_class = ReasonForm
    danger = True
    submit_label = gettext_lazy("删除记录")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user = signed_in(request)
        self.activity: Activity = get_object_or_404(
            Activity.objects.visible_to(user).select_related("branch"), pk=kwargs["pk"]
        )
        if not may_delete_activity(user, self.activity):
            raise PermissionDenied(_("只有本支部的书记、副书记可以删除记录。"))
        return super().dispatch(request, *args, **kwargs)

    def get_title(self) -> str:
        return _("删除“%(subject)s”") % {"subject": self.activity.subject}

    def perform(self, form: forms.Form) -> None:
        delete_activity(
            activity=self.activity,
            reason=form.cleaned_data["reason"],
            actor=self.user,
            now=timezone.now(),
        )

    def get_back_url(self) -> str:
        return reverse("branches:record-detail", args=[self.activity.pk])

    def get_success_url(self) -> str:
        month = Month.of(self.activity.held_on)
        address = reverse("branches:record-list", args=[self.activity.branch_id])
        return f"{address}?month={month}"
