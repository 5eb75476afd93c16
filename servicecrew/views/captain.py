"""The captain's home on the phone, and the press of its buttons."""

from __future__ import annotations

from typing import Any
from uuid import uuid5

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import View

from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from portal.offline.keeping import keepable
from servicecrew.access import crews_of
from servicecrew.forms.turnouts import PressForm, StartForm
from servicecrew.models import Crew, EnteredVia, Mark, Operation, Turnout
from servicecrew.selectors.captain import captain_home
from servicecrew.services import steps
from servicecrew.services.times import TimeStatement
from servicecrew.services.turnouts import open_turnout


@method_decorator(keepable, name="dispatch")
class CaptainHome(View):
    """出队: three buttons, and what is still owed."""

    def show(
        self,
        request: HttpRequest,
        *,
        status: int = 200,
        refusal: str = "",
        data: Any = None,
        errors: DomainError | None = None,
    ) -> HttpResponse:
        user = signed_in(request)
        chosen = request.GET.get("crew", "")
        home = captain_home(
            user=user,
            now=timezone.now(),
            crew_id=int(chosen) if chosen.isdigit() and len(chosen) < 18 else None,
        )
        if home.crew is None:
            raise PermissionDenied(_("您不在任何服务队的名册上。请党群部把您加进名册。"))
        form = StartForm(
            data,
            crews=Crew.objects.filter(pk__in=[crew.pk for crew in home.crews]),
            operations=Operation.objects.visible_to(user).open(),
            initial={"uuid": home.new_key, "key": home.press_key, "crew": home.crew.pk},
        )
        if data is not None:
            form.is_valid()
            if errors is not None:
                form.refuse(errors)
        context = {"home": home, "form": form, "refusal": refusal, "page_title": _("出队")}
        return render(request, "servicecrew/captain.html", context, status=status)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """出发: the turnout begins. Sent twice it is one."""
        user, now = signed_in(request), timezone.now()
        if not crews_of(user).serves:
            raise PermissionDenied(_("您不在任何服务队的名册上。"))
        form = StartForm(
            request.POST,
            crews=Crew.objects.filter(pk__in=crews_of(user).serves),
            operations=Operation.objects.visible_to(user).open(),
        )
        if not form.is_valid():
            return self.show(request, status=400, data=request.POST)
        data = form.cleaned_data
        times = [
            TimeStatement(
                key=data["key"],
                mark=Mark.DEPARTED,
                at=data["at"] or now,
                is_measured=True,
                sent_at=data["sent_at"],
            )
        ]
        if data["ordered_at"]:
            times.insert(
                0,
                TimeStatement(
                    key=_second_key(data["key"]),
                    mark=Mark.ORDERED,
                    at=data["ordered_at"],
                    is_measured=False,
                ),
            )
        operation = data.get("operation")
        try:
            open_turnout(
                uuid=data["uuid"],
                crew=data["crew"],
                values={
                    "subject": data["subject"],
                    "place": data["place"],
                    "service_kind": data["service_kind"],
                    "operation_id": operation.pk if operation else None,
                },
                times=times,
                entered_via=EnteredVia.PHONE,
                actor=user,
                now=now,
            )
        except DomainError as error:
            return self.show(request, status=error.status_code, data=request.POST, errors=error)
        return redirect(f"{reverse('servicecrew:home')}?crew={data['crew'].pk}")


class Press(View):
    """到场, 复电: one button by POST; back to the page it was pressed on."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, uuid: Any, mark: str) -> HttpResponse:
        user, now = signed_in(request), timezone.now()
        turnout = Turnout.objects.visible_to(user).filter(uuid=uuid).first()
        if turnout is None or mark not in Mark.values:
            raise Http404
        form = PressForm(request.POST)
        if not form.is_valid():
            return CaptainHome().show(
                request, status=400, refusal=_("这次按键没有带上标识，请刷新页面再按一次。")
            )
        try:
            steps.mark_turnout(
                turnout_id=turnout.pk, statements=[form.statement(mark, now)], actor=user, now=now
            )
        except DomainError as error:
            if not crews_of(user).serves:
                raise
            return CaptainHome().show(request, status=error.status_code, refusal=error.message)
        if mark == Mark.RESTORED:
            return redirect("servicecrew:turnout", uuid=uuid)
        return redirect(f"{reverse('servicecrew:home')}?crew={turnout.crew_id}")


def _second_key(key: Any) -> Any:
    return uuid5(key, "ordered")
