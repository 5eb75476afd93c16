"""The working-day calendar of a year: everybody reads it, the system administrator keeps it.

The views stand here and not in ``portal.workdays`` because who administers the system is
known above that floor.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import View

from branches.access import access_of
from portal.accounts.requests import signed_in
from portal.documents.excel import Column, Kind, Sheet, xlsx_response
from portal.kernel.errors import DomainError
from portal.kernel.months import Month, local_date
from portal.kernel.ui import Crumb
from portal.workdays import services
from portal.workdays.models import CalendarDay, CalendarYear
from portal.workdays.official import OfficialDay

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User


def may_edit_calendar(user: User | AnonymousUser) -> bool:
    """The calendar moves everybody's deadlines: the system administrator keeps it."""
    return access_of(user).is_system_admin


def _editor(request: HttpRequest) -> User:
    user = signed_in(request)
    if not may_edit_calendar(user):
        raise PermissionDenied
    return user


# -- what the page draws ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the grid. ``kind``: work, rest (weekend), holiday or makeup."""

    day: dt.date
    kind: str
    note: str
    is_today: bool
    is_chosen: bool

    @property
    def spoken(self) -> str:
        words = {
            "work": _("上班"),
            "rest": _("周末"),
            "holiday": _("放假"),
            "makeup": _("调休上班"),
        }[self.kind]
        return f"{words}，{self.note}" if self.note else words


@dataclass(frozen=True, slots=True)
class MonthGrid:
    """Weeks from Monday; None where the week reaches into another month."""

    month: Month
    weeks: Sequence[Sequence[Cell | None]]
    workdays: int


@dataclass(frozen=True, slots=True)
class Special:
    """Days that follow each other with the same sense: 10月1日–7日 放假 国庆节."""

    first: dt.date
    last: dt.date
    is_workday: bool
    note: str


def _grids(
    year: int, rows: dict[dt.date, CalendarDay], today: dt.date, chosen: dt.date | None
) -> list[MonthGrid]:
    grids = []
    for number in range(1, 13):
        month = Month(year, number)
        weeks = [
            [
                _cell(dt.date(year, number, day), rows, today, chosen) if day else None
                for day in week
            ]
            for week in calendar.Calendar().monthdayscalendar(year, number)
        ]
        cells = [cell for week in weeks for cell in week if cell]
        works = sum(cell.kind in {"work", "makeup"} for cell in cells)
        grids.append(MonthGrid(month, weeks, works))
    return grids


def _cell(
    day: dt.date, rows: dict[dt.date, CalendarDay], today: dt.date, chosen: dt.date | None
) -> Cell:
    row = rows.get(day)
    if row is None:
        kind = "work" if day.weekday() < 5 else "rest"
    elif row.is_workday:
        kind = "makeup" if day.weekday() >= 5 else "work"
    else:
        kind = "holiday"
    return Cell(day, kind, row.note if row else "", day == today, day == chosen)


def _specials(rows: dict[dt.date, CalendarDay]) -> list[Special]:
    """Stretches of days off (weekends inside and beside them included) and make-up days."""
    found: list[Special] = []
    for day in sorted(rows):
        row = rows[day]
        last = found[-1] if found else None
        if (
            last
            and not row.is_workday
            and not last.is_workday
            and all(
                _off(last.last + dt.timedelta(days=n), rows)
                for n in range(1, (day - last.last).days)
            )
        ):
            found[-1] = Special(last.first, day, False, last.note)
        else:
            found.append(Special(day, day, row.is_workday, row.note))
    return [_widened(special, rows) for special in found]


def _widened(special: Special, rows: dict[dt.date, CalendarDay]) -> Special:
    """With the weekend days on either side: that is how long people are away."""
    if special.is_workday:
        return special
    first, last, one = special.first, special.last, dt.timedelta(days=1)
    while _off(first - one, rows):
        first -= one
    while _off(last + one, rows):
        last += one
    names = {rows[day].note for day in rows if first <= day <= last and not rows[day].is_workday}
    plain = sorted(
        {name.split("（")[0] for whole in names for name in whole.split("; ")} - {"休息日", ""}
    )
    return Special(first, last, False, "、".join(plain) or special.note)


def _off(day: dt.date, rows: dict[dt.date, CalendarDay]) -> bool:
    row = rows.get(day)
    return day.weekday() >= 5 if row is None else not row.is_workday


# -- forms ------------------------------------------------------------------------------------


class DayForm(forms.Form):
    """What one day is."""

    KINDS = [
        ("holiday", gettext_lazy("放假")),
        ("work", gettext_lazy("上班（调休）")),
        ("plain", gettext_lazy("按平常（周一至周五上班）")),
    ]
    day = forms.DateField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=gettext_lazy("这一天"), choices=KINDS, widget=forms.RadioSelect)
    note = forms.CharField(
        label=gettext_lazy("说明"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("例如：国庆节"),
    )


class ConfirmForm(forms.Form):
    """By which notice a year was checked. Stands beside the day's form: own element ids."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "confirm_%s", **kwargs})

    note = forms.CharField(
        label=gettext_lazy("依据"),
        max_length=200,
        help_text=gettext_lazy("通知的名称和文号，例如：国办发明电〔2025〕7号"),
    )


class NoticeForm(forms.Form):
    """The notice, pasted line by line."""

    text = forms.CharField(
        label=gettext_lazy("放假和调休的日子"),
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=gettext_lazy(
            "一行一段：日期,休或班,说明。例如 2027-02-06~2027-02-12,休,春节 和 2027-02-20,班"
        ),
    )
    note = forms.CharField(
        label=gettext_lazy("依据"),
        max_length=200,
        help_text=gettext_lazy("通知的名称和文号，例如：国办发明电〔2025〕7号"),
    )


# -- pages ------------------------------------------------------------------------------------


def this_year(request: HttpRequest) -> HttpResponse:
    """The calendar of the running year."""
    return redirect("workdays:year", year=local_date(timezone.now()).year)


class Year(View):
    """One year: twelve months, the days off in words, and for the administrator the pen."""

    def get(self, request: HttpRequest, year: int) -> HttpResponse:
        return _show(request, year, chosen=_chosen(request.GET.get("day", ""), year))


def _show(
    request: HttpRequest,
    year: int,
    *,
    chosen: dt.date | None = None,
    day_form: DayForm | None = None,
    confirm_form: ConfirmForm | None = None,
    status: int = 200,
) -> HttpResponse:
    _check(year)
    user = signed_in(request)
    known = CalendarYear.objects.filter(year=year).first()
    rows = {row.date: row for row in CalendarDay.objects.filter(date__year=year)}
    grids = _grids(year, rows, local_date(timezone.now()), chosen)
    may_edit = may_edit_calendar(user)
    context: dict[str, Any] = {
        "year": year,
        "known": known,
        "grids": grids,
        "specials": _specials(rows),
        "total": sum(grid.workdays for grid in grids),
        "makeup": sum(row.is_workday for row in rows.values()),
        "may_edit": may_edit,
        "chosen": chosen,
        "weekdays": "一二三四五六日",
        "earlier": year - 1 if year > services.FIRST_YEAR else None,
        "later": year + 1 if year < services.LAST_YEAR else None,
    }
    if may_edit:
        context["confirm_form"] = confirm_form or ConfirmForm()
        if chosen or day_form:
            context["day_form"] = day_form or DayForm(initial=_as_it_is(chosen, rows))
    return render(request, "workdays/year.html", context, status=status)


def _as_it_is(day: dt.date | None, rows: dict[dt.date, CalendarDay]) -> dict[str, Any]:
    row = rows.get(day) if day else None
    kind = "plain" if row is None else "work" if row.is_workday else "holiday"
    return {"day": day, "kind": kind, "note": row.note if row else ""}


def _chosen(text: str, year: int) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year == year else None


def _check(year: int) -> None:
    if not services.FIRST_YEAR <= year <= services.LAST_YEAR:
        raise Http404


@require_POST
def change_day(request: HttpRequest, year: int) -> HttpResponse:
    """Make one day a holiday, a working day, or an ordinary day again."""
    actor = _editor(request)
    form = DayForm(request.POST)
    chosen = _chosen(request.POST.get("day", ""), year)
    if not form.is_valid() or chosen is None:
        return _show(request, year, chosen=chosen, day_form=form, status=400)
    now = timezone.now()
    if form.cleaned_data["kind"] == "plain":
        services.clear_day(day=chosen, actor=actor, now=now)
    else:
        services.set_day(
            day=chosen,
            is_workday=form.cleaned_data["kind"] == "work",
            note=form.cleaned_data["note"],
            actor=actor,
            now=now,
        )
    return redirect(f"{reverse('workdays:year', args=[year])}?day={chosen}#m{chosen.month}")


@require_POST
def confirm(request: HttpRequest, year: int) -> HttpResponse:
    """Say that the year agrees with the notice, or take that back."""
    actor = _editor(request)
    _check(year)
    now = timezone.now()
    if "reopen" in request.POST:
        services.confirm_year(year=year, confirmed=False, actor=actor, now=now)
        return redirect("workdays:year", year=year)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _show(request, year, confirm_form=form, status=400)
    services.confirm_year(year=year, note=form.cleaned_data["note"], actor=actor, now=now)
    return redirect("workdays:year", year=year)


@require_POST
def load(request: HttpRequest, year: int) -> HttpResponse:
    """Load the year from the package, as far as it knows it."""
    actor = _editor(request)
    _check(year)
    services.import_years(first=year, last=year, actor=actor, now=timezone.now())
    return redirect("workdays:year", year=year)


class Notice(View):
    """Paste the State Council's notice: replaces the year and confirms it."""

    def get(self, request: HttpRequest, year: int) -> HttpResponse:
        _editor(request)
        _check(year)
        rows = CalendarDay.objects.filter(date__year=year)
        text = "\n".join(
            f"{row.date},{_('班') if row.is_workday else _('休')},{row.note}" for row in rows
        )
        return self._page(request, year, NoticeForm(initial={"text": text}))

    def post(self, request: HttpRequest, year: int) -> HttpResponse:
        actor = _editor(request)
        _check(year)
        form = NoticeForm(request.POST)
        if not form.is_valid():
            return self._page(request, year, form, status=400)
        days, problems = services.read_notice(form.cleaned_data["text"], year=year)
        if problems:
            form.add_error("text", _("有 %d 行没看懂，一天也没有改。") % len(problems))
            return self._page(request, year, form, days=days, problems=problems, status=400)
        try:
            services.import_notice(
                year=year,
                days=days,
                note=form.cleaned_data["note"],
                actor=actor,
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error("text", error.message)
            return self._page(request, year, form, status=error.status_code)
        return redirect("workdays:year", year=year)

    def _page(
        self,
        request: HttpRequest,
        year: int,
        form: NoticeForm,
        *,
        days: Sequence[OfficialDay] = (),
        problems: Sequence[services.NoticeProblem] = (),
        status: int = 200,
    ) -> HttpResponse:
        context = {
            "year": year,
            "form": form,
            "days": days,
            "problems": problems,
            "crumbs": [
                Crumb(_("工作日历"), reverse("workdays:year", args=[year])),
                Crumb(_("按通知录入")),
            ],
        }
        return render(request, "workdays/notice.html", context, status=status)


def export(request: HttpRequest, year: int) -> HttpResponse:
    """The year's special days as a workbook, in the form the notice page reads back."""
    signed_in(request)
    _check(year)
    rows = CalendarDay.objects.filter(date__year=year)
    sheet = Sheet(
        name=str(year),
        columns=[Column(_("日期"), Kind.DATE), Column(_("安排"), Kind.CENTRED), Column(_("说明"))],
        rows=[(row.date, _("班") if row.is_workday else _("休"), row.note) for row in rows],
        title=_("%d 年放假和调休") % year,
    )
    return xlsx_response(_("工作日历%d") % year, [sheet])
