"""axe finds nothing on any page; none hangs over a phone's edge; each has one title.

Page routes stand in ``PAGES`` with somebody who opens them in a scene, or in ``NO_PAGE`` with the
reason why there is nothing to look at. All others are looked at by ``test_axe_samples``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from branches.models import Appointment, Membership, PartyGroup, RoleGrant
from branches.services.organisation import create_branch
from branches.services.record_values import AbsenceValues, ActivityValues
from branches.services.records import save_activity
from evaluations.models import Inspection, RubricVersion
from evaluations.services import appeals, notices, rubrics, sheets
from portal.kernel.months import Month
from portal.notifications import services as messages
from tests.cast import FIRST_MONTH, NOW, Cast
from tests.conftest import Pages, axe, sign_in
from tests.journeys.hands import item_of, sheet_submitted, upright
from tests.month import MonthCast
from tests.notices.scene import PUBLISHED_AT, Provisional, Published, at


@dataclass
class Stage:
    """What the addresses of a scene need; only the scene's own things are there."""

    cast: Cast
    things: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.things[name]


Args = Callable[[Stage], tuple[Any, ...]]


@dataclass(frozen=True)
class Visit:
    """One page, looked at by one person; ``main`` ones on the phone as well."""

    role: str
    name: str
    args: Args = lambda stage: ()
    query: str = ""
    main: bool = False


def a(*names: str) -> Args:
    """Primary keys of things on the stage (or of the cast)."""

    def found(stage: Stage) -> tuple[Any, ...]:
        return tuple(
            (stage.things[n] if n in stage.things else getattr(stage.cast, n)).pk for n in names
        )

    return found


def then(first: Args, *rest: Any) -> Args:
    return lambda stage: (*first(stage), *rest)


# -- the pages, by scene ------------------------------------------------------------------------

INSPECTING = [
    Visit("secretary_a", "dashboard:home", main=True),
    Visit("secretary_a", "dashboard:search", query="q=配电"),
    Visit("secretary_a", "dashboard:search", query="q=没有这个", main=True),
    Visit("secretary_a", "notifications:inbox", main=True),
    Visit("secretary_a", "branches:record-list", a("branch_a"), main=True),
    Visit("secretary_a", "branches:record-create", a("branch_a"), main=True),
    Visit("secretary_a", "branches:record-detail", a("record"), main=True),
    Visit("secretary_a", "branches:record-edit", a("record")),
    Visit("secretary_a", "branches:record-delete", a("record")),
    Visit("secretary_a", "branches:calendar", a("branch_a"), main=True),
    Visit("secretary_a", "branches:detail", a("branch_a"), main=True),
    Visit("secretary_a", "branches:members", a("branch_a"), main=True),
    Visit("secretary_a", "evaluations:sheets", main=True),
    Visit("secretary_a", "evaluations:sheet-summary", a("visit_a_again"), main=True),
    Visit("secretary_a", "evaluations:notice-list"),
    Visit("secretary_a", "evaluations:finding-list", main=True),
    Visit("secretary_a", "evaluations:appeal-list"),
    Visit("secretary_a", "evaluations:bulletins"),
    Visit("secretary_a", "workdays:year", lambda stage: (2017,), main=True),
    Visit("secretary_a", "accounts:password_change", main=True),
    Visit("inspector", "dashboard:home", main=True),
    Visit("inspector", "evaluations:sheets", main=True),
    Visit("inspector", "evaluations:sheet", a("visit_a"), main=True),
    Visit("inspector", "evaluations:sheet", a("visit_b"), main=True),
    Visit("inspector", "evaluations:sheet-item", a("visit_a", "item"), main=True),
    Visit("inspector", "evaluations:sheet-item", a("visit_a", "grey_item"), main=True),
    Visit("inspector", "evaluations:sheet-summary", a("visit_a"), main=True),
    Visit("officer", "evaluations:round", a("round"), main=True),
    Visit("officer", "evaluations:round", a("round"), "type=business&missing=1"),
    Visit("officer", "evaluations:round-calendar", a("round"), main=True),
    Visit("officer", "evaluations:round-words", a("round")),
    Visit("officer", "evaluations:round-teams", a("round"), main=True),
    Visit("officer", "evaluations:round-reassign", a("round", "visit_energy")),
    Visit("officer", "evaluations:round-adjust", a("round", "participant"), main=True),
    Visit("officer", "evaluations:ranking", a("round")),
    Visit("officer", "evaluations:policies"),
    Visit("officer", "evaluations:policy-set", a("city")),
    Visit("officer", "evaluations:rubric-list", main=True),
    Visit("officer", "evaluations:rubric-version", a("version"), main=True),
    Visit("officer", "evaluations:rubric-difference", a("draft")),
    Visit("officer", "evaluations:rubric-import", a("rubric")),
    Visit("officer", "evaluations:rubric-edit", a("draft")),
    Visit("officer", "evaluations:rubric-frame", a("draft")),
    Visit("officer", "evaluations:rubric-item-new", a("draft"), "section=B"),
    Visit("officer", "evaluations:rubric-item", then(a("draft"), "B4")),
    Visit("officer", "evaluations:rubric-section-new", a("draft")),
    Visit("officer", "evaluations:rubric-section", then(a("draft"), "B")),
    Visit("officer", "evaluations:rubric-activate", a("draft")),
    Visit("officer", "evaluations:rubric-withdraw", a("coming_version")),
    Visit("officer", "branches:list", main=True),
    Visit("officer", "branches:create"),
    Visit("officer", "branches:detail", a("general")),
    Visit("officer", "branches:edit", a("branch_a")),
    Visit("officer", "branches:classify", a("branch_a")),
    Visit("officer", "branches:close", a("temporary")),
    Visit("officer", "branches:group-create", a("branch_a")),
    Visit("officer", "branches:group-end", a("group")),
    Visit("officer", "branches:committee-create"),
    Visit("officer", "branches:committee-detail", a("city"), main=True),
    Visit("officer", "branches:committee-edit", a("county")),
    Visit("officer", "branches:committee-appoint", a("city")),
    Visit("officer", "branches:members", a("branch_a")),
    Visit("officer", "branches:member-add", a("branch_a")),
    Visit("officer", "branches:member-end", a("membership")),
    Visit("officer", "branches:member-group", a("membership")),
    Visit("officer", "branches:appoint", a("branch_a")),
    Visit("officer", "branches:appointment-end", a("appointment")),
    Visit("officer", "branches:person-list", main=True),
    Visit("officer", "branches:person-create"),
    Visit("officer", "branches:person-edit", a("person")),
    Visit("leader", "evaluations:round", a("round"), main=True),
    Visit("captain", "dashboard:home", main=True),
    Visit("employee", "dashboard:home", main=True),
    Visit("employee", "dashboard:styleguide"),
    Visit("employee", "api:reference"),
    Visit("sysadmin", "dashboard:home", main=True),
    Visit("sysadmin", "notifications:machinery", main=True),
    Visit("sysadmin", "workdays:year", lambda stage: (2027,)),
    Visit("sysadmin", "workdays:notice", lambda stage: (2027,)),
    Visit("sysadmin", "branches:account-list", main=True),
    Visit("sysadmin", "branches:account-open"),
    Visit("sysadmin", "branches:account-reset", a("employee")),
    Visit("sysadmin", "branches:account-switch", a("employee")),
    Visit("secadmin", "dashboard:home"),
    Visit("secadmin", "branches:grant-list", main=True),
    Visit("secadmin", "branches:grant-create"),
    Visit("secadmin", "branches:grant-end", a("grant")),
    Visit("auditor", "dashboard:home"),
    Visit("auditor", "audit:list", main=True),
    Visit("nobody", "accounts:login", main=True),
]
PROVISIONAL = [
    Visit("officer", "evaluations:round", a("round"), main=True),
    Visit("officer", "evaluations:bulletin", a("round")),
    Visit("officer", "evaluations:appeal-list"),
    Visit("officer", "evaluations:appeal-detail", a("appeal"), main=True),
    Visit("officer", "evaluations:ranking", a("round")),
    Visit("secretary_a", "dashboard:home", main=True),
    Visit("secretary_a", "evaluations:score", a("round", "branch_a"), main=True),
    Visit("secretary_a", "evaluations:appeal-create", a("lecture"), main=True),
    Visit("secretary_a", "evaluations:appeal-detail", a("appeal"), main=True),
    Visit("secretary_a", "evaluations:finding-list", main=True),
    Visit("secretary_a", "evaluations:finding-detail", a("finding"), main=True),
    Visit("inspector", "evaluations:finding-detail", a("finding")),
]
PUBLISHED = [
    Visit("officer", "evaluations:round", a("round"), main=True),
    Visit("officer", "evaluations:ranking", a("round"), "group=type:production", main=True),
    Visit("officer", "evaluations:ranking", a("round"), "view=table", main=True),
    Visit("officer", "evaluations:score", a("round", "branch_a"), main=True),
    Visit("officer", "evaluations:deduction-correct", a("breaches"), main=True),
    Visit("officer", "evaluations:notice-list", main=True),
    Visit("officer", "evaluations:notice-detail", a("notice"), main=True),
    Visit("leader", "evaluations:notice-detail", a("office_notice")),
    Visit("officer", "evaluations:finding-list", main=True),
    Visit("officer", "evaluations:finding-detail", a("finding"), main=True),
    Visit("secretary_a", "dashboard:home", main=True),
    Visit("secretary_a", "notifications:inbox", main=True),
    Visit("secretary_a", "evaluations:notice-detail", a("notice"), main=True),
    Visit("secretary_a", "evaluations:ranking", a("round"), main=True),
    Visit("employee", "dashboard:home", main=True),
    Visit("employee", "evaluations:ranking", a("round"), "view=table", main=True),
    Visit("employee", "evaluations:bulletins", main=True),
    Visit("employee", "evaluations:bulletin", a("round"), main=True),
    Visit("auditor", "audit:list", main=True),
]
PAGES = {"inspecting": INSPECTING, "provisional": PROVISIONAL, "published": PUBLISHED}

NO_PAGE = {
    # answers of the machine
    "healthz",
    "readyz",
    # lead on to a page that is visited
    "branches:own-records",
    "branches:record-new",
    "evaluations:rankings",
    "evaluations:rectification",
    "evaluations:rounds",
    "evaluations:rubric-in-force",
    "evaluations:sheet-confirm",
    "evaluations:sheet-object",
    "evaluations:sheet-submit",
    "evaluations:sheet-take-back",
    "notifications:open",
    "workdays:calendar",
    # files
    "attachments:file",
    "branches:dues-file",
    "branches:duty-board-file",
    "branches:handbook",
    "branches:blank-attendance",
    "branches:burden-file",
    "branches:import-blank",
    "branches:import-problems",
    "branches:list-file",
    "branches:members-file",
    "branches:person-list-file",
    "branches:record-file",
    "branches:record-list-file",
    "branches:register-file",
    "branches:study-file",
    "evaluations:batch-file",
    "evaluations:bulletin-file",
    "evaluations:sheet-file",
    "evaluations:paper-file",
    "evaluations:notice-file",
    "evaluations:round-certificate",
    "notifications:feed",
    "offline:favicon",
    "offline:manifest",
    "offline:worker",
    "feedback:ledger-excel",
    "servicecrew:figures-export",
    "servicecrew:import-sheet",
    "servicecrew:turnout-export",
    "audit:export",
    "evaluations:ranking-export",
    "evaluations:rubric-workbook",
    "workdays:export",
    # part of a page
    "evaluations:what-if-month",
    "offline:me",
    "offline:pages",
    "branches:roster",
    # drawn only after an upload: tests/rubrics/test_browser.py looks at it
    "evaluations:rubric-import-preview",
    # take a POST only
    "notifications:calendar-close",
    "notifications:calendar-renew",
    "notifications:read",
    "notifications:read-all",
    "notifications:resend",
    "workdays:confirm",
    "workdays:day",
    "workdays:load",
}


def _routes(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{space}{entry.name}", entry.callback
        elif entry.namespace != "admin":
            yield from _routes(entry, f"{space}{entry.namespace}:" if entry.namespace else space)


def page_routes() -> set[str]:
    """Every route that answers GET: the admin is Django's own, the API answers JSON; everything
    else is ours to look at."""
    return {
        name
        for name, view in _routes(get_resolver())
        if (not name.startswith("api:") or name == "api:reference")
        and hasattr(getattr(view, "view_class", None) or _Function, "get")
        and "get" in getattr(getattr(view, "view_class", _Function), "http_method_names", ["get"])
    }


def test_no_page_is_named_that_is_not_there() -> None:
    """What no scene visits is looked at by ``test_axe_samples``."""
    visited = {visit.name for visits in PAGES.values() for visit in visits}
    assert (visited | NO_PAGE) - {name for name, _view in _routes(get_resolver())} == set()
    assert visited & NO_PAGE == set()


class _Function:
    """A view that is a function may answer GET, as far as one can tell."""

    def get(self) -> None: ...


# -- the scenes ---------------------------------------------------------------------------------


def inspecting(cast: Cast, month: MonthCast) -> Stage:
    away = cast.members(cast.branch_a)[5]
    record = save_activity(
        branch=cast.branch_a,
        values=ActivityValues(
            duties=("themed_day", "group_study"),
            held_on=NOW.date().replace(day=9),
            place="三楼会议室",
            subject="学习抢修现场安全规程",
            chair=cast.person(cast.secretary_a),
            recorder=cast.person(cast.deputy_a),
            agenda="一、学习规程",
            resolution="各班组自查一次。",
            study_hours=2,  # type: ignore[arg-type]
            absences=(AbsenceValues(away.pk, "leave", "保电值班"),),
        ),
        actor=cast.secretary_a,
        now=NOW,
    )
    visit = month.visit_a
    sheets.start_sheet(inspection_id=visit.pk, actor=cast.inspector, now=NOW)
    item = item_of(visit, "B4")
    sheets.save_item(
        inspection_id=visit.pk,
        item_id=item.pk,
        lines=[sheets.LineInput(item.rules.get(number=2).pk, 1, "6月9日到会9人，不足80%", "major")],
        override=None,
        version=0,
        actor=cast.inspector,
        now=NOW,
    )
    other = Inspection.objects.get(pk=month.visit_a_again.pk)
    sheet_submitted(
        other, cast.secretary_of(cast.supplies), NOW, {("D1", 1): "6月14日一人未系下颏带"}
    )
    versions = RubricVersion.objects.select_related("rubric").order_by("rubric__code")
    version = versions.get(rubric__code="PROD")
    coming = rubrics.draft_version(
        rubric=versions.get(rubric__code="BUSI").rubric,
        first_month=Month(2017, 9),
        actor=None,
        now=NOW,
    )
    messages.tell(
        user=cast.secretary_a,
        key="axe",
        title="六月互查今天开始",
        body="您的任务：检查综合能源党支部",
        link="/sheets/",
        now=NOW,
    )
    return Stage(
        cast,
        {
            "round": month.round,
            "visit_a": visit,
            "visit_b": month.visit_b,
            "visit_a_again": other,
            "visit_energy": month.visit_energy,
            "participant": month.participant(cast.branch_a),
            "item": item,
            "grey_item": item_of(visit, "B5"),
            "record": record,
            "version": version,
            "rubric": version.rubric,
            "draft": rubrics.draft_version(
                rubric=version.rubric, first_month=Month(2017, 8), actor=None, now=NOW
            ),
            "coming_version": rubrics.activate_version(version=coming, actor=None, now=NOW),
            "temporary": create_branch(
                committee=cast.city,
                name="保电临时党支部",
                tier="branch",
                branch_type="production",
                first_month=FIRST_MONTH,
                is_temporary=True,
                actor=None,
                now=NOW,
            ),
            "group": PartyGroup.objects.order_by("pk")[0],
            "membership": Membership.objects.get(person=away),
            "appointment": Appointment.objects.get(
                branch=cast.branch_a, post="deputy_secretary", ended_on=None
            ),
            "person": away,
            "grant": RoleGrant.objects.get(user=cast.captain),
        },
    )


def in_public_review(cast: Cast, scene: Provisional) -> Stage:
    appeal = appeals.file_appeal(
        deduction_id=scene.breaches.pk,
        text="其中一人当天休假，有考勤表。",
        actor=cast.secretary_a,
        now=at(7, 3),
    )
    things = {
        "round": scene.round,
        "appeal": appeal,
        "lecture": scene.lecture,
        "finding": scene.finding(scene.breaches),
    }
    return Stage(cast, things)


def after_publication(cast: Cast, scene: Published) -> Stage:
    notices.check_and_issue(
        notice_id=scene.notice.pk,
        version=scene.notice.version,
        actor=cast.officer,
        now=PUBLISHED_AT,
    )
    notices.acknowledge_notice(notice_id=scene.notice.pk, actor=cast.secretary_a, now=PUBLISHED_AT)
    things = {
        "round": scene.provisional.round,
        "notice": scene.notice,
        "office_notice": scene.office_notice,
        "finding": scene.provisional.finding(scene.provisional.breaches),
        "breaches": scene.provisional.breaches,
    }
    return Stage(cast, things)


# -- looking --------------------------------------------------------------------------------------


def look(new_page: Pages, stage: Stage, scene: str, *, on_phone: bool) -> None:
    """Open every page of the scene, one browser context per person, and say all that is wrong."""
    wrong: list[str] = []
    visits = [v for v in PAGES[scene] if v.main or not on_phone]
    for role in dict.fromkeys(v.role for v in visits):
        page = new_page(390, 844, touch=True) if on_phone else new_page(1440, 900)
        if role != "nobody":
            sign_in(page, stage.cast.users[role])
        for visit in (v for v in visits if v.role == role):
            address = reverse(visit.name, args=visit.args(stage))
            address += f"?{visit.query}" if visit.query else ""
            answer = page.goto(address)
            assert answer is not None
            if answer.status != 200:
                wrong.append(f"{role} {address}: {answer.status}")
                continue
            for check in (axe, upright):
                try:
                    check(page)
                except AssertionError as error:
                    wrong.append(f"{role} {address}: {error}")
        page.close()
    assert not wrong, "\n".join(wrong)


SIZES = pytest.mark.parametrize("on_phone", [False, True], ids=["desktop", "phone"])


@SIZES
@pytest.mark.usefixtures("clock")
def test_pages_while_the_month_is_inspected(
    cast: Cast, month_cast: MonthCast, new_page: Pages, on_phone: bool
) -> None:
    look(new_page, inspecting(cast, month_cast), "inspecting", on_phone=on_phone)


@SIZES
@pytest.mark.usefixtures("on")
def test_pages_while_scores_are_under_review(
    cast: Cast, provisional: Provisional, new_page: Pages, on: Any, on_phone: bool
) -> None:
    stage = in_public_review(cast, provisional)
    on.move_to(at(7, 3, 12))
    look(new_page, stage, "provisional", on_phone=on_phone)


@SIZES
@pytest.mark.usefixtures("on")
def test_pages_after_publication(
    cast: Cast, published: Published, new_page: Pages, on_phone: bool
) -> None:
    look(new_page, after_publication(cast, published), "published", on_phone=on_phone)
