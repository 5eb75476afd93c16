"""Working days of the Chinese calendar: counting them, and keeping the calendar.

Counting never fails: a year the table does not have falls back to Monday-to-Friday, and
:func:`missing_years` names it so that the page can say so.

The writing services check the values, not the person: who may edit the calendar is known on
a higher floor (``portal.dashboard.workdays_views.may_edit_calendar``).
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit import services as audit
from portal.kernel.errors import DomainError
from portal.kernel.months import Month
from portal.workdays import calendar
from portal.workdays.models import CalendarDay, CalendarYear
from portal.workdays.official import OfficialDay, official_years

_ONE_DAY = dt.timedelta(days=1)
_FURTHEST = 2000  # working days; about eight years, beyond any deadline of the office
FIRST_YEAR, LAST_YEAR = 1990, 2200

# -- counting ---------------------------------------------------------------------------


def is_workday(day: dt.date) -> bool:
    """Whether people work on ``day``."""
    return calendar.current().works(_plain_date(day))


def next_workday(day: dt.date) -> dt.date:
    """``day`` itself when it is a working day, otherwise the next one."""
    known = calendar.current()
    day = _plain_date(day)
    while not known.works(day):
        day += _ONE_DAY
    return day


def add_workdays(day: dt.date, n: int) -> dt.date:
    """The ``n``-th working day after ``day``, counted from the day after it.

    Negative ``n`` counts back from the day before; 0 gives ``day`` as it is. Raises
    ValueError when ``n`` is beyond 2000 either way.
    """
    if abs(n) > _FURTHEST:
        raise ValueError(f"more than {_FURTHEST} working days: {n}")
    known = calendar.current()
    day = _plain_date(day)
    stride = _ONE_DAY if n > 0 else -_ONE_DAY
    left = abs(n)
    while left:
        day += stride
        left -= known.works(day)
    return day


def workdays_between(start: dt.date, end: dt.date) -> int:
    """How many working days lie after ``start`` up to and including ``end``.

    The inverse of :func:`add_workdays`: ``workdays_between(d, add_workdays(d, n)) == n``.
    When ``end`` is before ``start`` the result is negative and counts ``end`` but not
    ``start``.
    """
    known = calendar.current()
    start, end = _plain_date(start), _plain_date(end)
    stride = 1 if end >= start else -1
    days = range(stride, (end - start).days + stride, stride)
    return stride * sum(known.works(start + dt.timedelta(days=offset)) for offset in days)


def nth_workday(month: Month, n: int) -> dt.date:
    """The ``n``-th working day of ``month``, from 1. Runs on into the next month when the
    month has fewer."""
    if n < 1:
        raise ValueError(f"working days are counted from 1, not {n}")
    return add_workdays(month.first_day - _ONE_DAY, n)


def last_workday(month: Month) -> dt.date:
    """The last working day of ``month``."""
    return add_workdays(month.last_day + _ONE_DAY, -1)


def missing_years(*days: dt.date) -> list[int]:
    """The years of ``days`` that no official notice confirms (estimated, or not there at
    all), in order. Pages show a warning for them."""
    known = calendar.current()
    return sorted({day.year for day in days if not known.is_confirmed(day.year)})


def _plain_date(day: dt.date) -> dt.date:
    if isinstance(day, dt.datetime):
        raise TypeError("a day is wanted, not a moment: use local_date() first")
    return day


# -- keeping the calendar ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ImportedYear:
    """What an import did with one year. ``left`` means: already confirmed, not touched."""

    year: int
    is_confirmed: bool
    holidays: int
    makeup_days: int
    left: bool = False


@transaction.atomic
def import_years(
    *,
    first: int,
    last: int,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
    overwrite: bool = False,
) -> list[ImportedYear]:
    """Load the years ``first`` to ``last`` from the package ``holidays``.

    A year already confirmed is left as it is (people may have corrected it) unless
    ``overwrite``. Raises DomainError when the range makes no sense.
    """
    if not FIRST_YEAR <= first <= last <= LAST_YEAR:
        raise DomainError(_("请填 1990 到 2200 之间的年份，起始年不晚于结束年。"))
    confirmed = {
        year.year
        for year in CalendarYear.objects.select_for_update().filter(year__range=(first, last))
        if year.is_confirmed
    }
    done = []
    for official in official_years(first, last):
        makeup = sum(day.is_workday for day in official.days)
        left = official.year in confirmed and not overwrite
        if not left:
            _replace_year(
                official.year,
                official.days,
                is_confirmed=official.is_confirmed,
                code="calendar.imported",
                actor=actor,
                now=now,
                via=via,
            )
        done.append(
            ImportedYear(
                official.year,
                official.is_confirmed or left,
                len(official.days) - makeup,
                makeup,
                left,
            )
        )
    return done


@transaction.atomic
def import_notice(
    *,
    year: int,
    days: Sequence[OfficialDay],
    note: str = "",
    actor: User,
    now: dt.datetime,
) -> CalendarYear:
    """Replace the whole of ``year`` by the days of the State Council's notice and mark it
    confirmed. Raises DomainError when a day lies outside the year, comes twice, or there
    are none."""
    _check_year(year)
    if not days:
        raise DomainError(_("没有读到任何一天，请粘贴通知里的放假和调休日期。"), field="text")
    seen: set[dt.date] = set()
    for day in days:
        if day.date.year != year:
            raise DomainError(
                _("%(day)s 不在 %(year)d 年。") % {"day": day.date, "year": year}, field="text"
            )
        if day.date in seen:
            raise DomainError(_("%(day)s 出现了两次。") % {"day": day.date}, field="text")
        seen.add(day.date)
    list(CalendarYear.objects.select_for_update().filter(year=year))
    return _replace_year(
        year,
        days,
        is_confirmed=True,
        note=note,
        code="calendar.notice_imported",
        actor=actor,
        now=now,
        via="web",
    )


@transaction.atomic
def set_day(
    *, day: dt.date, is_workday: bool, note: str, actor: User, now: dt.datetime
) -> CalendarDay:
    """Make ``day`` a holiday or a make-up working day."""
    year = _touch_year(day.year)
    before = CalendarDay.objects.filter(date=day).values("is_workday", "note").first()
    row, _created = CalendarDay.objects.update_or_create(
        date=day, defaults={"is_workday": is_workday, "note": note.strip()[:100]}
    )
    audit.record(
        code="calendar.day_set",
        target=row,
        actor=actor,
        now=now,
        before=before,
        after={"is_workday": is_workday, "note": row.note, "year_source": year.source},
    )
    _changed()
    return row


@transaction.atomic
def clear_day(*, day: dt.date, actor: User, now: dt.datetime) -> None:
    """Let ``day`` follow Monday-to-Friday again. Nothing happens when it already does."""
    row = CalendarDay.objects.select_for_update().filter(date=day).first()
    if row is None:
        return
    _touch_year(day.year)
    audit.record(
        code="calendar.day_cleared",
        target=row,
        actor=actor,
        now=now,
        before={"is_workday": row.is_workday, "note": row.note},
    )
    row.delete()
    _changed()


@transaction.atomic
def confirm_year(
    *, year: int, confirmed: bool = True, note: str = "", actor: User, now: dt.datetime
) -> CalendarYear:
    """Say that ``year`` agrees with the State Council's notice (or, after all, does not)."""
    row = _touch_year(year)
    before = {"source": row.source, "note": row.note}
    row.source = CalendarYear.Source.CONFIRMED if confirmed else CalendarYear.Source.ESTIMATED
    row.note = note.strip()[:200]
    row.save(update_fields=["source", "note"])
    audit.record(
        code="calendar.year_confirmed" if confirmed else "calendar.year_reopened",
        target=row,
        actor=actor,
        now=now,
        before=before,
        after={"source": row.source, "note": row.note},
    )
    _changed()
    return row


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DomainError(_("年份应在 1990 到 2200 之间。"), field="year")


def _touch_year(year: int) -> CalendarYear:
    """The locked year, made when it is not there yet, with a new revision token."""
    _check_year(year)
    row, _created = CalendarYear.objects.select_for_update().get_or_create(
        year=year, defaults={"source": CalendarYear.Source.ESTIMATED}
    )
    row.revision = secrets.token_hex(16)
    row.save(update_fields=["revision"])
    return row


def _replace_year(
    year: int,
    days: Iterable[OfficialDay],
    *,
    is_confirmed: bool,
    code: str,
    actor: User | None,
    now: dt.datetime,
    via: str,
    note: str = "",
) -> CalendarYear:
    row = _touch_year(year)
    in_year = CalendarDay.objects.filter(date__year=year)
    before = {
        "source": row.source,
        "days": {str(day): works for day, works in in_year.values_list("date", "is_workday")},
    }
    in_year.delete()
    CalendarDay.objects.bulk_create(
        [CalendarDay(date=day.date, is_workday=day.is_workday, note=day.note) for day in days]
    )
    row.source = CalendarYear.Source.CONFIRMED if is_confirmed else CalendarYear.Source.ESTIMATED
    row.note = note.strip()[:200]
    row.save(update_fields=["source", "note"])
    audit.record(
        code=code,
        target=row,
        actor=actor,
        now=now,
        via=via,
        before=before,
        after={"source": row.source, "days": {str(d.date): d.is_workday for d in days}},
    )
    _changed()
    return row


def _changed() -> None:
    """Forget the copy in memory now and once more after the commit, because another thread
    may read the old state in between. Other processes notice by the revision token."""
    calendar.forget()
    transaction.on_commit(calendar.forget, robust=True)


# -- the notice as text -----------------------------------------------------------------

_LINE = re.compile(
    r"^\s*(?P<first>\d{4}[-/.]\d{1,2}[-/.]\d{1,2})"
    r"(?:\s*(?:~|～|至|—|–)\s*(?P<last>\d{4}[-/.]\d{1,2}[-/.]\d{1,2}))?"
    r"[\s,，;；]+(?P<kind>休|放假|休息|班|上班|调休上班)"
    r"(?:[\s,，;；]+(?P<note>.*\S))?\s*$"
)


@dataclass(frozen=True, slots=True)
class NoticeProblem:
    """A line of the pasted notice that was not understood."""

    line: int
    text: str
    reason: str


def read_notice(text: str, *, year: int) -> tuple[list[OfficialDay], list[NoticeProblem]]:
    """Read pasted lines such as ``2027-02-06~2027-02-12,休,春节`` and ``2027-02-20,班``.

    Empty lines, lines starting with # and a heading line starting with 日期 are skipped;
    every other line is either understood or reported.
    """
    days: dict[dt.date, OfficialDay] = {}
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith(("#", "日期")):
            continue
        found, reason = _read_line(line, year=year)
        if not reason:
            twice = [day.date for day in found if day.date in days]
            reason = _("%(day)s 前面已经有了") % {"day": twice[0]} if twice else ""
        if reason:
            problems.append(NoticeProblem(number, line.strip(), reason))
        else:
            days.update((day.date, day) for day in found)
    return [days[day] for day in sorted(days)], problems


def _read_line(line: str, *, year: int) -> tuple[list[OfficialDay], str]:
    match = _LINE.match(line)
    if not match:
        return [], _("没看懂。请写成：日期,休或班,说明")
    try:
        first = _date(match["first"])
        last = _date(match["last"]) if match["last"] else first
    except ValueError:
        return [], _("没有这一天")
    if first.year != year or last.year != year:
        return [], _("不在 %(year)d 年") % {"year": year}
    if not 0 <= (last - first).days <= 30:
        return [], _("起止日期颠倒，或相隔超过一个月")
    works = "班" in match["kind"]
    note = (match["note"] or (_("调休上班") if works else _("放假")))[:100]
    length = (last - first).days + 1
    return [OfficialDay(first + dt.timedelta(days=i), works, note) for i in range(length)], ""


def _date(text: str) -> dt.date:
    return dt.date(*(int(part) for part in re.split(r"[-/.]", text)))
