"""The five programmes: plans, what was done, visits, mentors, what members take on.

``actor=None`` means the machine; everybody else needs the right.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from branches.models import Activity, Branch, Committee, Person
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError
from servicecrew.models import (
    CareVisit,
    Deed,
    Indicator,
    MentorPair,
    PioneerEntry,
    Programme,
    ProgrammePlan,
    RetiredComrade,
    TargetGroup,
    Turnout,
)
from servicecrew.permissions import may_keep_programmes, may_plan_programmes


def set_plan(
    *,
    programme: Programme,
    committee: Committee,
    year: int,
    target: int,
    text: str = "",
    indicators: Mapping[str, tuple[str, int]] | None = None,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> ProgrammePlan:
    """Write the year's plan, or change it. ``indicators``: measure -> (name, target); what is not
    among them is taken off the plan. None leaves them as they are."""
    if actor is not None and not may_plan_programmes(actor, committee):
        raise PermissionDenied(_("只有党群部专责可以定年度计划。"))
    with transaction.atomic():
        plan, _new = ProgrammePlan.objects.update_or_create(
            programme=programme,
            committee=committee,
            year=year,
            defaults={"target": target, "text": text},
        )
        if indicators is not None:
            plan.indicators.exclude(measure__in=indicators).delete()
        for measure, (name, wanted) in (indicators or {}).items():
            Indicator.objects.update_or_create(
                plan=plan, measure=measure, defaults={"name": name, "target": wanted}
            )
        record(
            code="programme.plan_set",
            target=plan,
            actor=actor,
            now=now,
            via=via,
            after={
                "target": target,
                **{measure: wanted for measure, (_name, wanted) in (indicators or {}).items()},
            },
        )
    return plan


def add_deed(
    *,
    programme: Programme,
    branch: Branch | None,
    committee: Committee,
    activity: Activity | None = None,
    turnout: Turnout | None = None,
    held_on: dt.date | None = None,
    title: str = "",
    people: int | None = None,
    result: str = "",
    groups: Sequence[str] = (),
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Deed:
    """Something was done for a programme: name a monthly record or a turnout (nothing is typed
    twice), or say what and when. Raises PermissionDenied; DomainError when it is there already."""
    if actor is not None and not may_keep_programmes(actor, committee, branch):
        raise PermissionDenied(_("只有支部书记、副书记和党群部专责可以记工程活动。"))
    if activity is None and turnout is None:
        if held_on is None:
            raise DomainError(_("请写日期，或选一条已有的记录。"), field="held_on")
        if not title.strip():
            raise DomainError(_("请写内容，或选一条已有的记录。"), field="title")
    if held_on is not None and held_on > now.date() + dt.timedelta(days=1):
        raise DomainError(_("日期在将来，做完再记。"), field="held_on")
    try:
        with transaction.atomic():
            deed: Deed = Deed.objects.create(
                programme=programme,
                committee=committee,
                branch=branch,
                activity=activity,
                turnout=turnout,
                held_on=held_on,
                title=title,
                people=people,
                result=result,
                created_by=actor,
                created_at=now,
            )
            wanted = TargetGroup.objects.filter(pk__in=groups) if groups else programme.groups.all()
            deed.groups.set(wanted)
            record(
                code="programme.deed_added",
                target=deed,
                actor=actor,
                now=now,
                via=via,
                after={"programme": programme.code},
            )
    except IntegrityError:
        raise DomainError(_("这条记录已记在该工程下，不用再记。"), field="activity") from None
    return deed


def note_visit(
    *,
    programme: Programme,
    branch: Branch,
    kind: str,
    person: Person,
    visited_on: dt.date,
    visitor: str,
    note: str = "",
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> CareVisit:
    """Somebody was visited. The audit trail names the kind, not the person."""
    if actor is not None and not may_keep_programmes(actor, branch.committee, branch):
        raise PermissionDenied(_("只有支部书记、副书记和党群部专责可以记走访。"))
    if visited_on > now.date() + dt.timedelta(days=1):
        raise DomainError(_("日期在将来，走访完再记。"), field="visited_on")
    try:
        with transaction.atomic():
            visit: CareVisit = CareVisit.objects.create(
                programme=programme,
                branch=branch,
                kind=kind,
                person=person,
                visited_on=visited_on,
                visitor=visitor,
                note=note,
                created_by=actor,
                created_at=now,
            )
            record(
                code="programme.visited",
                target=branch,
                actor=actor,
                now=now,
                via=via,
                after={"kind": kind},
            )
    except IntegrityError:
        raise DomainError(_("当天已记过这次走访。"), field="visited_on") from None
    return visit


def pair_up(
    *,
    mentor: Person,
    apprentice: Person,
    branch: Branch,
    subject: str,
    started_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> MentorPair:
    """师带徒: a mentor takes an apprentice on. Raises PermissionDenied; DomainError when they are
    one person, or the apprentice has a mentor already."""
    _may_keep(actor, branch)
    if mentor.pk == apprentice.pk:
        raise DomainError(_("师傅和徒弟不能是同一人。"), field="apprentice")
    try:
        with transaction.atomic():
            pair = MentorPair.objects.create(
                mentor=mentor,
                apprentice=apprentice,
                branch=branch,
                subject=subject,
                started_on=started_on,
            )
            record(
                code="programme.mentor_paired", target=pair, actor=actor, now=now, via=via, after={}
            )
    except IntegrityError:
        raise DomainError(_("这名徒弟已有师傅在带。"), field="apprentice") from None
    return pair


def end_pair(
    *, pair: MentorPair, ended_on: dt.date, actor: User | None, now: dt.datetime, via: str = "web"
) -> MentorPair:
    """出师, or the pair was parted: from then on the apprentice may have another mentor."""
    with transaction.atomic():
        pair = MentorPair.objects.select_for_update(of=("self",)).get(pk=pair.pk)
        _may_keep(actor, pair.branch)
        if pair.ended_on is not None:
            raise DomainError(_("这一对已经结束。"), field="ended_on")
        _refuse_backwards(pair.started_on, ended_on)
        pair.ended_on = ended_on
        pair.save(update_fields=["ended_on"])
        record(
            code="programme.mentor_ended",
            target=pair,
            actor=actor,
            now=now,
            via=via,
            after={"ended_on": ended_on},
        )
    return pair


def list_retired(
    *,
    branch: Branch,
    people: Iterable[tuple[Person, dt.date, int, bool, bool]],
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> list[RetiredComrade]:
    """Put retired comrades on the roster: person, day, month of birth, lives alone, study at
    home."""
    _may_keep(actor, branch)
    with transaction.atomic():
        rows = RetiredComrade.objects.bulk_create(
            [
                RetiredComrade(
                    person=person,
                    branch=branch,
                    retired_on=retired_on,
                    birth_month=month,
                    lives_alone=alone,
                    gets_study_at_home=study,
                )
                for person, retired_on, month, alone, study in people
            ],
            ignore_conflicts=True,
        )
        record(
            code="programme.retired_listed",
            target=branch,
            actor=actor,
            now=now,
            via=via,
            after={"people": len(rows)},
        )
    return rows


def keep_retired(
    *,
    person: Person,
    branch: Branch,
    retired_on: dt.date,
    birth_month: int | None = None,
    lives_alone: bool = False,
    gets_study_at_home: bool = False,
    left_on: dt.date | None = None,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> RetiredComrade:
    """Put one retired comrade on the roster, or change what it says of him. ``left_on`` takes him
    off it (he moved away, he died); his visits stay. The audit trail names the branch, not him."""
    _may_keep(actor, branch)
    if retired_on > now.date() + dt.timedelta(days=1):
        raise DomainError(_("退休日期在将来，退休后再列入名册。"), field="retired_on")
    if left_on is not None and left_on < retired_on:
        raise DomainError(_("离开名册的日期不能早于退休日期。"), field="left_on")
    with transaction.atomic():
        known = RetiredComrade.objects.select_related("branch").filter(person=person).first()
        if known is not None:
            _may_keep(actor, known.branch)
        row, _new = RetiredComrade.objects.update_or_create(
            person=person,
            defaults={
                "branch": branch,
                "retired_on": retired_on,
                "birth_month": birth_month,
                "lives_alone": lives_alone,
                "gets_study_at_home": gets_study_at_home,
                "left_on": left_on,
            },
        )
        record(
            code="programme.retired_listed",
            target=branch,
            actor=actor,
            now=now,
            via=via,
            after={"people": 1, "left": left_on is not None},
        )
    return row


def note_pioneers(
    *,
    entries: Sequence[PioneerEntry],
    branch: Branch,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> list[PioneerEntry]:
    """Members take something on: a post, an area, a commando, a project, a pledge."""
    _may_keep(actor, branch)
    with transaction.atomic():
        for entry in entries:
            entry.branch = branch
        rows = PioneerEntry.objects.bulk_create(entries)
        record(
            code="programme.pioneer_noted",
            target=branch,
            actor=actor,
            now=now,
            via=via,
            after={"entries": len(rows)},
        )
    return rows


def take_on(
    *,
    person: Person,
    branch: Branch,
    kind: str,
    title: str,
    started_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> PioneerEntry:
    """One member takes something on. Raises DomainError when he has just that already."""
    running = PioneerEntry.objects.filter(
        person=person, kind=kind, title=title.strip(), ended_on__isnull=True
    )
    with transaction.atomic():
        if running.exists():
            raise DomainError(_("这一条已经登记，还在进行，不用再记。"), field="title")
        entry = PioneerEntry(person=person, kind=kind, title=title.strip(), started_on=started_on)
        (row,) = note_pioneers(entries=[entry], branch=branch, actor=actor, now=now, via=via)
    return row


def finish_pioneer(
    *,
    entry: PioneerEntry,
    ended_on: dt.date,
    is_done: bool,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> PioneerEntry:
    """A post was given up, a project concluded (``is_done``). The row stays with its member."""
    with transaction.atomic():
        entry = PioneerEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
        _may_keep(actor, entry.branch)
        if entry.ended_on is not None:
            raise DomainError(_("这一条已经结束。"), field="ended_on")
        _refuse_backwards(entry.started_on, ended_on)
        entry.ended_on, entry.is_done = ended_on, is_done
        entry.save(update_fields=["ended_on", "is_done"])
        record(
            code="programme.pioneer_finished",
            target=entry,
            actor=actor,
            now=now,
            via=via,
            after={"ended_on": ended_on, "is_done": is_done},
        )
    return entry


# -- inside ---------------------------------------------------------------------------------


def _may_keep(actor: User | None, branch: Branch) -> None:
    if actor is not None and not may_keep_programmes(actor, branch.committee, branch):
        raise PermissionDenied(_("只有支部书记、副书记和党群部专责可以改本支部的登记。"))


def _refuse_backwards(started_on: dt.date, ended_on: dt.date) -> None:
    if ended_on < started_on:
        raise DomainError(_("结束日期不能早于开始日期。"), field="ended_on")
