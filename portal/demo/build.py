"""Building the demo from a seed: found the company, then let its months happen up to today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from celery import current_app
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from branches.models import Branch, Committee, Membership, Person
from evaluations.models import Inspection
from evaluations.services.overdue import STARTS_AT, remind
from feedback.keys import repeating_keys
from feedback.similar import keep_up
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.audit.services import record
from portal.demo import plots
from portal.demo.accounts import DEMO_ACCOUNTS
from portal.demo.agenda import Agenda
from portal.demo.blueprint import CompanyPlan, generated, quanzhou
from portal.demo.chance import chance
from portal.demo.company import VIA, BuiltCommittee, Founder
from portal.demo.story import Ending, GoingOut, Life, Listening, Months, moment, workdays_of
from portal.demo.story import programmes as programme_story
from portal.demo.story.crew_founding import CrewFounding
from portal.demo.story.crew_history import CrewHistory
from portal.demo.story.crew_present import CrewPresent
from portal.demo.story.crew_year import CrewYear
from portal.demo.story.crews import Crews
from portal.kernel.errors import DomainError
from portal.kernel.months import SHANGHAI, Month
from portal.notifications.models import InboxMessage
from portal.notifications.services import mark_all_read
from portal.workdays.models import CalendarYear
from portal.workdays.services import import_years, nth_workday

SEED = 2017
MONTHS = 12
MAX_MONTHS = 36
BUILT = "demo.built"
Advance = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Built:
    """What there is now."""

    month: Month
    today: dt.date
    organisations: int
    members: int
    accounts: int
    visits: int


def month_in_hand(today: dt.date) -> Month:
    """The month whose inspection is going on: from the 20th the current one, before that the
    one before."""
    month = Month.of(today)
    return month if today.day >= 20 else month.plus(-1)


def planned(*, seed: int, organisations: int | None) -> CompanyPlan:
    return quanzhou(seed) if organisations is None else generated(seed, organisations)


def steps(plan: CompanyPlan, *, today: dt.date, months: int) -> int:
    """How many steps a build reports: one per branch, one per day."""
    branches = sum(len(c.branches) for c in (plan.city, *plan.counties))
    return branches + (today - _first_month(today, months).first_day).days


def _first_month(today: dt.date, months: int) -> Month:
    return month_in_hand(today).plus(1 - months)


class Stage(StrEnum):
    """How far a database has got to being a demo."""

    EMPTY = "empty"
    HALF_BUILT = "half_built"
    BUILT = "built"


def stage() -> Stage:
    """A build takes many transactions; the audit row it ends with says that it came to its end."""
    if AuditEntry.objects.filter(code=BUILT).exists():
        return Stage.BUILT
    if Committee.objects.exists() or Person.objects.exists() or User.objects.exists():
        return Stage.HALF_BUILT
    return Stage.EMPTY


def refuse_if_not_empty() -> None:
    if stage() != Stage.EMPTY:
        raise DomainError(
            _("数据库里已经有单位、人员或账号。演示数据只建在空库里，以免混进真实资料。")
        )


def build_demo(
    *,
    today: dt.date,
    now: dt.datetime | None = None,
    seed: int = SEED,
    organisations: int | None = None,
    months: int = MONTHS,
    advance: Advance = lambda steps: None,
) -> Built:
    """Build the demo company as it stands on the morning of ``today``.

    ``now``, when it is earlier than that morning's work is done, is when the story stops: nobody
    opens a portal in which things have happened that are still to come.

    Without ``organisations`` it is the company of the documentation with the county
    companies around it; with a number, one committee of that many general branches and
    branches. ``months`` counts the month in hand. Equal arguments give equal rows.
    ``advance(n)`` is called as the work goes on (see :func:`steps`).

    Raises DomainError when the database holds anything yet.
    """
    refuse_if_not_empty()
    if not 1 <= months <= MAX_MONTHS:
        raise DomainError(_("月数请填1到%(max)d。") % {"max": MAX_MONTHS})
    first, hand, current = _first_month(today, months), month_in_hand(today), Month.of(today)
    plan = planned(seed=seed, organisations=organisations)
    has_plots = organisations is None
    morning = moment(today, 9, 10)
    until = min(now, morning).astimezone(SHANGHAI) if now else morning
    with _no_broker():
        _know_working_days(first, current, now=until)
        with transaction.atomic():
            founded = moment(nth_workday(first.plus(-1), 12), 9)
            company = Founder(
                seed=seed,
                since=dt.date(first.year - 2, 1, 4),
                first_month=first,
                hand=hand,
                now=founded,
                advance=lambda: advance(1),
            ).found(plan)
        agenda = Agenda()
        crews = Crews(seed=seed, company=company, agenda=agenda, until=until)
        with transaction.atomic():
            CrewFounding(crews).found(founded)
        CrewHistory(crews).plan(founded)
        CrewYear(crews).plan(current.plus(-11), current)
        CrewPresent(crews).plan()

        def months_of(built: BuiltCommittee) -> Months:
            return Months(
                Life(
                    seed=seed,
                    built=built,
                    agenda=agenda,
                    hand=hand,
                    today=today,
                    has_plots=has_plots and built is company.city,
                )
            )

        city = months_of(company.city)
        for number in range(months):
            month = first.plus(number)
            city.live(month, Ending.PUBLISHED if month < hand else Ending.IN_INSPECTION)
        if current != hand:
            city.live(current, Ending.OPEN)
        if has_plots:
            Listening(
                seed=seed, city=company.city, agenda=agenda, today=today, first=first.first_day
            ).plan()
            GoingOut(
                seed=seed, city=company.city, agenda=agenda, today=today, first=first.first_day
            ).plan()
        for county in company.counties:
            if county.branches:
                _live_in_county(months_of(county), first, hand, current)
        _plan_reminders(agenda, max(first, hand.plus(-1)).first_day, today)
        with repeating_keys(chance(seed, "keys")):
            _run(agenda, until, morning, first, advance)
        if has_plots and company.city.officer is not None:
            with transaction.atomic():
                programme_story.tell(
                    seed=seed,
                    city=company.city,
                    officer=company.city.officer,
                    today=today,
                    now=until,
                )
        _settle(until, seed=seed)
        keep_up(until)
    return Built(
        month=hand,
        today=today,
        organisations=Branch.objects.filter(committee=company.city.committee).count(),
        members=Membership.objects.filter(branch__committee=company.city.committee).count(),
        accounts=User.objects.count(),
        visits=Inspection.objects.count(),
    )


def _plan_reminders(agenda: Agenda, since: dt.date, today: dt.date) -> None:
    """Every working morning the sweep tells of what is overdue, and what stays so climbs to the
    party affairs office; of the latest months, in which something still is."""

    def sweep(now: dt.datetime) -> None:
        remind(now)

    for day in workdays_of(since, today):
        agenda.at(moment(day, STARTS_AT.hour, STARTS_AT.minute), sweep)


def _live_in_county(county: Months, first: Month, hand: Month, current: Month) -> None:
    """County companies joined late: one is in the middle of last month's appeals, the others
    have just opened their first round."""
    if county.life.built.plan.county == plots.APPEALING_COUNTY:
        if hand.plus(-2) >= first:
            county.live(hand.plus(-2), Ending.PUBLISHED)
        if hand.plus(-1) >= first:
            county.live(hand.plus(-1), Ending.IN_APPEALS)
        if hand != current:
            county.live(hand, Ending.OPEN)
    county.live(current, Ending.OPEN)


def _run(
    agenda: Agenda, until: dt.datetime, morning: dt.datetime, first: Month, advance: Advance
) -> None:
    reached = moment(first.first_day, 0)

    def report(now: dt.datetime) -> None:
        nonlocal reached
        if (days := (now - reached).days) > 0:
            reached += dt.timedelta(days=days)
            advance(days)

    agenda.run(morning, report, now=until)
    report(morning)  # the last days may be quiet ones


def _know_working_days(first: Month, current: Month, *, now: dt.datetime) -> None:
    """The calendar comes with the database; years outside of it are fetched here."""
    known = set(CalendarYear.objects.values_list("year", flat=True))
    for year in range(first.plus(-1).year, current.plus(2).year + 1):
        if year not in known:
            import_years(first=year, last=year, actor=None, now=now, via=VIA)


def _settle(now: dt.datetime, *, seed: int) -> None:
    """Old messages have been read; the people of the tour get a mail address, only now, so
    that no mail of the past goes out; the build itself is on record."""
    names = [account.username for account in DEMO_ACCOUNTS]
    with transaction.atomic():
        newest_old = (
            InboxMessage.objects.filter(created_at__lt=now - dt.timedelta(days=5))
            .values("user")
            .annotate(newest=Max("pk"))
            .values_list("user", "newest")
        )
        users = User.objects.in_bulk([user for user, _newest in newest_old])
        for user_id, newest in newest_old:
            mark_all_read(user=users[user_id], up_to=newest, now=now)
        for user in User.objects.filter(username__in=names).order_by("pk"):
            user.email = f"{user.username}@example.com"
            user.save(update_fields=["email"])
        city = Committee.objects.filter(parent__isnull=True).order_by("pk")[0]
        record(code=BUILT, target=city, actor=None, now=now, via=VIA, after={"seed": seed})


@contextmanager
def _no_broker() -> Iterator[None]:
    """Nobody is to be woken for what happened in the past: messages to workers stay in this
    process and go with it. The sweep finds whatever is really due."""
    before = current_app.conf.broker_url
    current_app.conf.update(broker_url="memory://")
    try:
        yield
    finally:
        current_app.conf.update(broker_url=before)
