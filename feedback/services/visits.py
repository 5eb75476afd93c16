"""Writing down a visit with all that came out of it; linking leaders to places and people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from branches.models import Branch, Committee, Person
from feedback.keys import ALPHABET, LENGTH
from feedback.models import (
    LinkAssignment,
    Source,
    StaffVisit,
    VisitAnswer,
    VisitCampaign,
    VisitMode,
    VisitNote,
    VisitPlace,
    VisitQuestion,
    VisitRequest,
)
from feedback.models.visits import LinkKind
from feedback.services.history import checked
from feedback.services.submitting import Said, Speaker, record_request
from feedback.visit_permissions import may_assign_links, may_record_visit
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError
from portal.kernel.months import local_date

MAX_REQUESTS = 10
MAX_MET = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """The answer to one question of the checklist."""

    text: str = ""
    is_finding: bool = False


@dataclass(frozen=True, slots=True)
class Brought:
    """One thing that somebody said on the visit."""

    said: Said
    speaker: Speaker


@dataclass(frozen=True, slots=True)
class VisitDraft:
    """A visit as the form has it. ``seen`` by the question's key. ``key``: the same form sent twice
    makes one visit."""

    led_by: Person
    visited_on: dt.date
    place: VisitPlace | None = None
    whom: str = ""
    met_count: int = 1
    mode: str = VisitMode.ON_SITE
    companions: str = ""
    topics: str = ""
    seen: Mapping[int, Seen] | None = None
    private_note: str = ""
    brought: Sequence[Brought] = ()
    key: str = ""


def record_visit(
    *, committee: Committee, draft: VisitDraft, actor: User, now: dt.datetime, via: str = "web"
) -> StaffVisit:
    """Keep a visit, its answers, its private note and the requests it brought back, at once.

    The audit trail says that there was a visit and where, nothing of what was said. Raises
    PermissionDenied, DomainError naming the field.
    """
    if not may_record_visit(actor, committee):
        raise PermissionDenied
    today = local_date(now)
    if draft.visited_on > today:
        raise DomainError(_("日期还没到，走访之后再记。"), field="visited_on")
    if draft.place is None and not draft.whom.strip():
        raise DomainError(_("请选去了哪里，或填见了谁。"), field="place")
    if draft.place is not None and draft.place.committee_id != committee.pk:
        raise DomainError(_("这个走访对象不是本单位的。"), field="place")
    if not 1 <= draft.met_count <= MAX_MET:
        raise DomainError(_("见了几人，请填1到%(most)d。") % {"most": MAX_MET}, field="met_count")
    if draft.mode not in VisitMode.values:
        raise DomainError(_("请选走访方式。"), field="mode")
    if len(draft.brought) > MAX_REQUESTS:
        raise DomainError(_("一次走访最多带回%(n)d件。") % {"n": MAX_REQUESTS})
    with transaction.atomic():
        if _is_key(draft.key) and (there := StaffVisit.objects.filter(pk=draft.key).first()):
            return there  # type: ignore[no-any-return]
        more = {"id": draft.key} if _is_key(draft.key) else {}
        visit: StaffVisit = StaffVisit.objects.create(
            committee=committee,
            campaign=_campaign(committee, draft.visited_on),
            led_by=draft.led_by,
            companions=checked(draft.companions, field="companions", most=100),
            place=draft.place,
            whom=checked(draft.whom, field="whom", most=60),
            met_count=draft.met_count,
            mode=draft.mode,
            visited_on=draft.visited_on,
            topics=checked(draft.topics, field="topics", most=500),
            recorded_at=now,
            recorded_by=actor,
            **more,
        )
        _keep_seen(visit, draft.seen or {})
        if note := checked(draft.private_note, field="private_note", most=1000):
            VisitNote.objects.create(visit=visit, text=note)
        for brought in draft.brought:
            request = record_request(
                said=brought.said,
                committee=committee,
                source=Source.VISIT,
                speaker=brought.speaker,
                from_visit=True,
                actor=actor,
                now=now,
                via=via,
            )
            VisitRequest.objects.create(visit=visit, request=request)
        record(
            code="visit.recorded",
            target=visit,
            actor=actor,
            now=now,
            via=via,
            after={"visited_on": draft.visited_on, "brought": len(draft.brought)},
        )
    return visit


def _keep_seen(visit: StaffVisit, seen: Mapping[int, Seen]) -> None:
    questions = {q.pk: q for q in VisitQuestion.objects.filter(pk__in=seen, is_active=True)}
    answers = []
    for key, given in seen.items():
        question = questions.get(key)
        text = checked(given.text, field=f"seen_{key}", most=300)
        if question is None or not (text or given.is_finding):
            continue
        if given.is_finding and not text:
            raise DomainError(
                _("“%(name)s”查出了问题，请写明是什么。") % {"name": question.name},
                field=f"seen_{key}",
            )
        answers.append(
            VisitAnswer(visit=visit, question=question, is_finding=given.is_finding, text=text)
        )
    VisitAnswer.objects.bulk_create(answers)


def _campaign(committee: Committee, on: dt.date) -> VisitCampaign | None:
    found: VisitCampaign | None = VisitCampaign.objects.filter(
        committee=committee, started_on__lte=on, ended_on__gte=on
    ).first()
    return found


def _is_key(key: str) -> bool:
    return len(key) == LENGTH and not set(key) - set(ALPHABET)


def assign_link(
    *,
    committee: Committee,
    leader: Person,
    kind: str,
    branch: Branch | None = None,
    place: VisitPlace | None = None,
    person: Person | None = None,
    times_a_year: int = 4,
    started_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> LinkAssignment:
    """Link a leader to a branch, a place or a person from a day on. Of the targets only the one of
    the kind counts. ``actor`` None: set-up. Raises PermissionDenied, DomainError."""
    if actor is not None and not may_assign_links(actor, committee):
        raise PermissionDenied
    if kind not in LinkKind.values:
        raise DomainError(_("请选挂联类别。"), field="kind")
    target: dict[str, Branch | VisitPlace | Person | None] = {
        "branch": branch if kind == LinkKind.BRANCH else None,
        "person": person if kind == LinkKind.STAFF else None,
        "place": place if kind not in {LinkKind.BRANCH, LinkKind.STAFF} else None,
    }
    if not any(target.values()):
        raise DomainError(_("请选挂联到哪里。"), field="target")
    twice = DomainError(_("这位领导已经挂联这里。"), field="target")
    there = LinkAssignment.objects.filter(leader=leader, kind=kind, **target, ended_on=None)
    if there.exists():
        raise twice
    try:
        with transaction.atomic():
            link: LinkAssignment = LinkAssignment.objects.create(
                committee=committee,
                leader=leader,
                kind=kind,
                **target,
                times_a_year=times_a_year,
                started_on=started_on,
            )
            record(code="link.assigned", target=link, actor=actor, now=now, via=via)
    except IntegrityError:  # a double click: both looked before either wrote
        raise twice from None
    return link


def end_link(
    *, link_id: int, ended_on: dt.date, actor: User, now: dt.datetime, via: str = "web"
) -> LinkAssignment:
    """The link is over after ``ended_on``. Raises PermissionDenied, DomainError."""
    with transaction.atomic():
        link: LinkAssignment = (
            LinkAssignment.objects.select_for_update(of=("self",))
            .select_related("committee", "leader", "branch", "place", "person")
            .get(pk=link_id)
        )
        if not may_assign_links(actor, link.committee):
            raise PermissionDenied
        if ended_on < link.started_on:
            raise DomainError(_("结束日期不能早于开始日期"), field="ended_on")
        link.ended_on = ended_on
        link.save(update_fields=["ended_on"])
        record(
            code="link.ended",
            target=link,
            actor=actor,
            now=now,
            via=via,
            after={"ended_on": ended_on},
        )
    return link


def add_place(
    *,
    committee: Committee,
    kind: str,
    name: str,
    branch: Branch | None = None,
    headcount: int | None = None,
    sort_order: int = 0,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> VisitPlace:
    """Enter a place that should be seen from time to time. ``actor`` None: set-up.
    Raises PermissionDenied."""
    if actor is not None and not may_assign_links(actor, committee):
        raise PermissionDenied
    with transaction.atomic():
        place: VisitPlace = VisitPlace.objects.create(
            committee=committee,
            kind=kind,
            name=checked(name, field="name", most=40, missing=_("请填名称。")),
            branch=branch,
            headcount=headcount,
            sort_order=sort_order,
        )
        record(code="visit_place.added", target=place, actor=actor, now=now, via=via)
    return place


def start_campaign(
    *,
    committee: Committee,
    name: str,
    started_on: dt.date,
    ended_on: dt.date,
    goal: int,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> VisitCampaign:
    """Count the visits of a period under a name. Raises PermissionDenied."""
    if actor is not None and not may_assign_links(actor, committee):
        raise PermissionDenied
    with transaction.atomic():
        campaign: VisitCampaign = VisitCampaign.objects.create(
            committee=committee, name=name, started_on=started_on, ended_on=ended_on, goal=goal
        )
        record(code="campaign.started", target=campaign, actor=actor, now=now, via=via)
    return campaign


def bring_back(*, visit: StaffVisit, request_id: str) -> VisitRequest:
    """Say which visit a request came from that was written down later, at the desk. The same
    again changes nothing."""
    link, _created = VisitRequest.objects.get_or_create(
        request_id=request_id, defaults={"visit": visit}
    )
    return link
