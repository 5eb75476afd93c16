"""People pages: members, posts, persons, and the security administrator's grants."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from branches.access import access_of
from branches.forms.organisation import (
    AppointForm,
    EndForm,
    GrantForm,
    GroupChoiceForm,
    MemberForm,
    PersonCreateForm,
    PersonForm,
)
from branches.models import (
    Appointment,
    Branch,
    Committee,
    Membership,
    Person,
    RoleGrant,
)
from branches.organisation_tree import members_page
from branches.permissions import may_edit_organisation, may_grant
from branches.rosters import in_force
from branches.services import organisation
from branches.views.base import ServiceFormView, today_of, visible_branch
from branches.views.organisation import BranchFormView, editable_committees
from branches.views.records import crumbs_of, inside
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.kernel.searches import search_text
from portal.kernel.ui import Crumb

PEOPLE_PER_PAGE = 50


class Members(TemplateView):
    """Who belongs to a branch today."""

    template_name = "branches/members.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = signed_in(self.request), today_of()
        branch = inside(user, self.kwargs["pk"])
        rows = members_page(branch, today)
        kind = self.request.GET.get("kind", "")
        shown = [row for row in rows if not kind or row.membership.kind == kind]
        return super().get_context_data(
            branch=branch,
            rows=shown,
            count=len(rows),
            full_count=sum(row.membership.kind == "full" for row in rows),
            kind=kind,
            has_groups=any(row.membership.group_id for row in rows),
            has_branches=any(row.membership.branch_id != branch.pk for row in rows),
            may_edit=may_edit_organisation(user, branch.committee),
            crumbs=[
                *(
                    crumbs_of(user, branch)
                    or [Crumb(branch.name, reverse("branches:detail", args=[branch.pk]))]
                ),
                Crumb(_("党员")),
            ],
            **kwargs,
        )


class MemberAdd(BranchFormView):
    form_class = MemberForm
    title = gettext_lazy("转入党员")
    submit_label = gettext_lazy("办理转入")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"branch": self.branch, "today": today_of()}

    def get_initial(self) -> dict[str, Any]:
        return {"started_on": today_of(), "kind": "full"}

    def perform(self, form: forms.Form) -> Membership:
        return organisation.add_member(
            branch=self.branch, **form.cleaned_data, actor=self.user, now=timezone.now()
        )

    def get_back_url(self) -> str:
        return reverse("branches:members", args=[self.branch.pk])


class MembershipFormView(BranchFormView):
    """A form about one membership."""

    membership: Membership

    def find_branch(self, user: User, pk: int) -> Branch:
        self.membership = get_object_or_404(
            Membership.objects.select_related("person", "branch__committee"), pk=pk
        )
        return visible_branch(user, self.membership.branch_id)

    def get_back_url(self) -> str:
        return reverse("branches:members", args=[self.branch.pk])


class MemberEnd(MembershipFormView):
    form_class = EndForm
    submit_label = gettext_lazy("办理转出")

    def get_title(self) -> str:
        return _("%(name)s转出") % {"name": self.membership.person}

    def get_initial(self) -> dict[str, Any]:
        return {"ended_on": today_of()}

    def perform(self, form: forms.Form) -> Membership:
        return organisation.end_membership(
            membership=self.membership, **form.cleaned_data, actor=self.user, now=timezone.now()
        )


class MemberGroup(MembershipFormView):
    form_class = GroupChoiceForm

    def get_title(self) -> str:
        return _("%(name)s的党小组") % {"name": self.membership.person}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"branch": self.branch, "today": today_of()}

    def get_initial(self) -> dict[str, Any]:
        return {"group": self.membership.group_id}

    def perform(self, form: forms.Form) -> Membership:
        return organisation.move_to_group(
            membership=self.membership, **form.cleaned_data, actor=self.user, now=timezone.now()
        )


def _perform_appoint(form: forms.Form, **more: Any) -> Appointment:
    values = dict(form.cleaned_data)
    post = values.pop("post")
    return organisation.appoint(post=post.pk, **values, **more)


class Appoint(BranchFormView):
    form_class = AppointForm
    title = gettext_lazy("任命支部职务")
    submit_label = gettext_lazy("任命")

    def get_form_kwargs(self) -> dict[str, Any]:
        people = Person.objects.filter(committee=self.branch.committee)
        if not self.branch.is_temporary:
            people = people.filter(
                Q(memberships__branch=self.branch) | Q(memberships__branch__parent=self.branch),
                memberships__ended_on__isnull=True,
            )
        return super().get_form_kwargs() | {
            "people": people.order_by("name", "pk").distinct(),
            "in_branch": True,
        }

    def get_initial(self) -> dict[str, Any]:
        return {"started_on": today_of()}

    def perform(self, form: forms.Form) -> Appointment:
        return _perform_appoint(form, branch=self.branch, actor=self.user, now=timezone.now())


class CommitteeAppoint(ServiceFormView):
    form_class = AppointForm
    title = gettext_lazy("任命党委职务")
    submit_label = gettext_lazy("任命")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.committee = get_object_or_404(editable_committees(signed_in(request)), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        people = Person.objects.filter(committee=self.committee).order_by("name", "pk")
        return super().get_form_kwargs() | {"people": people, "in_branch": False}

    def get_initial(self) -> dict[str, Any]:
        return {"started_on": today_of()}

    def perform(self, form: forms.Form) -> Appointment:
        return _perform_appoint(form, committee=self.committee, actor=self.user, now=timezone.now())

    def get_back_url(self) -> str:
        return reverse("branches:committee-detail", args=[self.committee.pk])


class AppointmentEnd(ServiceFormView):
    form_class = EndForm
    submit_label = gettext_lazy("办理免职")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user = signed_in(request)
        self.appointment: Appointment = get_object_or_404(
            Appointment.objects.select_related("person", "post", "branch__committee", "committee"),
            pk=kwargs["pk"],
        )
        place: Committee | None = self.appointment.committee
        if self.appointment.branch is not None:
            place = visible_branch(user, self.appointment.branch.pk).committee
        if place is None or not may_edit_organisation(user, place):
            raise PermissionDenied(_("只有本党委的党群部专责可以办理任免。"))
        return super().dispatch(request, *args, **kwargs)

    def get_title(self) -> str:
        return _("免去%(who)s") % {"who": self.appointment}

    def get_initial(self) -> dict[str, Any]:
        return {"ended_on": today_of()}

    def perform(self, form: forms.Form) -> Appointment:
        return organisation.end_appointment(
            appointment=self.appointment, **form.cleaned_data, actor=self.user, now=timezone.now()
        )

    def get_back_url(self) -> str:
        if self.appointment.branch_id:
            return reverse("branches:detail", args=[self.appointment.branch_id])
        return reverse("branches:committee-detail", args=[self.appointment.committee_id])


def asked_people(request: HttpRequest) -> QuerySet[Person]:
    """The people of the user's committees that the search in the address finds. Raises
    PermissionDenied for anybody but officers and leaders."""
    access = access_of(signed_in(request))
    if not (access.is_officer or access.is_leader):
        raise PermissionDenied(_("只有党群部专责和党委领导可以看全部人员。"))
    today, text = today_of(), search_text(request.GET, 60)
    people = (
        Person.objects.filter(committee__in=access.overseen_committees)
        .select_related("committee")
        .prefetch_related(
            Prefetch(
                "memberships",
                Membership.objects.filter(in_force(today)).select_related("branch"),
            ),
            Prefetch(
                "appointments",
                Appointment.objects.filter(in_force(today)).select_related(
                    "post", "branch", "committee"
                ),
            ),
        )
        .order_by("name", "pk")
    )
    if text:
        people = people.filter(
            Q(name__icontains=text) | Q(staff_no=text) | Q(workplace__icontains=text)
        )
    return people


class PersonList(TemplateView):
    """People of the officer's committees; a search by name, number or workplace."""

    template_name = "branches/person_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = asked_people(self.request)
        access = access_of(signed_in(self.request))
        text = search_text(self.request.GET, 60)
        page = Paginator(people, PEOPLE_PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page,
            text=text,
            may_create=access.is_officer,
            officer_committees=access.officer_committees,
            crumbs=[Crumb(_("组织"), reverse("branches:list")), Crumb(_("人员"))],
            **kwargs,
        )


class PersonCreate(ServiceFormView):
    form_class = PersonCreateForm
    title = gettext_lazy("登记人员")
    submit_label = gettext_lazy("登记")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not access_of(signed_in(request)).is_officer:
            raise PermissionDenied(_("只有党群部专责可以登记人员。"))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"committees": editable_committees(self.user)}

    def perform(self, form: forms.Form) -> Person:
        values = dict(form.cleaned_data)
        account = values.pop("username")
        return organisation.create_person(
            **values, user=account, actor=self.user, now=timezone.now()
        )

    def get_back_url(self) -> str:
        return reverse("branches:person-list")


class PersonEdit(ServiceFormView):
    form_class = PersonForm
    submit_label = gettext_lazy("保存")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user = signed_in(request)
        self.person: Person = get_object_or_404(
            Person.objects.filter(committee__in=access_of(user).overseen_committees).select_related(
                "user", "committee"
            ),
            pk=kwargs["pk"],
        )
        if not may_edit_organisation(user, self.person.committee):
            raise PermissionDenied(_("只有本党委的党群部专责可以修改人员。"))
        return super().dispatch(request, *args, **kwargs)

    def get_title(self) -> str:
        return _("修改“%(name)s”") % {"name": self.person.name}

    def get_initial(self) -> dict[str, Any]:
        names = ("name", "staff_no", "workplace", "job_title")
        return {name: getattr(self.person, name) for name in names} | {
            "username": self.person.user.username if self.person.user else ""
        }

    def perform(self, form: forms.Form) -> Person:
        values = dict(form.cleaned_data)
        account = values.pop("username")
        return organisation.edit_person(
            person=self.person, **values, user=account, actor=self.user, now=timezone.now()
        )

    def get_back_url(self) -> str:
        return reverse("branches:person-list")


class GrantList(TemplateView):
    """Who holds which role: for the security administrator, and for the auditor to read."""

    template_name = "branches/grant_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = signed_in(self.request), today_of()
        access = access_of(user)
        if not (access.is_security_admin or access.is_auditor):
            raise PermissionDenied(_("只有安全管理员和审计管理员可以看授权。"))
        grants = RoleGrant.objects.select_related("user", "committee", "branch").order_by(
            "role", "user__username", "pk"
        )
        return super().get_context_data(
            current=grants.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=today)),
            former=grants.filter(ended_on__lt=today).order_by("-ended_on", "pk")[:50],
            may_grant=may_grant(user),
            **kwargs,
        )


class GrantCreate(ServiceFormView):
    form_class = GrantForm
    title = gettext_lazy("授权")
    submit_label = gettext_lazy("授权")
    note = gettext_lazy(
        "书记、副书记、党委领导和检查组成员按任职和派组自动有权限，不用在这里授权。"
    )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_grant(signed_in(request)):
            raise PermissionDenied(_("只有安全管理员可以授权。"))
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {"started_on": today_of()}

    def perform(self, form: forms.Form) -> RoleGrant:
        values = dict(form.cleaned_data)
        account = values.pop("username")
        return organisation.grant_role(user=account, **values, actor=self.user, now=timezone.now())

    def get_back_url(self) -> str:
        return reverse("branches:grant-list")


class GrantEnd(ServiceFormView):
    form_class = EndForm
    submit_label = gettext_lazy("收回授权")
    danger = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_grant(signed_in(request)):
            raise PermissionDenied(_("只有安全管理员可以收回授权。"))
        self.grant: RoleGrant = get_object_or_404(
            RoleGrant.objects.select_related("user"), pk=kwargs["pk"]
        )
        return super().dispatch(request, *args, **kwargs)

    def get_title(self) -> str:
        return _("收回%(grant)s") % {"grant": self.grant}

    def get_initial(self) -> dict[str, Any]:
        return {"ended_on": today_of()}

    def perform(self, form: forms.Form) -> RoleGrant:
        return organisation.end_grant(
            grant=self.grant, **form.cleaned_data, actor=self.user, now=timezone.now()
        )

    def get_back_url(self) -> str:
        return reverse("branches:grant-list")
