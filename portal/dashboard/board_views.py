"""The 135 board as a page, for staff, for the wall, and the leader's home."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.access import Access, access_of
from evaluations.models import RectificationNotice
from feedback.models import Promise, StaffRequest
from feedback.querysets import late_on
from feedback.selectors.visits import hooks_of_month
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.dashboard import homes, owed
from portal.dashboard.board135 import Board, may_see_board, read_board
from portal.dashboard.owed import Owed
from portal.kernel import navigation
from portal.kernel.months import Month, local_date
from portal.kernel.together import counted, counting, read_together
from servicecrew.access import crews_in
from servicecrew.models import Turnout

MOST_COUNTED = 99


def plug_in() -> None:
    """Called once by ``DashboardConfig.ready``."""
    navigation.register(
        navigation.NavEntry(
            key="board",
            label=gettext_lazy("135 看板"),
            icon="layout-grid",
            url_name="dashboard:board",
            allowed=may_see_board,
            order=12,
        )
    )
    homes.register(
        "captain",
        suits=leads_a_crew,
        view=captain_home,
        order=50,
        url_name="servicecrew:home",
    )
    owed.register("listening", listening_late, order=5)
    owed.register("notices", notices_open, order=10)
    owed.register("visits", visits_owed, order=20)
    owed.register("decisions", requests_to_decide, order=30)
    owed.register("turnouts", turnouts_to_verify, order=60)


def leads_a_crew(access: Access) -> bool:
    """Captains and deputies, by grant or by the roster of today."""
    return bool(crews_in(access).leads)


def captain_home(request: HttpRequest) -> HttpResponseBase:
    return redirect("servicecrew:home")


def _read(request: HttpRequest, *, is_public: bool = False) -> Board:
    asked = request.GET.get("committee", "")
    return read_board(
        user=signed_in(request),
        today=local_date(timezone.now()),
        committee_id=int(asked) if asked.isdigit() and len(asked) < 18 else None,
        period=request.GET.get("period", ""),
        is_public=is_public,
    )


def board(request: HttpRequest) -> HttpResponse:
    """135 看板."""
    if not may_see_board(request.user):
        raise PermissionDenied(_("135 看板给党委和党群部看，职工请看公开版。"))
    return render(request, "dashboard/board/page.html", {"board": _read(request)})


def board_public(request: HttpRequest) -> HttpResponse:
    """The same numbers for all staff, without what is owed and without names."""
    return render(request, "dashboard/board/public.html", {"board": _read(request, is_public=True)})


def board_screen(request: HttpRequest) -> HttpResponse:
    """For the wall: large, dark, no links; reads itself anew every five minutes."""
    return render(request, "dashboard/board/screen.html", {"board": _read(request, is_public=True)})


# -- what is owed ------------------------------------------------------------------------------


def listening_late(user: User, today: dt.date) -> Owed | None:
    """Requests that somebody let lie, by the ledger's and the public board's own definition; where
    there are none, what departments promised and have not delivered. One query."""
    if not access_of(user).overseen_committees:
        return None
    listened = StaffRequest.objects.in_office_of(user)
    requests = counting(listened.filter(late_on(today)), late=Count("pk"))
    promises = (
        Promise.objects.filter(request__in=listened, status__in=("promised", "ordered"))
        .order_by("due_on", "pk")
        .values_list("what", "department__name", "due_on")
    )
    read_together(requests, promises)
    late_requests = counted(requests)["late"]
    late = [row for row in promises if row[2] < today]
    line = _("%(n)d 件承诺在路上，都没到期") % {"n": len(promises)} if promises else ""
    if late:
        what, department, due = late[0]
        values = {"who": department, "what": what, "n": (today - due).days}
        line = _("%(who)s：%(what)s，逾期 %(n)d 天") % values
    if late_requests:
        if late:
            line = _("另有 %(n)d 件承诺逾期") % {"n": len(late)}
        url = f"{reverse('feedback:ledger')}?tab=late"
        return Owed(_("逾期的诉求"), late_requests, "late", line or _("没有按期办"), url)
    url = reverse("feedback:promises")
    if late:
        return Owed(_("逾期的承诺"), len(late), "late", line, url)
    return Owed(_("逾期的诉求、承诺"), 0, "done", line or _("没有欠着的"), url)


def notices_open(user: User, today: dt.date) -> Owed | None:
    committees = access_of(user).overseen_committees
    if not committees:
        return None
    rows = list(
        RectificationNotice.objects.filter(branch__committee_id__in=committees)
        .open()
        .exclude(status="draft")
        .order_by("due_on")
        .values_list("branch__name", "due_on")[:MOST_COUNTED]
    )
    if not rows:
        return Owed(_("通知书在办"), 0, "done", _("没有在办的"), reverse("evaluations:notice-list"))
    name, due = rows[0]
    left = (due - today).days if due else 0
    when = _("剩 %(n)d 天") % {"n": left} if left >= 0 else _("逾期 %(n)d 天") % {"n": -left}
    day = f"{due.month}月{due.day}日" if due else ""
    return Owed(
        _("通知书在办"),
        len(rows),
        "late" if left < 0 else "soon",
        _("%(name)s，%(day)s到期，%(when)s") % {"name": name, "day": day, "when": when},
        reverse("evaluations:notice-list"),
    )


def visits_owed(user: User, today: dt.date) -> Owed | None:
    """挂点走访还欠: hooks (三挂) nobody has gone to this month. One query."""
    access = access_of(user)
    if not access.overseen_committees:
        return None
    hooks = hooks_of_month(access.overseen_committees, today)
    due = Month.of(today).last_day
    url = f"{reverse('feedback:links')}?owed=1"
    missing = [(leader, name) for leader, name, made in hooks if not made]
    if not missing:
        line = _("挂点 %(n)d 处本月都到过") % {"n": len(hooks)} if hooks else _("还没有登记挂点")
        return Owed(_("挂点走访还欠"), 0, "done", line, url)
    own = sum(leader == access.person_id for leader, _name in missing)
    others = len(missing) - own
    words = [_("本人 %(n)d 处") % {"n": own}] if own else []
    if others:
        named = list(dict.fromkeys(name for leader, name in missing if leader != access.person_id))
        who = named[0] if len(named) == 1 else _("%(n)d 位领导") % {"n": len(named)}
        words.append(_("%(who)s %(n)d 处") % {"who": who, "n": others})
    until = _("%(month)d月%(day)d日前") % {"month": due.month, "day": due.day}
    return Owed(_("挂点走访还欠"), len(missing), "soon", f"{'、'.join(words)}，{until}", url)


def requests_to_decide(user: User, today: dt.date) -> Owed | None:
    """请书记裁定: answered twice and still not solved. The secretary's alone. One query."""
    committees = access_of(user).leader_committees
    if not committees:
        return None
    count = StaffRequest.objects.filter(
        committee_id__in=committees, status="appealed", is_sealed=False
    ).count()
    return Owed(
        _("等您裁定的诉求"),
        count,
        "doing" if count else "done",
        _("重办过仍不满意，由书记定") if count else _("没有等着的"),
        f"{reverse('feedback:ledger')}?tab=decide",
    )


def turnouts_to_verify(user: User, today: dt.date) -> Owed | None:
    """The party-affairs office's work; a leader has :func:`requests_to_decide` in its place."""
    access = access_of(user)
    committees = access.overseen_committees
    if not committees or access.leader_committees:
        return None
    count = Turnout.objects.filter(committee_id__in=committees, status="captain_confirmed").count()
    return Owed(
        _("出队待核定"),
        count,
        "doing" if count else "done",
        _("队长确认过，核定后计入统计") if count else _("都核定了"),
        f"{reverse('servicecrew:turnouts')}?status=captain_confirmed",
    )
