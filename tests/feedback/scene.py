"""The people of 书记听您说: a department with head and handler, the secretary's office, the
discipline office, and a line worker who speaks. Everything else is the cast's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from branches.models import Person
from branches.services import organisation
from feedback.models import Department, StaffRequest
from feedback.services import office, submitting
from feedback.services.departments import create_department, seat
from feedback.services.handling import Answer, Pledge, reply
from portal.accounts.models import User
from portal.kernel.months import SHANGHAI
from portal.notifications.models import InboxMessage
from tests.cast import NOW, SINCE, Cast, kept

GLOVES = "线路上干活，纱手套一个月两副不够用，能不能多发几副。"
HEADLINE = "一线班组纱手套不够用"


@dataclass
class Listening:
    """Who is who: ``worker`` speaks, ``aide`` is the secretary's office, ``handler`` and
    ``head`` answer for ``supplies``, ``discipline`` for the discipline office."""

    supplies: Department
    logistics: Department
    worker: User
    colleague: User
    aide: User
    handler: User
    head: User
    other_handler: User
    discipline: User


def at(month: int, day: int, hour: int = 10, minute: int = 0) -> dt.datetime:
    return dt.datetime(2017, month, day, hour, minute, tzinfo=SHANGHAI)


def build_listening(cast: Cast) -> Listening:
    def account(username: str, name: str) -> User:
        return User.objects.create_user(username, display_name=name, password=None)

    def staff(username: str, name: str) -> tuple[User, Person]:
        user = account(username, name)
        person = organisation.create_person(
            name=name, committee=cast.city, user=user, actor=None, now=NOW
        )
        return user, person

    supplies = create_department(
        committee=cast.city, name="物资部", sort_order=10, actor=None, now=NOW
    )
    logistics = create_department(
        committee=cast.city, name="办公室", sort_order=20, actor=None, now=NOW
    )
    people: dict[str, User] = {}
    for username, name, department, role in (
        ("handler", "苏美云", supplies, "handler"),
        ("head", "曾国梁", supplies, "head"),
        ("other_handler", "洪淑贞", logistics, "handler"),
    ):
        people[username], person = staff(username, name)
        seat(
            department=department,
            person=person,
            role=role,
            started_on=SINCE,
            actor=None,
            now=NOW,
        )
    for username, name in (("worker", "邱大川"), ("colleague", "魏小满"), ("aide", "柯明远")):
        people[username], _person = staff(username, name)
    people["discipline"], _person = staff("discipline", "丁正清")
    for username, role in (("aide", "secretary_office"), ("discipline", "discipline_office")):
        organisation.grant_role(
            user=people[username],
            role=role,
            committee=cast.city,
            started_on=SINCE,
            actor=None,
            now=NOW,
        )
    return Listening(supplies=supplies, logistics=logistics, **people)


@pytest.fixture
def listening(cast: Cast) -> Listening:
    return kept("feedback: listening", lambda: build_listening(cast))


def say(user: User, text: str = GLOVES, level: str = "named", **more: Any) -> StaffRequest:
    now = more.pop("now", NOW)
    return submitting.submit_request(
        said=submitting.Said(text=text, level=level, category="protection", **more),
        actor=user,
        now=now,
    )


def accepted(request: StaffRequest, cast: Cast, now: dt.datetime = NOW) -> StaffRequest:
    return office.accept(request_id=request.pk, headline=HEADLINE, actor=cast.officer, now=now)


def assigned(
    request: StaffRequest, cast: Cast, listening: Listening, now: dt.datetime = NOW, **more: Any
) -> StaffRequest:
    accepted(request, cast, now)
    return office.assign(
        request_id=request.pk,
        department=listening.supplies,
        actor=cast.officer,
        now=now,
        **more,
    )


def replied(
    request: StaffRequest,
    cast: Cast,
    listening: Listening,
    now: dt.datetime = NOW,
    outcome: str = "carried_out",
    pledge: Pledge | None = None,
) -> StaffRequest:
    assigned(request, cast, listening, now)
    reply(
        request_id=request.pk,
        answer=Answer("6月20日起，一线班组纱手套每人每月由2副调为4副。", outcome, pledge=pledge),
        actor=listening.handler,
        now=now,
    )
    return StaffRequest.objects.get(pk=request.pk)


__all__ = ("Listening", "listening")


def fresh(request: StaffRequest) -> StaffRequest:
    return StaffRequest.objects.get(pk=request.pk)


def heard(user: Any) -> list[str]:
    return list(
        InboxMessage.objects.filter(user=user).order_by("pk").values_list("title", flat=True)
    )


def sees(user: Any, request: StaffRequest) -> bool:
    return bool(StaffRequest.objects.visible_to(user).filter(pk=request.pk).exists())
