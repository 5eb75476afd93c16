"""Organisation pages: the tree, a branch, a committee, and the officer's plain forms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from branches.access import access_of
from branches.duty_matrix import duties_of
from branches.forms.organisation import (
    BranchCreateForm,
    BranchFactsForm,
    ClassificationForm,
    CloseForm,
    CommitteeForm,
    EndForm,
    GroupForm,
)
from branches.models import (
    Appointment,
    Branch,
    BranchType,
    Committee,
    Membership,
    PartyGroup,
    Tier,
)
from branches.organisation_tree import TreeGroup, organisation_tree
from branches.permissions import (
    may_create_committee,
    may_edit_organisation,
    may_see_branch,
)
from branches.rosters import in_force
from branches.services import organisation
from branches.views.base import ServiceFormView, today_of, visible_branch
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.kernel.months import Month
from portal.kernel.searches import search_text
from portal.kernel.ui import Crumb


def editable_committees(user: User) -> QuerySet[Committee]:
    """Committees whose organisation the user edits."""
    return Committee.objects.filter(pk__in=access_of(user).officer_committees).order_by(
        "sort_order", "pk"
    )


def asked_tree(request: HttpRequest) -> list[TreeGroup]:
    """The committees and branches that the user may know of and the search in the address finds."""
    user, today = signed_in(request), today_of()
    chosen = request.GET.get("type", "")
    visible = Branch.objects.visible_to(user)
    if access_of(user).is_admin:
        visible = Branch.objects.all()
    return organisation_tree(
        branches=visible,
        month=Month.of(today),
        today=today,
        text=search_text(request.GET, 60),
        branch_type=chosen if chosen in BranchType.values else "",
    )


class Tree(TemplateView):
    """Committees and branches; a search by name or secretary."""

    template_name = "branches/tree.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = signed_in(self.request)
        text = search_text(self.request.GET, 60)
        chosen = self.request.GET.get("type", "")
        groups = asked_tree(self.request)
        rows = [row for group in groups for row in group.rows]
        return super().get_context_data(
            groups=groups,
            branch_count=len(rows),
            member_count=sum(row.branch.member_count for row in rows),
            text=text,
            search_text=text,
            chosen=chosen,
            types=BranchType.choices,
            may_create=bool(access_of(user).officer_committees),
            may_create_committee=may_create_committee(user, None)
            or bool(access_of(user).officer_committees),
            **kwargs,
        )


class BranchPage(TemplateView):
    """A branch: what it is now, who leads it, how it came to be classified so."""

    template_name = "branches/branch.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = signed_in(self.request), today_of()
        branch = visible_branch(user, self.kwargs["pk"])
        month = Month.of(today)
        current = Branch.objects.filter(pk=branch.pk).classified(month).first()
        if current is not None:
            current.tier_label = Tier(current.tier).label
            current.type_label = BranchType(current.branch_type).label
        sees_inside = may_see_branch(user, branch)
        appointments = list(
            Appointment.objects.filter(branch=branch)
            .select_related("person", "post")
            .order_by("post__sort_order", "-started_on")
        )
        groups = list(PartyGroup.objects.filter(in_force(today), branch=branch))
        return super().get_context_data(
            branch=branch,
            month=month,
            today=today,
            current=current,
            classifications=branch.classifications.order_by("-first_month"),
            posts=[a for a in appointments if a.ended_on is None or a.ended_on >= today],
            former=[a for a in appointments if a.ended_on is not None and a.ended_on < today],
            groups=groups,
            sub_branches=branch.sub_branches.filter(closed_on__isnull=True),
            # Of a general branch those of the branches below, as the list of branches counts.
            member_count=Membership.objects.filter(
                in_force(today), Q(branch=branch) | Q(branch__parent=branch)
            ).count(),
            row=duties_of(branch, month, today) if sees_inside else None,
            sees_inside=sees_inside,
            may_edit=may_edit_organisation(user, branch.committee),
            crumbs=[Crumb(_("组织"), reverse("branches:list")), Crumb(branch.name)],
            **kwargs,
        )


class CommitteePage(TemplateView):
    """A committee: its names, its leaders, those below."""

    template_name = "branches/committee.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = signed_in(self.request), today_of()
        access = access_of(user)
        known = access.overseen_committees | access.home_committees
        committees = Committee.objects.select_related("parent")
        if not access.is_admin:
            committees = committees.filter(pk__in=known)
        committee = get_object_or_404(committees, pk=self.kwargs["pk"])
        return super().get_context_data(
            committee=committee,
            today=today,
            posts=Appointment.objects.filter(in_force(today), committee=committee)
            .select_related("person", "post")
            .order_by("post__sort_order", "pk"),
            children=committee.children.filter(is_active=True),
            branch_count=committee.branches.active_on(today).count(),
            may_edit=may_create_committee(user, committee.parent),
            may_appoint=may_edit_organisation(user, committee),
            crumbs=[Crumb(_("组织"), reverse("branches:list")), Crumb(committee.name)],
            **kwargs,
        )


class CommitteeCreate(ServiceFormView):
    form_class = CommitteeForm
    title = gettext_lazy("新建党委")
    submit_label = gettext_lazy("建立党委")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        access = access_of(signed_in(request))
        if not (access.is_system_admin or access.is_officer):
            raise PermissionDenied(_("只有系统管理员或上级党委的党群部专责可以新建党委。"))
        return super().dispatch(request, *args, **kwargs)

    def get_form(self, form_class: Any = None) -> forms.Form:
        form: forms.Form = super().get_form(form_class)
        access = access_of(self.user)
        if not access.is_system_admin:
            field = form.fields["parent"]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared on the form
            field.required = True
            field.queryset = editable_committees(self.user)
        return form

    def perform(self, form: forms.Form) -> Committee:
        return organisation.create_committee(
            **form.cleaned_data, actor=self.user, now=timezone.now()
        )

    def get_back_url(self) -> str:
        return reverse("branches:list")

    def get_success_url(self) -> str:
        return reverse("branches:committee-detail", args=[self.result.pk])


class CommitteeEdit(ServiceFormView):
    form_class = CommitteeForm
    submit_label = gettext_lazy("保存")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user = signed_in(request)
        access = access_of(user)
        known = access.overseen_committees | access.home_committees
        self.committee = get_object_or_404(
            Committee.objects.select_related("parent"), pk=kwargs["pk"]
        )
        if not access.is_admin and self.committee.pk not in known:
            raise Http404
        if not may_create_committee(user, self.committee.parent):
            raise PermissionDenied(_("只有系统管理员或上级党委的党群部专责可以修改党委。"))
        return super().dispatch(request, *args, **kwargs)

    def get_title(self) -> str:
        return _("修改“%(name)s”") % {"name": self.committee.name}

    def get_initial(self) -> dict[str, Any]:
        names = ("name", "full_name", "county", "issuer_code", "sort_order")
        return {name: getattr(self.committee, name) for name in names} | {
            "parent": self.committee.parent_id
        }

    def perform(self, form: forms.Form) -> Committee:
        values = dict(form.cleaned_data)
        parent = values.pop("parent")
        return organisation.edit_committee(
            committee=self.committee,
            values=values,
            parent=parent,
            actor=self.user,
            now=timezone.now(),
        )

    def get_back_url(self) -> str:
        return reverse("branches:committee-detail", args=[self.committee.pk])


class BranchCreate(ServiceFormView):
    """A new branch of the committee named in the address (``?committee=``)."""

    form_class = BranchCreateForm
    title = gettext_lazy("新建支部")
    submit_label = gettext_lazy("建立支部")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        committees = editable_committees(signed_in(request))
        wanted = request.GET.get("committee", "")
        if wanted.isdigit():
            self.committee = get_object_or_404(committees, pk=int(wanted))
        else:
            first = committees.first()
            if first is None:
                raise PermissionDenied(_("只有党群部专责可以新建支部。"))
            self.committee = first
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"committee": self.committee, "today": today_of()}

    def get_initial(self) -> dict[str, Any]:
        return {"first_month": Month.of(today_of())}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            note=_("建在“%(name)s”下。") % {"name": self.committee.name}, **kwargs
        )

    def perform(self, form: forms.Form) -> Branch:
        return organisation.create_branch(
            committee=self.committee, **form.cleaned_data, actor=self.user, now=timezone.now()
        )

    def get_back_url(self) -> str:
        return reverse("branches:list")

    def get_success_url(self) -> str:
        return reverse("branches:detail", args=[self.result.pk])


class BranchFormView(ServiceFormView):
    """A form about one branch, for officers of its committee."""

    branch: Branch
    submit_label = gettext_lazy("保存")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user = signed_in(request)
        self.branch = self.find_branch(user, kwargs["pk"])
        if not may_edit_organisation(user, self.branch.committee):
            raise PermissionDenied(_("只有本党委的党群部专责可以修改组织和人员。"))
        return super().dispatch(request, *args, **kwargs)

    def find_branch(self, user: User, pk: int) -> Branch:
        return visible_branch(user, pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(note=self.note or self.branch.name, **kwargs)

    def get_back_url(self) -> str:
        return reverse("branches:detail", args=[self.branch.pk])


class BranchEdit(BranchFormView):
    form_class = BranchFactsForm
    title = gettext_lazy("修改支部")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "committee": self.branch.committee,
            "today": today_of(),
            "exclude": self.branch.pk,
        }

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.branch, name) for name in organisation.BRANCH_FIELDS} | {
            "parent": self.branch.parent_id
        }

    def perform(self, form: forms.Form) -> Branch:
        values = dict(form.cleaned_data)
        parent = values.pop("parent")
        return organisation.edit_branch(
            branch=self.branch,
            values=values,
            parent=parent,
            month=Month.of(today_of()),
            actor=self.user,
            now=timezone.now(),
        )


class Classify(BranchFormView):
    form_class = ClassificationForm
    title = gettext_lazy("调整分级分类")
    note = gettext_lazy("从所填月份起生效；以前各月的排名不变，已开启的月份也不变。")

    def get_initial(self) -> dict[str, Any]:
        month = Month.of(today_of())
        current = Branch.objects.filter(pk=self.branch.pk).classified(month).first()
        known = (
            {name: getattr(current, name) for name in ("tier", "branch_type", "is_exempt")}
            if current
            else {}
        )
        return known | {"first_month": month.plus(1)}

    def perform(self, form: forms.Form) -> Any:
        return organisation.classify_branch(
            branch=self.branch, **form.cleaned_data, actor=self.user, now=timezone.now()
        )


class BranchClose(BranchFormView):
    form_class = CloseForm
    title = gettext_lazy("撤销支部")
    submit_label = gettext_lazy("撤销支部")
    danger = True

    def get_initial(self) -> dict[str, Any]:
        return {"closed_on": today_of()}

    def perform(self, form: forms.Form) -> Branch:
        return organisation.close_branch(
            branch=self.branch, **form.cleaned_data, actor=self.user, now=timezone.now()
        )


class GroupCreate(BranchFormView):
    form_class = GroupForm
    title = gettext_lazy("新建党小组")
    submit_label = gettext_lazy("建立党小组")

    def get_initial(self) -> dict[str, Any]:
        return {"started_on": today_of()}

    def perform(self, form: forms.Form) -> PartyGroup:
        return organisation.create_group(
            branch=self.branch, **form.cleaned_data, actor=self.user, now=timezone.now()
        )


class GroupEnd(BranchFormView):
    form_class = EndForm
    submit_label = gettext_lazy("撤销党小组")
    danger = True
    group: PartyGroup

    def find_branch(self, user: User, pk: int) -> Branch:
        self.group = get_object_or_404(
            PartyGroup.objects.select_related("branch__committee"), pk=pk
        )
        return visible_branch(user, self.group.branch_id)

    def get_title(self) -> str:
        return _("撤销“%(name)s”") % {"name": self.group.name}

    def get_initial(self) -> dict[str, Any]:
        return {"ended_on": today_of()}

    def perform(self, form: forms.Form) -> PartyGroup:
        return organisation.end_group(
            group=self.group, **form.cleaned_data, actor=self.user, now=timezone.now()
        )
