"""From a row of a workbook to what it says: written through the services of the pages, so that
there is no second set of rules; and taken back."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from branches.models import (
    Activity,
    Branch,
    DuesPayment,
    Duty,
    ImportKind,
    ImportRow,
    Membership,
    PartyGroup,
    Person,
    RowImport,
)
from branches.rosters import kept_rosters
from branches.services.people import add_member, create_person
from branches.services.record_values import AbsenceValues, ActivityValues
from branches.services.records import check_activity, save_activity
from branches.services.registers import DuesLine, settle_dues
from portal.attachments.models import Attachment
from portal.attachments.owners import owner_type_of
from portal.kernel.errors import DomainError
from portal.kernel.months import Month

if TYPE_CHECKING:
    from portal.accounts.models import User

VIA = "import"
AT_A_TIME = 500  # keys in one statement
OVERWRITTEN = ("amount", "paid_on", "exempt_reason", "activity", "created_by", "created_at")

# Rows in, what was made of each: a list as long as the rows.
Writer = Callable[[Branch, Sequence[dict[str, Any]], "User", dt.datetime], list[list[Any]]]


class _Back(Exception):
    """Takes a trial back."""


def tried(
    kind: ImportKind, branch: Branch, plain: dict[str, Any], actor: User, now: dt.datetime
) -> str:
    """Why this row can't be written; empty when it can."""
    trial = TRIALS.get(kind, WRITERS[kind])
    try:
        with transaction.atomic():
            trial(branch, [plain], actor, now)
            raise _Back
    except _Back:
        return ""
    except (DomainError, PermissionDenied) as error:
        return _reason(error)


def _reason(error: DomainError | PermissionDenied) -> str:
    """The sentence of a refusal; a right may be lost between the upload and the writing."""
    if isinstance(error, DomainError):
        return str(error.message)
    return str(error) or _("导入的人已无权在本支部登记。")


def written(
    writer: Writer, branch: Branch, rows: Sequence[ImportRow], actor: User, now: dt.datetime
) -> None:
    """Write rows together and note on each what was made; if one no longer fits, one by one, and
    that one gets its reason."""
    try:
        with transaction.atomic():
            made = writer(branch, [row.plain for row in rows], actor, now)
        for row, keys in zip(rows, made, strict=True):
            row.made = keys
    except (DomainError, PermissionDenied):
        for row in rows:
            try:
                with transaction.atomic():
                    [row.made] = writer(branch, [row.plain], actor, now)
            except (DomainError, PermissionDenied) as error:
                row.is_good, row.problems = False, [["", _reason(error)]]


def _write_dues(
    branch: Branch, rows: Sequence[dict[str, Any]], actor: User, now: dt.datetime
) -> list[list[Any]]:
    """Grouped by month and day, so that a year of a branch is a handful of statements."""
    batches: dict[tuple[str, str], list[DuesLine]] = defaultdict(list)
    for plain in rows:
        day = plain["paid_on"] or Month.parse(plain["month"]).first_day.isoformat()
        batches[plain["month"], day].append(
            DuesLine(plain["person"], Decimal(plain["amount"]), plain["exempt_reason"])
        )
    before = {_key(row): row for row in _dues_of(branch, rows)}
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
    after = {_key(row): row.pk for row in _dues_of(branch, rows).filter(created_at=now)}
    made: list[list[Any]] = []
    for plain in rows:
        key = (plain["person"], plain["month"])
        pk, old = after.get(key), before.get(key)
        if pk is None:
            made.append([])  # it stood there already, the same
        else:
            made.append([pk if old is None else [pk, _as_it_was(old)]])
    return made


def _key(row: DuesPayment) -> tuple[int, str]:
    return row.person_id, str(Month.of(row.month))


def _as_it_was(row: DuesPayment) -> list[Any]:
    """What an import is about to overwrite, as JSON holds it, so that undoing gives it back."""
    return [
        str(row.amount),
        row.paid_on and row.paid_on.isoformat(),
        row.exempt_reason,
        row.activity_id,
        row.created_by_id,
        row.created_at.isoformat(),
    ]


def _dues_of(branch: Branch, rows: Sequence[dict[str, Any]]) -> QuerySet[DuesPayment]:
    """The branch's dues of the months that are written about."""
    months = {Month.parse(plain["month"]).first_day for plain in rows}
    return DuesPayment.objects.filter(branch=branch, month__in=months)


def _write_roster(
    branch: Branch, rows: Sequence[dict[str, Any]], actor: User, now: dt.datetime
) -> list[list[Any]]:
    numbers = [plain["staff_no"] for plain in rows if plain["staff_no"]]
    known = {p.staff_no: p for p in Person.objects.filter(staff_no__in=numbers)}
    groups = PartyGroup.objects.in_bulk([plain["group"] for plain in rows if plain["group"]])
    made = []
    for plain in rows:
        person = known.get(plain["staff_no"])
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
            group=groups.get(plain["group"]),
            started_on=dt.date.fromisoformat(plain["started_on"]),
            actor=actor,
            now=now,
            via=VIA,
        )
        made.append([[member.pk, person.pk if is_new else None]])
    return made


def _write_records(
    branch: Branch, rows: Sequence[dict[str, Any]], actor: User, now: dt.datetime
) -> list[list[Any]]:
    with kept_rosters():
        return [
            [save_activity(branch=branch, values=values, actor=actor, now=now, via=VIA).pk]
            for values in _values_of(rows)
        ]


def _try_records(
    branch: Branch, rows: Sequence[dict[str, Any]], actor: User, now: dt.datetime
) -> list[list[Any]]:
    """Judged without being written, which is most of the work; a meeting at which dues were paid
    is written, for the register of dues has a say."""
    for values in _values_of(rows):
        if Duty.DUES in values.duties:
            save_activity(branch=branch, values=values, actor=actor, now=now, via=VIA)
        else:
            check_activity(branch=branch, values=values, actor=actor, now=now)
    return []


def _values_of(rows: Sequence[dict[str, Any]]) -> Iterator[ActivityValues]:
    people = Person.objects.in_bulk(
        {key for plain in rows for key in (plain["chair"], plain.get("recorder")) if key}
    )
    groups = PartyGroup.objects.in_bulk([plain["group"] for plain in rows if plain["group"]])
    for plain in rows:
        yield ActivityValues(
            duties=tuple(plain["duties"]),
            held_on=dt.date.fromisoformat(plain["held_on"]),
            place=plain["place"],
            subject=plain["subject"],
            chair=people[plain["chair"]],
            recorder=people.get(plain.get("recorder")),
            group=groups.get(plain["group"]),
            agenda=plain["agenda"],
            resolution=plain["resolution"],
            study_hours=Decimal(plain["study_hours"]),
            absences=tuple(
                AbsenceValues(key, "leave", reason) for key, reason in plain["absences"]
            ),
            late_reason=plain["late_reason"],
        )


WRITERS: dict[ImportKind, Writer] = {
    ImportKind.ROSTER: _write_roster,
    ImportKind.DUES: _write_dues,
    ImportKind.RECORDS: _write_records,
}

# How a row is tried where that is less work than writing it and taking it back.
TRIALS: dict[ImportKind, Writer] = {ImportKind.RECORDS: _try_records}


# -- taking back ---------------------------------------------------------------------------------


def _made(kept: RowImport) -> Iterator[list[Any]]:
    """What was made, some at a time."""
    rows = kept.rows.filter(made__isnull=False).order_by("number")
    some: list[Any] = []
    for made in rows.values_list("made", flat=True).iterator(chunk_size=AT_A_TIME):
        some += made or []
        while len(some) >= AT_A_TIME:
            yield some[:AT_A_TIME]
            some = some[AT_A_TIME:]
    if some:
        yield some


def _undo_dues(kept: RowImport) -> int:
    """New rows go, overwritten ones say again what they said before. A row that somebody changed
    after the import is his word and stays."""
    assert kept.accepted_at is not None  # noqa: S101 - only what was written is undone
    count = 0
    for made in _made(kept):
        old = {one[0]: one[1] for one in made if isinstance(one, list)}
        fresh = [one for one in made if not isinstance(one, list)]
        ours = DuesPayment.objects.filter(created_at=kept.accepted_at)
        count += ours.filter(pk__in=fresh).delete()[0]
        back = list(ours.filter(pk__in=old).select_for_update(of=("self",)))
        gone = _gone_activities(old[row.pk][3] for row in back)
        for row in back:
            amount, paid_on, row.exempt_reason, activity, author, at = old[row.pk]
            row.amount, row.paid_on = Decimal(amount), paid_on and dt.date.fromisoformat(paid_on)
            row.activity_id = None if activity in gone else activity
            row.created_by_id, row.created_at = author, dt.datetime.fromisoformat(at)
        DuesPayment.objects.bulk_update(back, OVERWRITTEN)
        count += len(back)
    return count


def _gone_activities(keys: Iterable[int | None]) -> set[int]:
    """Those of the activities that no longer exist."""
    wanted = {key for key in keys if key is not None}
    return wanted - set(Activity.objects.filter(pk__in=wanted).values_list("pk", flat=True))


def _undo_roster(kept: RowImport) -> int:
    count = 0
    for pairs in _made(kept):
        members = Membership.objects.filter(
            pk__in=[member for member, _person in pairs], ended_on__isnull=True
        )
        count += members.count()
        members.delete()
        Person.objects.filter(pk__in=[person for _member, person in pairs if person]).delete()
    return count


def _undo_records(kept: RowImport) -> int:
    """Records with files beside them count as changed."""
    count = 0
    for keys in _made(kept):
        with_files = Attachment.objects.filter(
            owner_type=owner_type_of(Activity()), owner_id__in=[str(key) for key in keys]
        ).values_list("owner_id", flat=True)
        rows = Activity.objects.filter(pk__in=keys, version=1).exclude(
            pk__in=[int(key) for key in with_files]
        )
        count += rows.count()
        rows.delete()
    return count


UNDOERS: dict[ImportKind, Callable[[RowImport], int]] = {
    ImportKind.ROSTER: _undo_roster,
    ImportKind.DUES: _undo_dues,
    ImportKind.RECORDS: _undo_records,
}
