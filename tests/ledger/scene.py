"""The house of the permission matrix, and the same house with at least twice of everything."""

from __future__ import annotations

import datetime as dt

from branches.models import Branch, Person
from branches.services import organisation
from branches.services.record_values import ActivityValues
from branches.services.records import save_activity
from evaluations.models import DeductionRule, Inspection, RectificationNotice, RubricItem
from evaluations.services import rounds, sheet_state, sheets
from evaluations.services.rubrics import draft_version
from portal.accounts.models import User
from portal.kernel.months import Month
from portal.notifications.services import tell
from tests.cast import FIRST_MONTH, NOW, SINCE, Cast
from tests.notices.scene import draft
from tests.permissions.listening import grow_listening
from tests.permissions.scene import IN_RECORD, TODAY_AT, House, at, build

MORE_BRANCHES = 14
MORE_OF_A = 6  # members, records, messages, lines on the sheet


def grown(cast: Cast) -> House:
    """A city of 24 branches instead of 10, and a branch A with a longer past."""
    new = [_branch(cast, number) for number in range(MORE_BRANCHES)]
    house = build(cast)
    for number in range(MORE_OF_A):
        _member(cast, cast.branch_a, f"庄大{number}")
        _record(cast, number)
        for user in cast.users.values():
            tell(user=user, key=f"more {number} {user.pk}", title=f"通知{number}", now=at(7, 20))
    _fill(house.visit, cast.inspector)
    _visits(cast, house, new)
    run = house.june.runs.get()
    for branch in new:
        notice = draft(run, branch, {"A1": "传达超时1项"}, now=at(7, 5))
        RectificationNotice.objects.filter(pk=notice.pk).update(status="draft")
    grow_listening(cast, house.listening)
    draft_version(rubric=house.rubric, first_month=Month(2017, 10), actor=None, now=at(7, 21))
    return house


def _branch(cast: Cast, number: int) -> Branch:
    branch = organisation.create_branch(
        committee=cast.city,
        name=f"新设第{number}党支部",
        tier="branch",
        branch_type=("production", "management", "business")[number % 3],
        first_month=FIRST_MONTH,
        sort_order=100 + number,
        actor=None,
        now=NOW,
    )
    for name in (f"洪{number}", f"谢{number}", f"郑{number}"):
        person = _member(cast, branch, name)
        if name.startswith("洪"):
            organisation.appoint(
                person=person,
                post="secretary",
                branch=branch,
                secretary_mode="part_time",
                started_on=SINCE,
                actor=None,
                now=NOW,
            )
    return branch


def _member(cast: Cast, branch: Branch, name: str) -> Person:
    person = organisation.create_person(name=name, committee=cast.city, actor=None, now=NOW)
    organisation.add_member(
        person=person, branch=branch, kind="full", started_on=SINCE, actor=None, now=NOW
    )
    return person


def _record(cast: Cast, number: int) -> None:
    save_activity(
        branch=cast.branch_a,
        values=ActivityValues(
            duties=("document_relay",),
            held_on=dt.date(2017, 7, 3 + number),
            place="班组学习室",
            subject=f"{IN_RECORD}{number}",
            chair=cast.person(cast.secretary_a),
            recorder=cast.person(cast.deputy_a),
            agenda="一、学习安规\n二、讨论本月重点工作",
            resolution="本月上墙，吴海生负责。",
        ),
        actor=cast.secretary_a,
        now=at(7, 3 + number, 17),
    )


def _fill(visit: Inspection, actor: User) -> None:
    """A line on every item of the sheet that is due."""
    state = sheet_state.read_sheet(visit)
    sheets.save_items(
        inspection_id=visit.pk,
        items=[
            sheets.ItemInput(
                entry.item.pk,
                (sheets.LineInput(_rule(entry.item).pk, 1, "七月台账缺页"),),
            )
            for entry in state.items
            if entry.is_due and entry.check is None
        ],
        actor=actor,
        now=TODAY_AT,
    )


def _rule(item: RubricItem) -> DeductionRule:
    rule: DeductionRule = item.rules.order_by("number")[0]
    return rule


def _visits(cast: Cast, house: House, new: list[Branch]) -> None:
    """Everybody's team goes to a new branch too; nothing is written there yet."""
    everybody = {p.branch_id: p for p in house.july.participants.all()}
    for home, kind in (
        (cast.office_two, "production"),
        (cast.supplies, "management"),
        (cast.branch_b, "business"),
    ):
        team = house.july.teams.get(branch=home)
        for branch in new:
            participant = everybody[branch.pk]
            if participant.branch_type == kind:
                rounds.assign(
                    round_id=house.july.pk,
                    team=team,
                    participant=participant,
                    planned_on=dt.date(2017, 7, 27),
                    actor=None,
                    now=at(7, 20),
                )
