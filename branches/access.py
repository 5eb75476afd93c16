"""What a user may do and see, gathered once per request from dated facts.

Every permission function and every ``visible_to`` asks this one object.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BigIntegerField, CharField, Exists, F, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from portal.kernel.months import local_date

if TYPE_CHECKING:
    from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Access:
    """The standing of one user on one day.

    Sets hold primary keys. ``officer_committees`` and ``leader_committees`` include every
    committee below the one granted. ``own_branches`` are those the user is a member or
    post-holder of (used for recusal: nobody judges his own). ``sub_branches`` are those below
    the general branches whose secretary or deputy the user is: he sees into them, their own
    secretaries write. ``aide_committees`` are those whose secretary's office,
    ``discipline_committees`` those whose discipline office the user works in: without the
    committees below, for what is told there is told to few. ``top_committee`` is the one at the
    top of the tree, known of whoever oversees a committee.
    """

    user_id: int | None = None
    person_id: int | None = None
    secretary_branches: frozenset[int] = field(default_factory=frozenset)
    deputy_branches: frozenset[int] = field(default_factory=frozenset)
    post_branches: frozenset[int] = field(default_factory=frozenset)
    own_branches: frozenset[int] = field(default_factory=frozenset)
    sub_branches: frozenset[int] = field(default_factory=frozenset)
    officer_committees: frozenset[int] = field(default_factory=frozenset)
    leader_committees: frozenset[int] = field(default_factory=frozenset)
    home_committees: frozenset[int] = field(default_factory=frozenset)
    captain_branches: frozenset[int] = field(default_factory=frozenset)
    aide_committees: frozenset[int] = field(default_factory=frozenset)
    discipline_committees: frozenset[int] = field(default_factory=frozenset)
    top_committee: int | None = None
    is_system_admin: bool = False
    is_security_admin: bool = False
    is_auditor: bool = False
    branch_names: Mapping[int, str] = field(default_factory=dict, compare=False)
    more: Mapping[str, frozenset[tuple[str, int]]] = field(default_factory=dict, compare=False)

    def keys_of(self, name: str) -> frozenset[int]:
        """The keys of what an upper floor registered under ``name``, whatever the role."""
        return frozenset(key for _role, key in self.more.get(name, ()))

    @property
    def standing(self) -> Hashable:
        """All that a user's rights follow from, as one value; names of branches apart."""
        return self, frozenset(self.more.items())

    @property
    def recording_branches(self) -> frozenset[int]:
        """Branches whose records the user keeps: secretary and deputy."""
        return self.secretary_branches | self.deputy_branches

    @property
    def seen_branches(self) -> frozenset[int]:
        """Branches whose inside the user sees: those of his posts and those below them."""
        return self.post_branches | self.sub_branches

    @property
    def overseen_committees(self) -> frozenset[int]:
        """Committees whose branches the user sees in full: officers and leaders."""
        return self.officer_committees | self.leader_committees

    @property
    def is_officer(self) -> bool:
        return bool(self.officer_committees)

    @property
    def is_leader(self) -> bool:
        return bool(self.leader_committees)

    @property
    def is_secretary(self) -> bool:
        return bool(self.recording_branches)

    @property
    def is_admin(self) -> bool:
        return self.is_system_admin or self.is_security_admin or self.is_auditor


NOBODY = Access()

# An upper floor's dated facts about a user: rows of its own, what is the role in them and what
# the key. They ride along in the one query of every request.
FactSource = Callable[[int, dt.date], Iterable[tuple[Any, Any, Any]]]
_sources: dict[str, FactSource] = {}


def register_facts(name: str, source: FactSource) -> None:
    """Gather ``source(user_id, day)`` with the rest: it gives (queryset, role, key) triples whose
    role and key are expressions. They come out as ``Access.more[name]``. ``source`` is asked once
    and filters by exactly the two values it is given: it must not reckon with them."""
    _sources[name] = source
    _compiled.clear()


def access_of(user: User | AnonymousUser, today: dt.date | None = None) -> Access:
    """The access of ``user`` on ``today`` (default: now in Shanghai), computed once per user
    instance, that is once per request."""
    if isinstance(user, AnonymousUser) or not user.is_active:
        return NOBODY
    day = today or local_date(timezone.now())
    cached: tuple[dt.date, Access] | None = getattr(user, "_access", None)
    if cached and cached[0] == day:
        return cached[1]
    access = _gather(user, day)
    user._access = (day, access)  # type: ignore[attr-defined]
    return access


def forget_access(user: User) -> None:
    """Drop what was computed, after an appointment or grant changed in the same request."""
    if hasattr(user, "_access"):
        del user._access


def _gather(user: User, day: dt.date) -> Access:
    from branches.models import Role

    rows = list(_facts(user.pk, day))
    posts = [(row.post, row.branch, row.committee) for row in rows if row.fact == "post"]
    grants = [(row.post, row.branch, row.committee) for row in rows if row.fact == "grant"]
    person = next((row for row in rows if row.fact == "person"), None)
    members = frozenset(row.branch for row in rows if row.fact == "member" and row.branch)
    post_branches = frozenset(branch for _, branch, _ in posts if branch)
    roles = {role for role, _, _ in grants}
    officer = {c for role, _, c in grants if c and role == Role.PARTY_AFFAIRS_OFFICER}
    leader = {c for post, _, c in posts if c and post in {"secretary", "deputy_secretary"}}
    # Of these rows the branch column carries the committee, the committee column its parent.
    parents = {row.branch: row.committee for row in rows if row.fact == "tree" and row.branch}

    def held(wanted: str) -> frozenset[int]:
        return frozenset(branch for post, branch, _ in posts if branch and post == wanted)

    def scope_of(wanted: str) -> frozenset[int]:
        return frozenset(c for role, _, c in grants if c and role == wanted)

    return Access(
        user_id=user.pk,
        person_id=person.branch if person else None,
        secretary_branches=held("secretary"),
        deputy_branches=held("deputy_secretary"),
        post_branches=post_branches,
        own_branches=post_branches | members,
        sub_branches=frozenset(row.branch for row in rows if row.fact == "below" and row.branch),
        officer_committees=_with_descendants(officer, parents),
        leader_committees=_with_descendants(leader, parents),
        home_committees=frozenset({person.committee} if person and person.committee else ()),
        captain_branches=frozenset(b for role, b, _ in grants if b and role == Role.CREW_CAPTAIN),
        aide_committees=scope_of(Role.SECRETARY_OFFICE),
        discipline_committees=scope_of(Role.DISCIPLINE_OFFICE),
        top_committee=min((c for c, above in parents.items() if above is None), default=None),
        is_system_admin=Role.SYSTEM_ADMIN in roles,
        is_security_admin=Role.SECURITY_ADMIN in roles,
        is_auditor=Role.AUDITOR in roles,
        branch_names={row.branch: row.name for row in rows if row.branch and row.name},
        more={
            name: frozenset(
                (row.post, row.branch) for row in rows if row.fact == name and row.branch
            )
            for name in _sources
        },
    )


class _Fact(NamedTuple):
    """One row of the union below. For ``person`` the branch column carries the person's key,
    for ``tree`` a committee's, for ``more`` (facts of upper floors, named in the post column)
    theirs. ``name`` is the branch's."""

    fact: str
    post: str
    branch: int | None
    committee: int | None
    name: str | None


# Building this union costs more than running it, and it runs on every request: it is compiled once
# for a person and a day that do not exist, whose places the real ones then take.
_ANYBODY: Final = -8_888_888
_ANY_DAY: Final = dt.date(1, 8, 8)
_compiled: dict[str, tuple[str, tuple[Any, ...]]] = {}


def _facts(user_id: int, day: dt.date) -> Iterator[_Fact]:
    """Person, posts, memberships and grants in force, and for those who oversee something the
    tree of committees, in one query."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.alias not in _compiled:
        query = _union(_ANYBODY, _ANY_DAY).query
        _compiled[connection.alias] = query.get_compiler(connection=connection).as_sql()
    sql, params = _compiled[connection.alias]
    adapt = connection.ops.adapt_datefield_value
    real = {_ANYBODY: user_id, adapt(_ANY_DAY): adapt(day)}
    with connection.cursor() as cursor:
        cursor.execute(sql, [real.get(param, param) for param in params])
        return (_Fact(*row) for row in cursor.fetchall())


def _union(user_id: int, day: dt.date) -> QuerySet[Any, Any]:
    from branches.models import Appointment, Branch, Committee, Membership, Person, Role, RoleGrant

    in_force = Q(started_on__lte=day) & (Q(ended_on__isnull=True) | Q(ended_on__gte=day))
    nothing = Cast(Value(None), BigIntegerField())

    no_post = Value("", output_field=CharField())

    def rows(
        fact: str, found: Any, post: Any, branch: Any, committee: Any, name: Any = no_post
    ) -> Any:
        return (
            found.order_by()
            .annotate(
                _fact=Value(fact, output_field=CharField()),
                _post=post,
                _b=branch,
                _c=committee,
                _n=name,
            )
            .values_list("_fact", "_post", "_b", "_c", "_n")
        )

    person = rows(
        "person", Person.objects.filter(user_id=user_id), no_post, F("pk"), F("committee_id")
    )
    posts = Appointment.objects.filter(in_force, person__user_id=user_id)
    grants = RoleGrant.objects.filter(in_force, user_id=user_id)
    oversees = Exists(grants.filter(role=Role.PARTY_AFFAIRS_OFFICER)) | Exists(
        posts.filter(committee__isnull=False)
    )
    branch_name = F("branch__name")
    leads = posts.filter(post_id__in=("secretary", "deputy_secretary")).values("branch_id")
    below = Branch.objects.filter(
        Q(closed_on__isnull=True) | Q(closed_on__gte=day), parent_id__in=leads
    )
    more = (
        rows("post", posts, F("post_id"), F("branch_id"), F("committee_id"), branch_name),
        rows(
            "member",
            Membership.objects.filter(in_force, person__user_id=user_id),
            no_post,
            F("branch_id"),
            nothing,
            branch_name,
        ),
        rows("grant", grants, F("role"), F("branch_id"), F("committee_id"), branch_name),
        rows("below", below, no_post, F("pk"), F("committee_id"), F("name")),
        rows("tree", Committee.objects.filter(oversees), no_post, F("pk"), F("parent_id")),
        *(
            rows(name, found, role, key, nothing)
            for name, source in _sources.items()
            for found, role, key in source(user_id, day)
        ),
    )
    union: QuerySet[Any, Any] = person.union(*more, all=True)
    return union


def _with_descendants(roots: set[int], parents: Mapping[int, int | None]) -> frozenset[int]:
    found = set(roots)
    grew = bool(found)
    while grew:
        more = {child for child, parent in parents.items() if parent in found} - found
        found |= more
        grew = bool(more)
    return frozenset(found)
