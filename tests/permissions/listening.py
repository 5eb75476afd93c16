"""The requests in the house of the permission matrix, and the samples of their addresses.

The employee has said three things: one waits for the office, one is in the hands of the supplies
department (confidential), one is sealed. The captain's was answered with a promise that has been
delivered to a team. ``handler``, ``aide`` and ``discipline`` are roles of their own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from feedback.models import (
    Department,
    ListeningSession,
    Promise,
    PromiseTeam,
    Slot,
    StaffRequest,
    SupervisionOrder,
)
from feedback.services import handling, office, publishing, sessions, submitting, supervision
from portal.accounts.models import User
from portal.kernel.months import SHANGHAI
from tests.cast import Cast
from tests.feedback.scene import build_listening

IN_SAID = "夜班食堂九点关门"
IN_SEALED = "供应商逢年送礼"
LISTENING_ROLES = ("handler", "aide", "discipline")
MAY_READ: dict[str, set[str]] = {
    IN_SAID: {"employee", "officer", "leader", "aide", "handler"},
    IN_SEALED: {"employee", "discipline"},
}


@dataclass
class ListeningHouse:
    """What the addresses are made of."""

    submitted: StaffRequest
    assigned: StaffRequest
    replied: StaffRequest
    sealed: StaffRequest
    promise: Promise
    team: PromiseTeam
    order: SupervisionOrder
    session: ListeningSession
    slot: Slot


def _at(month: int, day: int) -> dt.datetime:
    return dt.datetime(2017, month, day, 10, tzinfo=SHANGHAI)


def _say(user: User, text: str, day: dt.datetime, level: str, kind: str) -> StaffRequest:
    return submitting.submit_request(
        said=submitting.Said(text, level, kind, "logistics"), actor=user, now=day
    )


def build_listening_house(cast: Cast) -> ListeningHouse:
    people = build_listening(cast)
    submitted = _say(cast.employee, "停车位不够，晚到的停路边。", _at(7, 25), "named", "suggestion")
    assigned = _say(cast.employee, IN_SAID, _at(7, 18), "confidential", "suggestion")
    replied = _say(cast.captain, "手套一个月两副不够。", _at(7, 10), "named", "suggestion")
    sealed = _say(cast.employee, IN_SEALED, _at(7, 20), "confidential", "discipline")
    for request, day in ((assigned, _at(7, 18)), (replied, _at(7, 10))):
        office.accept(request_id=request.pk, headline="有人提的一件事", actor=cast.officer, now=day)
        office.assign(
            request_id=request.pk, department=people.supplies, actor=cast.officer, now=day
        )
    pledge = handling.Pledge("补发手套", dt.date(2017, 7, 20), ("抢修一班",))
    handling.reply(
        request_id=replied.pk,
        answer=handling.Answer("7月20日前补发。", "planned", pledge=pledge),
        actor=people.handler,
        now=_at(7, 14),
    )
    promise = Promise.objects.get(request=replied)
    handling.deliver_promised(promise_id=promise.pk, actor=people.handler, now=_at(7, 20))
    order = supervision.supervise(
        request_id=assigned.pk,
        demand="本周答复",
        due_on=dt.date(2017, 7, 28),
        actor=cast.leader,
        now=_at(7, 25),
    )
    session = sessions.plan_session(
        committee=cast.city,
        values=sessions.SessionValues(
            held_on=dt.date(2017, 8, 11),
            starts_at=dt.time(9),
            ends_at=dt.time(10),
            place="三楼",
            leader_title="公司党委书记",
        ),
        actor=cast.officer,
        now=_at(7, 24),
    )
    sessions.announce(session_id=session.pk, actor=cast.officer, now=_at(7, 24))
    return ListeningHouse(
        submitted=submitted,
        assigned=assigned,
        replied=replied,
        sealed=sealed,
        promise=promise,
        team=promise.teams.get(),
        order=order,
        session=session,
        slot=session.slots.first() or Slot(),
    )


def grow_listening(cast: Cast, house: ListeningHouse) -> None:
    """At least twice of everything: requests in every state, promises, teams, messages."""
    handler = User.objects.get(username="handler")
    supplies = StaffRequest.objects.get(pk=house.assigned.pk).department
    assert supplies is not None
    for number in range(6):
        waiting = _say(
            cast.employee, f"{number}号车位不够用了。", _at(7, 24), "named", "suggestion"
        )
        taken = _say(cast.employee, f"{number}号楼没有热水。", _at(7, 11), "named", "suggestion")
        office.accept(
            request_id=taken.pk, headline=f"{number}号楼热水", actor=cast.officer, now=_at(7, 11)
        )
        office.assign(request_id=taken.pk, department=supplies, actor=cast.officer, now=_at(7, 11))
        handling.ask_author(
            request_id=house.assigned.pk, text=f"第{number}问", actor=handler, now=_at(7, 25)
        )
        if number % 2:
            pledge = handling.Pledge("装热水器", dt.date(2017, 7, 21), (f"{number}班", "一班"))
            handling.reply(
                request_id=taken.pk,
                answer=handling.Answer("7月21日前装好。", "planned", pledge=pledge),
                actor=handler,
                now=_at(7, 12),
            )
            publishing.publish(
                request_id=taken.pk,
                said="没有热水",
                changed="装好",
                actor=cast.officer,
                now=_at(7, 13),
            )
        assert waiting.pk


Sample = Callable[[Cast, Any], dict[str, Any]]


def _of(name: str, gap: str = "key") -> Sample:
    def sample(cast: Cast, house: Any) -> dict[str, Any]:
        found: Model = getattr(house.listening, name)
        return {gap: found.pk}

    return sample


def _setting(slug: str, *, with_key: bool) -> Sample:
    def sample(cast: Cast, house: Any) -> dict[str, Any]:
        if not with_key:
            return {"slug": slug}
        if slug == "kinds":
            return {"slug": slug, "pk": "suggestion"}
        return {"slug": slug, "pk": Department.objects.filter(committee=cast.city)[0].pk}

    return sample


_STATES: dict[str, Sample] = {
    name: _of(name) for name in ("submitted", "assigned", "replied", "sealed")
}
_ONE = _of("assigned")
_STEPS: dict[str, Sample | dict[str, Sample]] = {
    "accept": {"submitted": _of("submitted"), "sealed": _of("sealed")},
    "decline": _of("submitted"),
    "settle": _of("sealed"),
    "assign": _ONE,
    "merge": _ONE,
    "pause": _ONE,
    "resume": _ONE,
    "ask-extension": _ONE,
    "extension": _ONE,
    "supervise": _ONE,
    "decide": _ONE,
    "publish": _of("replied"),
    "reply": _ONE,
    "ask": {"assigned": _ONE, "sealed": _of("sealed")},
    "carry-out": _of("replied"),
    "add": _ONE,
    "withdraw": _ONE,
    "rate": _of("replied"),
    "hints": _ONE,
    "me-too": _ONE,
    "name": _ONE,
}
LISTENING_SAMPLES: dict[str, Sample | dict[str, Sample]] = {
    "feedback:request": _STATES,
    "feedback:said": _of("submitted"),
    "feedback:me-too": _ONE,
    **{f"feedback:request-{name}": of for name, of in _STEPS.items() if name != "me-too"},
    **{
        f"feedback:promise-{name}": _of("promise")
        for name in ("order", "deliver", "recall", "arrived")
    },
    **{f"feedback:order-{name}": _of("order") for name in ("report", "strike-off")},
    "feedback:team-arrived": _of("team", "team_id"),
    **{
        f"feedback:session{name}": _of("session")
        for name in ("", "-announce", "-hold", "-publish", "-cancel")
    },
    "feedback:slot-book": _of("slot"),
    "feedback:slot-unbook": _of("slot"),
    "api:request-detail": {
        "assigned": _of("assigned", "pk"),
        "sealed": _of("sealed", "pk"),
    },
    **{
        f"api:request-{name}": _of("assigned", "pk")
        for name in (
            *("assign", "reply", "ask", "add", "pause", "resume", "withdraw"),
            *("supervise", "decide", "merge", "ask-extension", "extension"),
        )
    },
    "api:request-way": {"assigned": _of("assigned", "pk"), "sealed": _of("sealed", "pk")},
    **{
        f"{where}:setting{name}": {
            slug: _setting(slug, with_key=has_key) for slug in ("departments", "kinds")
        }
        for where, name, has_key in (
            ("feedback", "-list", False),
            ("feedback", "-new", False),
            ("feedback", "-edit", True),
            ("feedback", "-end", True),
            ("api", "-list", False),
            ("api", "", True),
        )
    },
    "api:request-attachments": {
        "assigned": _of("assigned", "pk"),
        "sealed": _of("sealed", "pk"),
    },
    "api:request-me-too": _of("assigned", "pk"),
    "api:request-accept": _of("submitted", "pk"),
    "api:request-decline": _of("submitted", "pk"),
    "api:request-rate": _of("replied", "pk"),
    "api:request-publish": _of("replied", "pk"),
    "api:request-carry-out": _of("replied", "pk"),
    "api:request-settle": _of("sealed", "pk"),
    **{
        f"api:promise-{name}": _of("promise", "pk")
        for name in ("detail", "order", "deliver", "recall", "arrived")
    },
    **{
        f"api:supervision-order-{name}": _of("order", "pk")
        for name in ("detail", "report", "strike-off")
    },
    **{
        f"api:session-{name}": _of("session", "pk")
        for name in (
            *("detail", "slots", "book", "unbook"),
            *("announce", "hold", "publish", "cancel"),
        )
    },
    "api:promise-team-answer": _of("team", "pk"),
}
