"""The search box: branches, people, document numbers, records and requests, each as far as the
asker may see them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.models import Activity, Appointment, Branch, Membership, Person
from branches.rosters import in_force
from evaluations.models import RectificationNotice
from feedback.models import StaffRequest
from feedback.selectors.standing import standing
from feedback.similar import matching
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.kernel.months import local_date
from portal.kernel.searches import search_text
from portal.kernel.words import zh_full

MOST = 10
LONGEST = 60
_NUMBER = re.compile(r"^(?P<code>[^\d〔\[（(]*)[〔\[（(]?(?P<year>\d{4})?[〕\]）)]?(?P<no>\d+)号?$")


@dataclass(frozen=True, slots=True)
class Hit:
    title: str
    line: str
    url: str


@dataclass(frozen=True, slots=True)
class Hits:
    label: str
    rows: Sequence[Hit]
    is_cut: bool


def search(request: HttpRequest) -> HttpResponse:
    """``GET ?q=``."""
    text = search_text(request.GET, LONGEST)
    groups = (
        find(user=signed_in(request), text=text, today=local_date(timezone.now())) if text else []
    )
    return render(
        request,
        "dashboard/search.html",
        {
            "search_text": text,
            "groups": groups,
            "count": sum(len(group.rows) for group in groups),
        },
    )


def find(*, user: User, text: str, today: dt.date) -> list[Hits]:
    """What ``user`` may see of ``text``. At most one query per kind of thing, and two for the
    posts and branches of the people found."""
    found = [
        _hits(_("支部"), _branches(user, text, today)),
        _hits(_("人员"), _people(user, text, today)),
        _hits(_("整改通知书"), _notices(user, text)),
        _hits(_("记录"), _records(user, text)),
        _hits(_("诉求"), _requests(user, text, today)),
    ]
    return [hits for hits in found if hits.rows]


def _hits(label: str, rows: list[Hit]) -> Hits:
    return Hits(label, rows[:MOST], len(rows) > MOST)


def _branches(user: User, text: str, today: dt.date) -> list[Hit]:
    found = (
        Branch.objects.visible_to(user)
        .active_on(today)
        .filter(Q(name__icontains=text) | Q(short_name__icontains=text))
        .select_related("committee")
        .order_by("sort_order", "pk")
    )
    return [
        Hit(b.name, b.committee.name, reverse("branches:detail", args=[b.pk]))
        for b in found[: MOST + 1]
    ]


def _people(user: User, text: str, today: dt.date) -> list[Hit]:
    """People of the committees one oversees, and of the branches one sees into."""
    access = access_of(user)
    mine = Q(committee__in=access.overseen_committees) | Q(
        memberships__branch__in=access.seen_branches, memberships__ended_on__isnull=True
    )
    people = list(
        Person.objects.filter(mine)
        .filter(Q(name__icontains=text) | Q(staff_no=text))
        .select_related("committee")
        .distinct()
        .order_by("name", "pk")[: MOST + 1]
    )
    posts: dict[int, Appointment] = {}
    for post in (
        Appointment.objects.filter(in_force(today), person__in=people)
        .select_related("post", "branch", "committee")
        .order_by("post__sort_order", "pk")
    ):
        posts.setdefault(post.person_id, post)
    homes: dict[int, Membership] = {}
    for membership in Membership.objects.filter(in_force(today), person__in=people).select_related(
        "branch"
    ):
        homes[membership.person_id] = membership
    rows = []
    for person in people:
        held, home = posts.get(person.pk), homes.get(person.pk)
        line = person.workplace or person.committee.name
        if home is not None:
            line = home.branch.name
        if held is not None:
            line = f"{held.branch or held.committee}{held.post}"
        url = reverse("branches:detail", args=[home.branch_id]) if home else ""
        rows.append(Hit(person.name, line, url))
    return rows


def _notices(user: User, text: str) -> list[Hit]:
    match = _NUMBER.match(text.replace(" ", ""))
    if match is None:
        return []
    found = RectificationNotice.objects.visible_to(user).filter(number=int(match["no"][:9]))
    if match["year"]:
        found = found.filter(year=int(match["year"]))
    if match["code"]:
        found = found.filter(issuer_code__icontains=match["code"])
    return [
        Hit(n.document_number, n.branch.name, reverse("evaluations:notice-detail", args=[n.pk]))
        for n in found.select_related("branch").order_by("-issued_at", "-pk")[: MOST + 1]
    ]


def _records(user: User, text: str) -> list[Hit]:
    found = (
        Activity.objects.visible_to(user)
        .filter(Q(subject__icontains=text) | Q(agenda__icontains=text))
        .select_related("branch")
        .order_by("-held_on", "-pk")
    )
    return [
        Hit(
            a.subject,
            f"{zh_full(a.held_on)}，{a.branch.name}",
            reverse("branches:record-detail", args=[a.pk]),
        )
        for a in found[: MOST + 1]
    ]


def _requests(user: User, text: str, today: dt.date) -> list[Hit]:
    """What somebody said: one's own, what one answers for, the office's ledger. Never a name."""
    found = (
        StaffRequest.objects.visible_to(user)
        .filter(pk__in=matching(text, today))
        .select_related("department")
        .with_clock()
        .order_by("-submitted_on", "pk")
    )
    return [
        Hit(
            r.headline or r.text[:40],
            "，".join(
                part
                for part in (
                    zh_full(r.submitted_on),
                    str(r.department or ""),
                    str(standing(r, today).text),
                )
                if part
            ),
            reverse("feedback:request", args=[r.pk]),
        )
        for r in found[: MOST + 1]
    ]
