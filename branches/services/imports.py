"""Bringing in rosters, dues and past records from a workbook: looked at first, undone if wrong."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from branches.models import (
    Activity,
    Branch,
    DuesPayment,
    ImportKind,
    Membership,
    PartyGroup,
    Person,
    RowImport,
)
from branches.permissions import may_edit_organisation, may_record
from branches.services.people import add_member, create_person
from branches.services.records import AbsenceValues, ActivityValues, save_activity
from branches.services.registers import DuesLine, settle_dues
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import Month

if TYPE_CHECKING:
    from portal.accounts.models import User

VIA = "import"


def may_import(actor: User, branch: Branch, kind: str) -> bool:
    """Rosters are the officers' business, dues and records the secretary's."""
    if kind == ImportKind.ROSTER:
        return may_edit_organisation(actor, branch.committee)
    return may_record(actor, branch)


def _allowed(actor: User, branch: Branch, kind: str) -> None:
    if not may_import(actor, branch, kind):
        raise PermissionDenied(_("名册由党群部导入，党费和记录由本支部书记、副书记导入。"))


@transaction.atomic
def keep_import(
    *,
    uuid: UUID,
    branch: Branch,
    kind: ImportKind,
    filename: str,
    rows: Sequence[dict[str, Any]],
    actor: User,
    now: dt.datetime,
) -> RowImport:
    """Keep what was read, with what the rules say to each row: good rows are tried out and
    taken back, so that the reason a person reads is the one the rules would give."""
    _allowed(actor, branch, kind)
    if not rows:
        raise DomainError(_("表里没有数据行。"), field="file")
    writer = WRITERS[kind]
    if kind != ImportKind.DUES:  # dues are checked as they are read
        for row in rows:
            if not row["problems"] and (problem := _tried(writer, branch, row, actor, now)):
                row["problems"].append(["", problem])
    return RowImport.objects.create(
        uuid=uuid,
        branch=branch,
        kind=kind,
        filename=filename[:120],
        rows=list(rows),
        created_by=actor,
        created_at=now,
    )


class _Back(Exception):
    """Takes a trial back."""


def _tried(
    writer: Callable[..., Any], branch: Branch, row: dict[str, Any], actor: User, now: dt.datetime
) -> str:
    try:
        with transaction.atomic():
            writer(branch, [row], actor, now)
            raise _Back
    except _Back:
        return ""
    except DomainError as error:
        return str(error.message)


@transaction.atomic
def accept_import(*, uuid: UUID, only_good: bool, actor: User, now: dt.datetime) -> RowImport:
    """Write the rows. With bad ones among them nothing is written unless ``only_good`` asks for
    the rest. A second press finds it done."""
    kept = RowImport.objects.select_for_update(of=("self",)).get(pk=uuid)
    _allowed(actor, kept.branch, kept.kind)
    if kept.undone_at is not None:
        raise TransitionRefused(_("这次导入已撤销，请重新上传。"))
    if kept.accepted_at is not None:
        return kept
    if kept.bad and not only_good:
        raise DomainError(_("还有%(n)d行要改。改好再传，或只导入好的行。") % {"n": len(kept.bad)})
    if not kept.good:
        raise DomainError(_("没有可以导入的行。"))
    kept.made = WRITERS[ImportKind(kept.kind)](kept.branch, kept.good, actor, now)
    kept.accepted_at = now
    kept.save(update_fields=["made", "accepted_at"])
    record(
        code="import.accepted",
        target=kept,
        actor=actor,
        now=now,
        after={"kind": kept.kind, "rows": len(kept.good), "left_out": len(kept.bad)},
    )
    return kept


@transaction.atomic
def undo_import(*, uuid: UUID, actor: User, now: dt.datetime) -> RowImport:
    """Take everything back that came in and was not changed since. Raises TransitionRefused when
    something has been built on it: then people put it right one by one."""
    kept = RowImport.objects.select_for_update(of=("self",)).get(pk=uuid)
    _allowed(actor, kept.branch, kept.kind)
    if kept.accepted_at is None:
        raise TransitionRefused(_("这次导入还没有写入，不用撤销。"))
    if kept.undone_at is not None:
        return kept
    try:
        with transaction.atomic():
            count = UNDOERS[ImportKind(kept.kind)](kept)
    except ProtectedError:
        raise TransitionRefused(
            _("导入的人已经用在别的记录里，不能整批撤销，请逐个办理转出。")
        ) from None
    kept.undone_at = now
    kept.save(update_fields=["undone_at"])
    record(
        code="import.undone",
        target=kept,
        actor=actor,
        now=now,
        after={"kind": kept.kind, "rows": count},
    )
    return kept


# -- writing -------------------------------------------------------------------------------------


def _write_dues(
    branch: Branch, rows: Sequence[dict[str, Any]], actor: User, now: dt.datetime
) -> list[Any]:
    """Grouped by month and day, so that a year of a branch is a handful of statements."""
    before = {row.pk for row in DuesPayment.objects.filter(branch=branch)}
    batches: dict[tuple[str, str], list[DuesLine]] = defaultdict(list)
    for row in rows:
        plain = row["plain"]
        day = plain["paid_on"] or Month.parse(plain["month"]).first_day.isoformat()
        batches[plain["month"], day].append(
            DuesLine(plain["person"], Decimal(plain["amount"]), plain["exempt_reason"])
        )
    for (month, day), lines in sorted(batches.items()):
        settle_dues(
            branch=branch,
            month=Month.parse(month),
            paid_on=dt.date.fromisoformat(day),
            lines=lines,
            actor=actor,
            now=now,
            via=VIA,
        )
    return sorted({row.pk for row in DuesPayment.objects.filter(branch=branch)} - before)


def _write_roster(
    branch: Branch, rows: Sequence[dict[str, Any]], actor: User, now: dt.datetime
) -> list[Any]:
    made = []
    for row in rows:
        plain = row["plain"]
        person = (
            Person.objects.filter(staff_no=plain["staff_no"]).first() if plain["staff_no"] else None
        )
        is_new = person is None
        if person is None:
            person = create_person(
                name=plain["name"],
                committee=branch.committee,
                staff_no=plain["staff_no"] or None,
                workplace=plain["workplace"],
                job_title=plain["job_title"],
                actor=actor,
                now=now,
                via=VIA,
            )
        member = add_member(
            person=person,
            branch=branch,
            kind=plain["kind"],
            group=PartyGroup.objects.filter(pk=plain["group"]).first() if plain["group"] else None,
            started_on=dt.date.fromisoformat(plain["started_on"]),
            actor=actor,
            now=now,
            via=VIA,
        )
        made.append([member.pk, person.pk if is_new else None])
    return made


def _write_records(
    branch: Branch, rows: Sequence[dict[str, Any]], actor: User, now: dt.datetime
) -> list[Any]:
    made = []
    for row in rows:
        plain = row["plain"]
        people = Person.objects.in_bulk([plain["chair"], plain.get("recorder")])
        activity = save_activity(
            branch=branch,
            values=ActivityValues(
                duties=tuple(plain["duties"]),
                held_on=dt.date.fromisoformat(plain["held_on"]),
                place=plain["place"],
                subject=plain["subject"],
                chair=people[plain["chair"]],
                recorder=people.get(plain.get("recorder")),
                group=PartyGroup.objects.filter(pk=plain["group"]).first()
                if plain["group"]
                else None,
                agenda=plain["agenda"],
                resolution=plain["resolution"],
                study_hours=Decimal(plain["study_hours"]),
                absences=tuple(
                    AbsenceValues(key, "leave", reason) for key, reason in plain["absences"]
                ),
                late_reason=plain["late_reason"],
            ),
            actor=actor,
            now=now,
            via=VIA,
        )
        made.append(activity.pk)
    return made


WRITERS: dict[ImportKind, Callable[..., list[Any]]] = {
    ImportKind.ROSTER: _write_roster,
    ImportKind.DUES: _write_dues,
    ImportKind.RECORDS: _write_records,
}


# -- taking back ---------------------------------------------------------------------------------


def _undo_dues(kept: RowImport) -> int:
    assert kept.accepted_at is not None  # noqa: S101 - only what was written is undone
    rows = DuesPayment.objects.filter(pk__in=kept.made, created_at=kept.accepted_at)
    count = rows.count()
    rows.delete()
    return count


def _undo_roster(kept: RowImport) -> int:
    members = [member for member, _person in kept.made]
    count: int = Membership.objects.filter(pk__in=members, ended_on__isnull=True).count()
    Membership.objects.filter(pk__in=members, ended_on__isnull=True).delete()
    Person.objects.filter(pk__in=[person for _member, person in kept.made if person]).delete()
    return count


def _undo_records(kept: RowImport) -> int:
    rows = Activity.objects.filter(pk__in=kept.made, version=1)
    count = rows.count()
    rows.delete()
    return count


UNDOERS: dict[ImportKind, Callable[[RowImport], int]] = {
    ImportKind.ROSTER: _undo_roster,
    ImportKind.DUES: _undo_dues,
    ImportKind.RECORDS: _undo_records,
}
