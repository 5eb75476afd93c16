"""Pages of visits: the list, one visit, writing one down, who has not been seen, the links."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from branches.access import access_of
from branches.models import Committee, Person
from feedback.access import listening_committees
from feedback.forms.visits import LinkForm, VisitForm
from feedback.models import LinkAssignment, Outcome, StaffVisit, VisitCampaign
from feedback.permissions import listens
from feedback.selectors.lists import counted_url
from feedback.selectors.rates import counts_of, percent, received_in, year_before
from feedback.selectors.visits import coverage, links, visit_page, year_of_visits
from feedback.services import visits
from feedback.views.base import today_here
from feedback.visit_permissions import goes_visiting, may_assign_links
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from portal.kernel.ui import Crumb, Figure, Tab


def committee_of(user: User) -> Committee:
    """Where the user goes visiting: his own committee, else the first whose office he is."""
    access = access_of(user)
    keys = access.home_committees or listening_committees(user)
    found = Committee.objects.filter(pk__in=keys).order_by("sort_order", "pk").first()
    if found is None:
        raise PermissionDenied(_("您的账号还没有登记到人员名册，请找党群部登记。"))
    return found


class VisitPageBase(View):
    """For cadres; whoever does not go visiting is told who does."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not goes_visiting(signed_in(request)):
            raise PermissionDenied(_("走访由党群部、书记办公室、领导和支部班子记录和查看。"))
        return super().dispatch(request, *args, **kwargs)

    @property
    def user(self) -> User:
        return signed_in(self.request)

    def crumbs(self, label: str) -> list[Crumb]:
        return [Crumb(_("走访"), reverse("feedback:visits")), Crumb(label)]


class VisitList(VisitPageBase):
    """走访."""

    def get(self, request: HttpRequest) -> HttpResponse:
        today = today_here()
        first = year_before(today)
        rows = StaffVisit.objects.visible_to(self.user).between(first, today)
        year = year_of_visits(rows)
        shown = rows.select_related("led_by", "place").order_by("-visited_on", "pk")
        # What was said on every road, as the board counts it.
        committee = committee_of(self.user)
        said = counts_of(received_in([committee.pk], first, today))
        # Down to the rows for whoever has the ledger.
        has_rows = committee.pk in listening_committees(self.user)
        page = Paginator(shown, 40).get_page(request.GET.get("page"))
        context = {
            "listens": listens(self.user),
            "year": year,
            "figures": [
                Figure(_("走访"), f"{year.visits:,}", _("次")),
                Figure(_("见到"), f"{year.met:,}", _("人次")),
                Figure(_("走访直接带回"), f"{year.brought:,}", _("件")),
                Figure(
                    _("各渠道意见建议"),
                    f"{said.received:,}",
                    _("件"),
                    url=counted_url() if has_rows else reverse("feedback:board"),
                ),
                Figure(
                    _("已整改"),
                    f"{said.carried_out:,}",
                    _("件"),
                    url=counted_url(Outcome.CARRIED_OUT) if has_rows else "",
                    note=_("整改率 %(rate)s%%")
                    % {"rate": percent(said.carried_out, said.received) or 0},
                ),
            ],
            "page_obj": page,
            "campaign": VisitCampaign.objects.filter(
                committee=committee, started_on__lte=today, ended_on__gte=today
            ).first(),
        }
        return render(request, "feedback/visits/list.html", context)


class VisitDetail(VisitPageBase):
    """一次走访."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        rows = StaffVisit.objects.visible_to(self.user)
        visit = rows.select_related("led_by", "place", "campaign", "note").filter(pk=key).first()
        if visit is None:
            raise Http404
        context = {"page": visit_page(visit, self.user), "crumbs": self.crumbs(str(visit))}
        return render(request, "feedback/visits/detail.html", context)


class VisitCreate(VisitPageBase):
    """记一次走访."""

    def show(self, form: VisitForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "crumbs": self.crumbs(_("记一次走访"))}
        return render(self.request, "feedback/visits/form.html", context, status=status)

    def get(self, request: HttpRequest) -> HttpResponse:
        initial = {"place": request.GET.get("place")}
        return self.show(
            VisitForm(committee=committee_of(self.user), today=today_here(), initial=initial)
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        committee = committee_of(self.user)
        form = VisitForm(request.POST, committee=committee, today=today_here())
        if not form.is_valid():
            return self.show(form, 400)
        person = Person.objects.filter(user=self.user).first()
        if person is None:
            form.add_error(None, _("您的账号还没有登记到人员名册，请找党群部登记。"))
            return self.show(form, 400)
        try:
            visit = visits.record_visit(
                committee=committee,
                draft=form.draft(person),
                actor=self.user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.show(form, error.status_code)
        return redirect("feedback:visit", key=visit.pk)


class Coverage(VisitPageBase):
    """谁还没去过."""

    def get(self, request: HttpRequest) -> HttpResponse:
        keys = listening_committees(self.user) | access_of(self.user).home_committees
        groups = coverage(keys, today_here())
        context = {
            "groups": groups,
            "due": sum(group.due for group in groups),
            "crumbs": self.crumbs(_("走访覆盖")),
        }
        return render(request, "feedback/visits/coverage.html", context)


class Links(VisitPageBase):
    """三挂三联."""

    def show(self, form: LinkForm | None = None, status: int = 200) -> HttpResponse:
        committee = committee_of(self.user)
        may = may_assign_links(self.user, committee)
        lines = links(self.user, today_here())
        owed = [line for line in lines if line.is_owed]
        only_owed = "owed" in self.request.GET
        here = reverse("feedback:links")
        context = {
            "lines": owed if only_owed else lines,
            "in_force": len(lines),
            "only_owed": only_owed,
            "tabs": [
                Tab(_("全部"), here, len(lines), not only_owed),
                Tab(_("挂点本月还欠"), f"{here}?owed=1", len(owed), only_owed),
            ],
            "form": form
            or (
                LinkForm(committee=committee, initial={"started_on": today_here()}) if may else None
            ),
            "may_assign": may,
            "crumbs": self.crumbs(_("三挂三联")),
        }
        return render(self.request, "feedback/visits/links.html", context, status=status)

    def fresh(self, committee: Committee) -> LinkForm:
        return LinkForm(committee=committee, initial={"started_on": today_here()})

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show()

    def post(self, request: HttpRequest) -> HttpResponse:
        committee = committee_of(self.user)
        if not may_assign_links(self.user, committee):
            raise PermissionDenied
        form = LinkForm(request.POST, committee=committee)
        if not form.is_valid():
            return self.show(form, 400)
        given = form.cleaned_data
        try:
            visits.assign_link(
                committee=committee,
                leader=given["leader"],
                kind=given["kind"],
                branch=given["branch"],
                place=given["place"],
                person=given["staff_no"],
                times_a_year=given["times_a_year"],
                started_on=given["started_on"],
                actor=self.user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.show(form, error.status_code)
        return redirect("feedback:links")


class LinkEnd(VisitPageBase):
    """结束一项挂联, as of today."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not LinkAssignment.objects.visible_to(self.user).filter(pk=pk).exists():
            raise Http404
        visits.end_link(link_id=pk, ended_on=today_here(), actor=self.user, now=timezone.now())
        return redirect("feedback:links")
