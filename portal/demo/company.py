"""The demo company is built here, through the services that people use, by nobody in particular
(``actor=None``): the machine founds it, then its people live in it (``portal.demo.story``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import make_password

from branches.models import Branch, Committee, PartyGroup, Person
from branches.services import organisation
from evaluations.services import rounds, rubric_seed
from feedback.models import Department
from feedback.services.departments import create_department, seat
from portal.accounts.models import User
from portal.audit.services import record
from portal.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from portal.demo.blueprint import BranchPlan, CommitteePlan, CompanyPlan
from portal.demo.chance import chance
from portal.demo.names import Names
from portal.kernel.months import Month

VIA = "command"
JOB_TITLES = ("班长", "副班长", "技术员", "专责", "班员", "班员", "值班员")
POSTS = ("secretary", "deputy_secretary", "org_member", "publicity_member", "discipline_member")
# Departments that answer requests, and the branch their people are members of.
DEPARTMENTS = (
    ("物资部", "物资供应党支部"),
    ("办公室", "机关第一党支部"),
    ("人资部", "机关第一党支部"),
    ("安监部", "机关第二党支部"),
    ("运检部", "机关第二党支部"),
    ("营销部", "营业服务党支部"),
    ("工会", "机关第三党支部"),
    ("信通公司", "信息通信党支部"),
)
GROUP_NAMES = ("第一党小组", "第二党小组", "第三党小组")


@dataclass
class BuiltBranch:
    """A branch with those who act in it."""

    plan: BranchPlan
    branch: Branch
    people: list[Person] = field(default_factory=list)
    groups: list[PartyGroup] = field(default_factory=list)
    officers: list[Person] = field(default_factory=list)  # 书记、副书记、委员, in this order
    full_members: int = 0

    @property
    def secretary(self) -> User:
        user = self.officers[0].user
        assert user is not None  # noqa: S101 - every secretary gets an account
        return user

    @property
    def has_committee(self) -> bool:
        return len(self.officers) >= 3


@dataclass
class BuiltDepartment:
    """A department that answers requests, with its handler and its head."""

    department: Department
    handler: User
    head: User


@dataclass
class BuiltCommittee:
    """A committee with its branches by name, and who acts for it."""

    plan: CommitteePlan
    committee: Committee
    branches: dict[str, BuiltBranch] = field(default_factory=dict)
    officer: User | None = None
    leader: User | None = None
    staff: dict[str, Person] = field(default_factory=dict)  # by username
    departments: dict[str, BuiltDepartment] = field(default_factory=dict)


@dataclass
class BuiltCompany:
    """Everything the story needs to know of the company."""

    city: BuiltCommittee
    counties: list[BuiltCommittee] = field(default_factory=list)

    def county(self, name: str) -> BuiltCommittee | None:
        return next((c for c in self.counties if c.plan.county == name), None)


class Founder:
    """Founds a company according to a plan. ``since`` is the day everybody's history starts."""

    def __init__(
        self,
        *,
        seed: int,
        since: dt.date,
        first_month: Month,
        hand: Month,
        now: dt.datetime,
        advance: Callable[[], object],
    ) -> None:
        self.seed = seed
        self.since = since
        self.first_month = first_month
        self.hand = hand
        self.now = now
        self.advance = advance
        self.usernames = {account.display_name: account.username for account in DEMO_ACCOUNTS}
        taken = {account.username for account in DEMO_ACCOUNTS}
        self.names = Names(chance(seed, "names"), taken=self.usernames, taken_usernames=taken)
        # One hash for everybody: Argon2 is slow on purpose, and the password is public.
        self.password = make_password(DEMO_PASSWORD, salt="quanzhou-demo-salt")
        self.staff_number = 0

    def found(self, plan: CompanyPlan) -> BuiltCompany:
        city = self._committee(plan.city, None, 1)
        company = BuiltCompany(city)
        for order, county in enumerate(plan.counties, start=2):
            company.counties.append(self._committee(county, city.committee, order))
        self._set_policies(city)
        rubric_seed.load_rubrics(
            source=rubric_seed.seed_source(),
            first_month=self.first_month,
            actor=None,
            now=self.now,
        )
        for built in (city, *company.counties):
            self._staff_committee(built)
        self._outsiders(city)
        return company

    def _set_policies(self, city: BuiltCommittee) -> None:
        """Raw scores rank until half a year's rotation has shown how strict each team is; then
        corrected ones do. In the month in hand the memory of pairs becomes half a year."""
        first: dict[str, Any] = {"visits_per_branch": 2, "pairing_memory": 2}
        corrected = {**first, "official_basis": "corrected"}
        in_hand = {**corrected, "pairing_memory": 6}
        steps = {
            self.first_month: first,
            self.hand.plus(-6): corrected,
            self.hand: in_hand,
        }
        for month, values in steps.items():
            if month >= self.first_month:
                rounds.set_policy(
                    committee=city.committee,
                    first_month=month,
                    values=values,
                    actor=None,
                    now=self.now,
                )

    # -- committees and branches ---------------------------------------------------------

    def _committee(
        self, plan: CommitteePlan, parent: Committee | None, order: int
    ) -> BuiltCommittee:
        committee = organisation.create_committee(
            name=plan.name,
            full_name=plan.full_name,
            parent=parent,
            county=plan.county,
            issuer_code=plan.issuer_code,
            sort_order=order * 10,
            actor=None,
            now=self.now,
            via=VIA,
        )
        built = BuiltCommittee(plan, committee)
        for number, branch_plan in enumerate(plan.branches, start=1):
            above = built.branches.get(branch_plan.parent)
            built.branches[branch_plan.name] = self._branch(
                committee,
                branch_plan,
                above.branch if above else None,
                order * 10_000 + number * 10,
            )
            self.advance()
        for general in built.branches.values():
            if general.plan.is_general:
                self._lead_general_branch(general, built.branches.values())
        return built

    def _branch(
        self, committee: Committee, plan: BranchPlan, parent: Branch | None, order: int
    ) -> BuiltBranch:
        branch = organisation.create_branch(
            committee=committee,
            name=plan.name,
            short_name=plan.short_name,
            parent=parent,
            tier=plan.tier,
            branch_type=plan.type,
            first_month=self.first_month,
            is_exempt=plan.is_exempt,
            is_joint=plan.is_joint,
            has_party_affairs_office=plan.has_party_affairs_office,
            themed_day_rule=plan.themed_day_rule,
            sort_order=order,
            actor=None,
            now=self.now,
            via=VIA,
        )
        built = BuiltBranch(plan, branch)
        for name in GROUP_NAMES[: plan.groups]:
            built.groups.append(
                organisation.create_group(
                    branch=branch, name=name, started_on=self.since, actor=None, now=self.now
                )
            )
        rng = chance(self.seed, "members", plan.name)
        posts = self._posts(plan)
        named = dict(plan.named)
        for number in range(plan.members):
            name = named.get(number, "")
            has_account = number < min(2, len(posts)) or bool(name)
            person = self._person(
                committee,
                name=name,
                account=has_account,
                workplace=plan.team,
                job_title="主任"
                if number == 0 and plan.mode == "part_time"
                else "" or rng.choice(JOB_TITLES),
            )
            kind = "probationary" if plan.members >= 15 and number == plan.members - 1 else "full"
            organisation.add_member(
                person=person,
                branch=branch,
                kind=kind,
                group=built.groups[number % len(built.groups)] if built.groups else None,
                started_on=self.since,
                actor=None,
                now=self.now,
                via=VIA,
            )
            built.people.append(person)
            built.full_members += kind == "full"
        for post, person in zip(posts, built.people, strict=False):
            self._appoint(built, post, person)
        return built

    def _posts(self, plan: BranchPlan) -> tuple[str, ...]:
        """Posts of the branch's own committee; under seven full members there is none."""
        if plan.is_general or not plan.members:
            return ()
        if plan.members < 7:
            return POSTS[:1]
        if plan.members < 20:
            return (POSTS[0], POSTS[2], POSTS[4])
        return POSTS

    def _lead_general_branch(self, general: BuiltBranch, branches: Iterable[BuiltBranch]) -> None:
        """Its secretary (full-time) and committee come from the branches below."""
        below = [built for built in branches if built.plan.parent == general.plan.name]
        ranks = [person for built in below for person in built.people[5:8] or built.people[-2:]]
        if not ranks:
            ranks = [person for built in below for person in built.people]
        head = ranks[0]
        if head.user is None:
            self._give_account(head)
        general.people = [person for built in below for person in built.people]
        general.full_members = sum(built.full_members for built in below)
        for post, person in zip((POSTS[0], *POSTS[2:]), ranks, strict=False):
            self._appoint(general, post, person)

    def _appoint(self, built: BuiltBranch, post: str, person: Person) -> None:
        organisation.appoint(
            person=person,
            post=post,
            branch=built.branch,
            secretary_mode=built.plan.mode if post == "secretary" else "",
            started_on=self.since,
            actor=None,
            now=self.now,
            via=VIA,
        )
        built.officers.append(person)

    # -- people with a part to play -------------------------------------------------------

    def _staff_committee(self, built: BuiltCommittee) -> None:
        """The committee's secretary, and the party-affairs officer if it has branches."""
        homes = [b for b in built.branches.values() if b.plan.type == "management"]
        leader = next((p for b in homes for p in b.people if p.name == built.plan.secretary), None)
        if leader is None:
            leader = self._person(
                built.committee, account=True, workplace="党委", job_title="党委书记"
            )
        organisation.appoint(
            person=leader,
            post="secretary",
            committee=built.committee,
            started_on=self.since,
            actor=None,
            now=self.now,
            via=VIA,
        )
        built.leader = leader.user
        if not built.branches:
            return
        office = next((b for b in homes if b.plan.has_party_affairs_office), homes[0])
        officer = next((p for p in office.people if p.name == "陈雅芳"), office.people[-2])
        if officer.user is None:
            self._give_account(officer)
        built.officer = self._grant(officer, "party_affairs_officer", committee=built.committee)

    def _outsiders(self, city: BuiltCommittee) -> None:
        """Those who are in no branch, and the crew's captain."""
        names = {username: name for name, username in self.usernames.items()}
        everybody = {p.name: (b, p) for b in city.branches.values() for p in b.people}
        captain = everybody.get(names["suwenbin"])
        branch, person = captain or next(iter(everybody.values()))
        self._grant(person, "crew_captain", branch=branch.branch)
        for name in (names["laixiaoyan"],):
            city.staff["laixiaoyan"] = self._person(
                city.committee,
                name=name,
                account=True,
                workplace="配电抢修班",
                job_title="抢修工",
            )
        for username, workplace, title in (
            ("sumeiyun", "物资部", "专责"),
            ("kemingyuan", "书记办公室", "秘书"),
            ("dingzhengqing", "纪检部", "专责"),
        ):
            city.staff[username] = self._person(
                city.committee,
                name=names[username],
                account=True,
                workplace=workplace,
                job_title=title,
            )
        self._grant(city.staff["kemingyuan"], "secretary_office", committee=city.committee)
        self._grant(city.staff["dingzhengqing"], "discipline_office", committee=city.committee)
        self._departments(city)
        for username, role in (
            ("honglixin", "system_admin"),
            ("caiminghui", "security_admin"),
            ("shiwenhua", "auditor"),
        ):
            admin = self._person(
                city.committee,
                name=names[username],
                account=True,
                workplace="信息运检中心",
                job_title="专责",
            )
            self._grant(admin, role)

    def _departments(self, city: BuiltCommittee) -> None:
        """Who answers requests: two people of a branch where the department's staff are."""
        for order, (name, home) in enumerate(DEPARTMENTS, start=1):
            branch = city.branches.get(home)
            if branch is None or len(branch.people) < 4:
                continue
            department = create_department(
                committee=city.committee,
                name=name,
                sort_order=order * 10,
                actor=None,
                now=self.now,
                via=VIA,
            )
            turn = 2 * sum(before == home for _name, before in DEPARTMENTS[: order - 1])
            people = branch.people[-1 - turn], branch.people[-2 - turn]
            handler = city.staff["sumeiyun"] if name == "物资部" else people[0]
            for person, role in ((handler, "handler"), (people[1], "head")):
                if person.user is None:
                    self._give_account(person)
                seat(
                    department=department,
                    person=person,
                    role=role,
                    started_on=self.since,
                    actor=None,
                    now=self.now,
                    via=VIA,
                )
            assert handler.user is not None  # noqa: S101 - given above
            assert people[1].user is not None  # noqa: S101 - given above
            city.departments[name] = BuiltDepartment(department, handler.user, people[1].user)

    def _grant(self, person: Person, role: str, **scope: Any) -> User:
        if person.user is None:
            self._give_account(person)
        user = person.user
        assert user is not None  # noqa: S101 - given above
        organisation.grant_role(
            user=user,
            role=role,
            started_on=self.since,
            actor=None,
            now=self.now,
            via=VIA,
            **scope,
        )
        return user

    def _person(
        self,
        committee: Committee,
        *,
        name: str = "",
        account: bool = False,
        workplace: str,
        job_title: str,
    ) -> Person:
        pinyin = self.usernames.get(name, "")
        if not name:
            name, pinyin = next(self.names)
        self.staff_number += 1
        user = self._account(name, pinyin) if account else None
        return organisation.create_person(
            name=name,
            committee=committee,
            staff_no=f"QZ{self.staff_number:05d}",
            user=user,
            workplace=workplace,
            job_title=job_title,
            actor=None,
            now=self.now,
            via=VIA,
        )

    def _give_account(self, person: Person) -> None:
        pinyin = self.usernames.get(person.name) or self.names.pinyin_of(person.name)
        person.user = self._account(person.name, pinyin)
        organisation.edit_person(
            person=person,
            name=person.name,
            staff_no=person.staff_no,
            user=person.user,
            workplace=person.workplace,
            job_title=person.job_title,
            actor=None,
            now=self.now,
            via=VIA,
        )

    def _account(self, name: str, pinyin: str) -> User:
        username = self.usernames.get(name) or self.names.username(pinyin)
        user = User(username=username, display_name=name, password=self.password)
        user.date_joined = self.now
        user.save(force_insert=True)
        record(
            code="account.opened",
            target=user,
            actor=None,
            now=self.now,
            via=VIA,
            after={"username": username},
        )
        return user
