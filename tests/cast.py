"""The cast: one small company that every test knows, built only through services.

It is built once per process; later tests get the same rows back in a handful of inserts,
so a test may ask for it without thinking of its price. Everybody signs in with
``client.force_login(cast.secretary_a)``. Nobody here has a usable password.

Who is who (2017-06-27 10:00 in Shanghai):

* ``secretary_a``, ``deputy_a``  keep the records of ``branch_a`` (production, 12 members, 3 groups)
* ``secretary_b``                the neighbour: secretary of ``branch_b`` (production too)
* ``inspector``                  member of ``office_two`` (management), no post anywhere
* ``officer``                    party-affairs officer of ``city``; a member of ``office_three``
* ``officer_elsewhere``          the same for ``county``; a stranger to the city's branches
* ``leader``                     secretary of the city's Party committee
* ``captain``                    crew captain of ``branch_a``
* ``employee``                   staff without membership, post or role
* ``sysadmin``, ``secadmin``, ``auditor``   the three separated administrators
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

import pytest
import time_machine
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

from branches.access import forget_access
from branches.models import Appointment, Branch, Committee, PartyGroup, Person
from branches.services import organisation
from portal.accounts.models import User
from portal.kernel.months import SHANGHAI, Month

NOW = dt.datetime(2017, 6, 27, 10, 0, tzinfo=SHANGHAI)
TODAY = NOW.date()
JUNE = Month(2017, 6)
SINCE = dt.date(2016, 1, 4)
FIRST_MONTH = Month(2016, 1)

KEPT_APPS = (
    "kernel",
    "workdays",
    "accounts",
    "audit",
    "notifications",
    "attachments",
    "branches",
    "evaluations",
    "feedback",
    "servicecrew",
)
_SURNAMES = "陈林黄张李王吴刘蔡杨许郑谢洪苏庄曾何周叶"
_GIVEN = [
    *("志强", "美玲", "建国", "丽华", "文彬", "秀珍", "伟明", "淑芬", "俊杰", "雅琴"),
    *("国栋", "晓燕", "永福", "惠敏", "海波", "桂英", "泽林", "玉梅", "少华", "月娥"),
]


@dataclass
class Cast:
    """The company. Objects are fresh in every test."""

    city: Committee
    county: Committee
    general: Branch
    branch_a: Branch
    branch_b: Branch
    sub_two: Branch
    office_one: Branch
    office_two: Branch
    office_three: Branch
    supplies: Branch
    energy: Branch
    joint: Branch
    elsewhere: Branch
    group_one: PartyGroup
    group_two: PartyGroup
    group_three: PartyGroup
    secretary_a: User
    deputy_a: User
    secretary_b: User
    inspector: User
    officer: User
    officer_elsewhere: User
    leader: User
    captain: User
    employee: User
    sysadmin: User
    secadmin: User
    auditor: User
    now: dt.datetime = NOW
    today: dt.date = TODAY
    month: Month = field(default=JUNE)

    @property
    def branches(self) -> list[Branch]:
        """The city's ten branches, in their order."""
        return list(Branch.objects.filter(committee=self.city))

    @property
    def users(self) -> dict[str, User]:
        """Every named account by its name in the cast."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: user for name, user in found.items() if isinstance(user, User)}

    def person(self, user: User) -> Person:
        return Person.objects.get(user=user)

    def secretary_of(self, branch: Branch) -> User:
        """The account of a branch's secretary (each branch has one)."""
        post = Appointment.objects.select_related("person__user").get(
            branch=branch, post="secretary", ended_on__isnull=True
        )
        user = post.person.user
        assert user is not None
        return user

    def members(self, branch: Branch) -> list[Person]:
        """Members of the branch itself in the order they were entered."""
        return list(
            Person.objects.filter(
                memberships__branch=branch, memberships__ended_on__isnull=True
            ).order_by("memberships__id")
        )


class _Builder:
    """Builds the company. ``names`` hands out Chinese names, each once, always the same."""

    def __init__(self) -> None:
        self.names = (_SURNAMES[n % 20] + _GIVEN[(7 * n + n // 20) % 20] for n in range(400))

    def account(self, username: str, name: str) -> User:
        return User.objects.create_user(username, display_name=name, password=None)

    def branch(self, committee: Committee, name: str, kind: str, order: int, **more: Any) -> Branch:
        return organisation.create_branch(
            committee=committee,
            name=name,
            tier=more.pop("tier", "branch"),
            branch_type=kind,
            first_month=FIRST_MONTH,
            sort_order=order,
            actor=None,
            now=NOW,
            **more,
        )

    def person(self, committee: Committee, user: User | None = None, name: str = "") -> Person:
        return organisation.create_person(
            name=user.display_name if user else name or next(self.names),
            committee=committee,
            user=user,
            actor=None,
            now=NOW,
        )

    def member(
        self,
        branch: Branch,
        user: User | None = None,
        group: PartyGroup | None = None,
        kind: str = "full",
    ) -> Person:
        person = self.person(branch.committee, user)
        organisation.add_member(
            person=person,
            branch=branch,
            kind=kind,
            group=group,
            started_on=SINCE,
            actor=None,
            now=NOW,
        )
        return person

    def appoint(self, person: Person, post: str, branch: Branch, mode: str = "") -> None:
        organisation.appoint(
            person=person,
            post=post,
            branch=branch,
            secretary_mode=mode,
            started_on=SINCE,
            actor=None,
            now=NOW,
        )

    def staff(self, branch: Branch, username: str, size: int, mode: str = "part_time") -> None:
        """A secretary with an account, two committee members if there are seven, the rest."""
        people = [self.member(branch, self.account(username, next(self.names)))]
        people += [self.member(branch) for _ in range(size - 1)]
        self.appoint(people[0], "secretary", branch, mode)
        if size >= 7:
            self.appoint(people[1], "org_member", branch)
            self.appoint(people[2], "discipline_member", branch)

    def grant(self, user: User, role: str, **scope: Any) -> None:
        organisation.grant_role(
            user=user, role=role, started_on=SINCE, actor=None, now=NOW, **scope
        )

    def company(self) -> Cast:
        city = organisation.create_committee(
            name="市公司党委",
            full_name="中共国网泉州供电公司委员会",
            parent=None,
            county="泉州",
            issuer_code="泉电党",
            sort_order=1,
            actor=None,
            now=NOW,
        )
        county = organisation.create_committee(
            name="晋江公司党委",
            full_name="中共国网晋江市供电公司委员会",
            parent=city,
            county="晋江",
            issuer_code="晋电党",
            sort_order=2,
            actor=None,
            now=NOW,
        )
        general = self.branch(city, "变电运检党总支", "production", 10, tier="general_branch")
        branch_b = self.branch(city, "变电运维党支部", "production", 11, parent=general)
        sub_two = self.branch(city, "变电检修党支部", "production", 12, parent=general)
        branch_a = self.branch(
            city,
            "配电运检党支部",
            "production",
            20,
            short_name="配电运检",
            themed_day_rule="每月第二个周五",
        )
        office_one = self.branch(city, "机关第一党支部", "management", 30)
        office_two = self.branch(city, "机关第二党支部", "management", 31)
        office_three = self.branch(
            city, "机关第三党支部", "management", 32, has_party_affairs_office=True
        )
        supplies = self.branch(city, "物资供应党支部", "business", 40)
        energy = self.branch(city, "综合能源党支部", "business", 41)
        joint = self.branch(city, "集体企业联合党支部", "business", 42, is_joint=True)
        elsewhere = self.branch(county, "晋江营销党支部", "production", 50)

        secretary_a = self.account("secretary_a", "林建明")
        deputy_a = self.account("deputy_a", "黄丽萍")
        captain = self.account("captain", "吴海生")
        groups = [
            organisation.create_group(
                branch=branch_a, name=name, started_on=SINCE, actor=None, now=NOW
            )
            for name in ("第一党小组", "第二党小组", "第三党小组")
        ]
        first = self.member(branch_a, secretary_a, groups[0])
        second = self.member(branch_a, deputy_a, groups[1])
        third = self.member(branch_a, captain, groups[2])
        for number in range(9):
            kind = "probationary" if number == 8 else "full"
            self.member(branch_a, None, groups[number % 3], kind)
        self.appoint(first, "secretary", branch_a, "full_time")
        self.appoint(second, "deputy_secretary", branch_a)
        self.appoint(third, "org_member", branch_a)

        self.staff(branch_b, "secretary_b", 7)
        self.staff(sub_two, "secretary_sub_two", 3)
        self.staff(office_one, "secretary_office_one", 3)
        self.staff(office_two, "secretary_office_two", 7)
        self.staff(office_three, "secretary_office_three", 3)
        self.staff(supplies, "secretary_supplies", 7)
        self.staff(energy, "secretary_energy", 3)
        self.staff(joint, "secretary_joint", 6)
        self.staff(elsewhere, "secretary_elsewhere", 3)
        head = self.member(sub_two, self.account("secretary_general", "庄志远"))
        self.appoint(head, "secretary", general, "full_time")

        inspector = self.account("inspector", "许文静")
        self.member(office_two, inspector)
        officer = self.account("officer", "郑晓岚")
        self.member(office_three, officer)
        self.grant(officer, "party_affairs_officer", committee=city)
        officer_elsewhere = self.account("officer_elsewhere", "洪瑞清")
        self.member(elsewhere, officer_elsewhere)
        self.grant(officer_elsewhere, "party_affairs_officer", committee=county)
        leader = self.account("leader", "王振华")
        organisation.appoint(
            person=self.member(office_one, leader),
            post="secretary",
            committee=city,
            started_on=SINCE,
            actor=None,
            now=NOW,
        )
        self.grant(captain, "crew_captain", branch=branch_a)
        employee = self.account("employee", "谢小敏")
        self.person(city, employee)
        admins = {}
        for username, name, role in (
            ("sysadmin", "周立新", "system_admin"),
            ("secadmin", "叶青松", "security_admin"),
            ("auditor", "何雅文", "auditor"),
        ):
            admins[username] = self.account(username, name)
            self.grant(admins[username], role)
        return Cast(
            city=city,
            county=county,
            general=general,
            branch_a=branch_a,
            branch_b=branch_b,
            sub_two=sub_two,
            office_one=office_one,
            office_two=office_two,
            office_three=office_three,
            supplies=supplies,
            energy=energy,
            joint=joint,
            elsewhere=elsewhere,
            group_one=groups[0],
            group_two=groups[1],
            group_three=groups[2],
            secretary_a=secretary_a,
            deputy_a=deputy_a,
            secretary_b=User.objects.get(username="secretary_b"),
            inspector=inspector,
            officer=officer,
            officer_elsewhere=officer_elsewhere,
            leader=leader,
            captain=captain,
            employee=employee,
            sysadmin=admins["sysadmin"],
            secadmin=admins["secadmin"],
            auditor=admins["auditor"],
        )


# -- keep and replay -----------------------------------------------------------------------

Troupe = TypeVar("Troupe")
Rows = list[tuple[type[models.Model], list[dict[str, Any]]]]
_kept: dict[str, tuple[Rows, Any]] = {}


def _kept_models() -> list[type[models.Model]]:
    """Models of the kept apps, those pointed at before those that point."""
    waiting = [m for app in KEPT_APPS for m in apps.get_app_config(app).get_models()]
    done: list[type[models.Model]] = []
    while waiting:
        for model in waiting:
            needs = {
                f.related_model
                for f in model._meta.concrete_fields
                if f.is_relation and f.related_model is not model
            }
            if not needs & set(waiting):
                done.append(model)
                waiting.remove(model)
                break
        else:
            raise AssertionError(f"foreign keys in a ring: {waiting}")
    return done


def _photograph(without: Rows | None = None) -> Rows:
    """Every row of the kept apps, except those in ``without``."""
    known = {model: {row[model._meta.pk.attname] for row in rows} for model, rows in without or []}
    found = []
    for model in _kept_models():
        key = model._meta.pk.attname
        rows = [
            row
            for row in model._default_manager.order_by("pk").values()
            if row[key] not in known.get(model, set())
        ]
        if rows:
            found.append((model, rows))
    return found


@contextmanager
def _triggers_aside() -> Iterator[None]:
    """Frozen rubrics and published months refuse new rows by trigger; what is brought back
    here was written through services before it froze."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield
            cursor.execute("SET LOCAL session_replication_role = origin")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        for _, sql in triggers:
            cursor.execute(sql)


def _develop(rows: Rows) -> dict[tuple[type[models.Model], Any], models.Model]:
    """Insert the rows that are not there; the new instances by model and key."""
    made: dict[tuple[type[models.Model], Any], models.Model] = {}
    with _triggers_aside():
        for model, values in rows:
            instances = [model(**row) for row in values]
            model._default_manager.bulk_create(instances, ignore_conflicts=True)
            made |= {(model, instance.pk): instance for instance in instances}
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), [model for model, _ in rows]):
            cursor.execute(sql)
    return made


def kept(name: str, build: Callable[[], Troupe]) -> Troupe:
    """What ``build`` built, from the second time on by inserting the same rows again.

    ``build`` returns a dataclass; its model instances come back fresh.
    """
    if name not in _kept:
        before = _photograph()
        troupe = build()
        _kept[name] = (_photograph(without=before), troupe)
        for user in vars(troupe).values():
            if isinstance(user, User):
                forget_access(user)
        return troupe
    rows, troupe = _kept[name]
    made = _develop(rows)
    values = {
        key: made[type(value), value.pk] if isinstance(value, models.Model) else value
        for key, value in vars(troupe).items()
    }
    again: Troupe = type(troupe)(**values)
    return again


@pytest.fixture(scope="session")
def reference_rows(django_db_setup: None, django_db_blocker: Any) -> Rows:
    """Rows that migrations put in (posts, calendar): a flush by a transactional test takes
    them away, so the cast brings them back."""
    with django_db_blocker.unblock():
        return _photograph()


@pytest.fixture
def cast(reference_rows: Rows, db: None) -> Cast:
    """The company, without any round."""
    _develop(reference_rows)
    return kept("cast", lambda: _Builder().company())


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The wall clock stands still at the cast's ``now``; ``clock.move_to(...)`` moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


__all__ = ("Cast", "cast", "clock", "reference_rows")
