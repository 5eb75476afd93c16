"""Every address of the portal, and for each what to put into its gaps.

``SAMPLES`` names one object per gap, by url name. Where the state of the object decides who may
go on, a route has several samples, told apart by a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from branches.models import Appointment, Membership, RoleGrant
from tests.cast import Cast
from tests.permissions import channel_routes
from tests.permissions.fair_routes import FAIR_SAMPLES
from tests.permissions.listening import LISTENING_SAMPLES
from tests.permissions.record_routes import RECORD_SAMPLES
from tests.permissions.routes_papers import PAPER_SAMPLES
from tests.permissions.scene import House
from tests.servicecrew.permissions import CREW_SAMPLES

METHODS = ("get", "post", "put", "patch", "delete")
Sample = Callable[[Cast, House], dict[str, Any]]

# django.contrib.admin makes its own addresses and guards them alike: its first page stands for all.
ONE_FOR_ALL = {"admin": "admin:index"}


@dataclass(frozen=True, slots=True)
class Route:
    """One pattern of the URL configuration. ``methods``: what it may know."""

    name: str
    pattern: str
    gaps: frozenset[str]
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Address:
    """A route with its gaps filled. ``label`` is how the matrix calls it."""

    label: str
    route: Route
    path: str


def routes() -> list[Route]:
    """Every pattern, in the order of the URL configuration."""
    return list(_walk(get_resolver(), (), ""))


def _walk(resolver: URLResolver, spaces: tuple[str, ...], prefix: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            space = entry.namespace
            yield from _walk(entry, (*spaces, *([space] if space else [])), pattern)
        elif isinstance(entry, URLPattern):
            name = ":".join((*spaces, entry.name or ""))
            first = ONE_FOR_ALL.get(spaces[0]) if spaces else None
            if first is not None and name != first:
                continue
            assert entry.name, f"/{pattern} has no name: give its path() one."
            gaps = frozenset(resolver.pattern.regex.groupindex) | frozenset(
                entry.pattern.regex.groupindex
            )
            yield Route(name, pattern, gaps, _methods(entry.callback))


def _methods(view: Any) -> tuple[str, ...]:
    """What the view says it knows; of a plain function nobody knows: GET and POST."""
    known = getattr(view, "actions", None)
    view_class = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if known is None and view_class is not None:
        known = [m for m in view_class.http_method_names if hasattr(view_class, m)]
    return tuple(m.upper() for m in METHODS if m in (known or ("get", "post")))


def addresses(cast: Cast, house: House) -> list[Address]:
    """Every route with each of its samples."""
    return [
        Address(
            f"{route.name}[{word}]" if word else route.name,
            route,
            reverse(route.name, kwargs=sample(cast, house)),
        )
        for route in routes()
        for word, sample in samples_of(route).items()
    ]


def samples_of(route: Route) -> dict[str, Sample]:
    """By word ("" when there is one). Raises KeyError where a sample is missing."""
    if not route.gaps:
        return {"": lambda cast, house: {}}
    found = SAMPLES[route.name]
    return found if isinstance(found, dict) else {"": found}


def without_sample() -> list[str]:
    """A sentence for each route that nobody told what to put into its gaps."""
    return [
        f"{route.name} (/{route.pattern}) has no sample: add it to SAMPLES in"
        f" tests/permissions/routes.py with {', '.join(sorted(route.gaps))}, and run again with"
        " REWRITE_LEDGERS=1 to take its line into matrix.txt."
        for route in routes()
        if route.gaps and route.name not in SAMPLES
    ]


def _key(get: Callable[[Cast, House], Any], gap: str = "pk") -> Sample:
    return lambda cast, house: {gap: get(cast, house).pk}


def _newest(model: type[Model], **of: Any) -> Model:
    found = model._default_manager.filter(**of).order_by("-pk").first()
    assert found is not None
    return found


_branch = _key(lambda cast, house: cast.branch_a)
_employee = _key(lambda cast, house: cast.employee)
_committee = _key(lambda cast, house: cast.city)
_july = _key(lambda cast, house: house.july)
_by_state: dict[str, Sample] = {"june": _key(lambda cast, house: house.june), "july": _july}
_visit = _key(lambda cast, house: house.visit)
_submitted = _key(lambda cast, house: house.submitted)
_sheets: dict[str, Sample] = {"under_way": _visit, "submitted": _submitted}
_notice = _key(lambda cast, house: house.notice)
_draft_notice = _key(lambda cast, house: house.draft_notice)
_notices: dict[str, Sample] = {"issued": _notice, "draft": _draft_notice}
_to_fix = _key(lambda cast, house: house.to_fix)
_reported = _key(lambda cast, house: house.reported)
_appeal = _key(lambda cast, house: house.appeal)
_activity = _key(lambda cast, house: house.activity)
_rubric = _key(lambda cast, house: house.rubric)
_in_force = _key(lambda cast, house: house.in_force)
_drafted = _key(lambda cast, house: house.drafted)
_versions: dict[str, Sample] = {"in_force": _in_force, "draft": _drafted}
_message = _key(lambda cast, house: house.message)
_membership = _key(lambda cast, house: _newest(Membership, branch=cast.branch_a))


def _visit_of_round(cast: Cast, house: House) -> dict[str, Any]:
    return {"pk": house.july.pk, "visit_pk": house.planned.pk}


def _participant(cast: Cast, house: House) -> dict[str, Any]:
    return {"pk": house.july.pk, "participant_pk": house.participant.pk}


def _score(round_: str) -> Sample:
    return lambda cast, house: {
        "pk": getattr(house, round_).pk,
        "branch_pk": cast.branch_a.pk,
    }


def _problem(cast: Cast, house: House) -> dict[str, Any]:
    problem = house.draft_notice.problems.get()
    return {"pk": house.draft_notice.pk, "problem_id": problem.pk}


def _drafted_item(cast: Cast, house: House) -> dict[str, Any]:
    return {"pk": house.drafted.pk, "code": "D1"}


def _drafted_section(cast: Cast, house: House) -> dict[str, Any]:
    return {"pk": house.drafted.pk, "code": house.section.code}


def _year(cast: Cast, house: House) -> dict[str, Any]:
    return {"year": 2017}


SAMPLES: dict[str, Sample | dict[str, Sample]] = {
    **channel_routes.SAMPLES,
    # messages and machinery
    "notifications:open": _message,
    "notifications:read": _message,
    "notifications:resend": _key(lambda cast, house: house.mail),
    # working days
    "workdays:year": _year,
    "workdays:day": _year,
    "workdays:confirm": _year,
    "workdays:load": _year,
    "workdays:notice": _year,
    "workdays:export": _year,
    # organisation, people, records
    "branches:detail": _branch,
    "branches:edit": _branch,
    "branches:classify": _branch,
    "branches:close": _branch,
    "branches:group-create": _branch,
    "branches:group-end": _key(lambda cast, house: cast.group_one),
    "branches:committee-detail": _committee,
    "branches:committee-edit": _committee,
    "branches:committee-appoint": _committee,
    "branches:members": _branch,
    "branches:member-add": _branch,
    "branches:member-end": _membership,
    "branches:member-group": _membership,
    "branches:appoint": _branch,
    "branches:appointment-end": _key(
        lambda cast, house: _newest(Appointment, branch=cast.branch_a, post="deputy_secretary")
    ),
    "branches:person-edit": _key(lambda cast, house: cast.person(cast.captain)),
    "branches:account-switch": _employee,
    "branches:account-reset": _employee,
    "branches:grant-end": _key(lambda cast, house: _newest(RoleGrant, user=cast.captain)),
    "branches:record-list": _branch,
    "branches:record-create": _branch,
    "branches:roster": _branch,
    "branches:calendar": _branch,
    "branches:record-detail": _activity,
    "branches:record-edit": _activity,
    "branches:record-delete": _activity,
    # rectification
    "evaluations:notice-detail": _notices,
    "evaluations:notice-edit-problem": _problem,
    "evaluations:notice-check": _notices,
    "evaluations:notice-check-and-issue": _notices,
    "evaluations:notice-send-back": _notices,
    "evaluations:notice-issue": _notices,
    "evaluations:notice-acknowledge": _notices,
    "evaluations:notice-save-answers": _notice,
    "evaluations:notice-respond": _notice,
    "evaluations:notice-accept": _notice,
    "evaluations:notice-return": _notice,
    "evaluations:notice-withdraw": _notices,
    "evaluations:finding-detail": {"to_fix": _to_fix, "reported": _reported},
    "evaluations:finding-save-report": _to_fix,
    "evaluations:finding-report": _to_fix,
    "evaluations:finding-verify": _reported,
    "evaluations:finding-return": _reported,
    "evaluations:appeal-create": _key(lambda cast, house: house.deduction, "deduction_id"),
    "evaluations:appeal-detail": _appeal,
    "evaluations:appeal-uphold": _appeal,
    "evaluations:appeal-reject": _appeal,
    # rounds, rankings, bulletins
    "evaluations:policy-set": _committee,
    "evaluations:round": _by_state,
    "evaluations:round-start-inspection": _july,
    "evaluations:round-close-inspection": _july,
    "evaluations:round-reopen-inspection": _july,
    "evaluations:round-publish": _by_state,
    "evaluations:round-republish": _by_state,
    "evaluations:round-remind": _july,
    "evaluations:round-calendar": _july,
    "evaluations:round-words": _july,
    "evaluations:round-teams": _july,
    "evaluations:round-add-team": _july,
    "evaluations:round-add-visit": _july,
    "evaluations:round-reassign": _visit_of_round,
    "evaluations:round-drop-visit": _visit_of_round,
    "evaluations:round-adjust": _participant,
    "evaluations:round-add-bonus": _participant,
    "evaluations:round-add-veto": _participant,
    "evaluations:round-remove-adjustment": {
        "bonus": lambda cast, house: (
            _participant(cast, house) | {"kind": "bonus", "row_pk": house.bonus.pk}
        ),
        "veto": lambda cast, house: (
            _participant(cast, house) | {"kind": "veto", "row_pk": house.veto.pk}
        ),
    },
    "evaluations:ranking": _by_state,
    "evaluations:ranking-export": _by_state,
    "evaluations:score": {"june": _score("june"), "july": _score("july")},
    "evaluations:bulletin": _by_state,
    # sheets
    "evaluations:sheet": _sheets,
    "evaluations:sheet-start": _key(lambda cast, house: house.planned),
    "evaluations:sheet-item": lambda cast, house: {
        "pk": house.visit.pk,
        "item_pk": house.item.pk,
    },
    "evaluations:sheet-summary": _sheets,
    "evaluations:sheet-submit": _visit,
    "evaluations:sheet-take-back": _submitted,
    "evaluations:sheet-confirm": _submitted,
    "evaluations:sheet-object": _submitted,
    # rubrics
    "evaluations:rubric-in-force": lambda cast, house: {"code": house.rubric.code},
    "evaluations:rubric-draft": _rubric,
    "evaluations:rubric-import": _rubric,
    "evaluations:rubric-import-preview": _rubric,
    "evaluations:rubric-version": _versions,
    "evaluations:rubric-difference": _versions,
    "evaluations:rubric-workbook": _versions,
    "evaluations:rubric-edit": _versions,
    "evaluations:rubric-date": _drafted,
    "evaluations:rubric-frame": _drafted,
    "evaluations:rubric-item-new": _drafted,
    "evaluations:rubric-item": _drafted_item,
    "evaluations:rubric-item-remove": _drafted_item,
    "evaluations:rubric-section-new": _drafted,
    "evaluations:rubric-section": _drafted_section,
    "evaluations:rubric-section-remove": _drafted_section,
    "evaluations:rubric-activate": _drafted,
    "evaluations:rubric-withdraw": _drafted,
    "evaluations:rubric-discard": _drafted,
    # the REST twin
    "api:committee-detail": _committee,
    "api:branch-detail": _branch,
    "api:activity-detail": _activity,
    "api:rubric-detail": _rubric,
    "api:rubric-version-detail": _versions,
    "api:round-detail": _july,
    "api:round-assign": _july,
    "api:round-close-inspection": _july,
    "api:round-participants": _july,
    "api:round-publish": _july,
    "api:round-republish": _july,
    "api:round-reopen-inspection": _july,
    "api:round-start-inspection": _july,
    "api:round-teams": _july,
    "api:sheet-detail": _sheets,
    "api:sheet-confirm": _submitted,
    "api:sheet-items": _visit,
    "api:sheet-object": _submitted,
    "api:sheet-save-item": lambda cast, house: {
        "pk": house.visit.pk,
        "item_id": house.item.pk,
    },
    "api:sheet-sign": _submitted,
    "api:sheet-start": _key(lambda cast, house: house.planned),
    "api:sheet-submit": _visit,
    "api:sheet-take-back": _submitted,
    "api:finding-detail": _to_fix,
    "api:finding-give-back": _reported,
    "api:finding-report": _to_fix,
    "api:finding-verify": _reported,
    "api:appeal-detail": _appeal,
    "api:appeal-decide": _appeal,
    "api:ranking-detail": lambda cast, house: {
        "pk": house.june.runs.get().entries.get(branch=cast.branch_a).pk
    },
    "api:notice-detail": _notices,
    "api:notice-accept": _notice,
    "api:notice-acknowledge": _notice,
    "api:notice-give-back": _notice,
    "api:notice-check": _draft_notice,
    "api:notice-check-and-issue": _draft_notice,
    "api:notice-send-back": _draft_notice,
    "api:notice-issue": _draft_notice,
    "api:notice-respond": _notice,
    "api:notice-withdraw": _notice,
    "api:message-detail": _message,
    "api:message-read": _message,
    "api:audit-detail": _key(lambda cast, house: house.entry),
    # requests, promises, sessions
    **LISTENING_SAMPLES,
    **FAIR_SAMPLES,
}
SAMPLES |= CREW_SAMPLES
SAMPLES |= PAPER_SAMPLES
SAMPLES |= RECORD_SAMPLES
