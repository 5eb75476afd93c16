"""What the registers' pages and files show: rows, what is missing, alarms. One plain pattern."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.coverage import Coverage, coverage
from branches.duties import months_warned
from branches.duty_facts import TermFacts
from branches.forms.registers import RegisterForm, StepForm, TalkForm, TermForm
from branches.models import (
    Activity,
    Branch,
    CommitteeTerm,
    DuesPayment,
    Duty,
    Membership,
    Person,
    RecruitStep,
    Talk,
)
from branches.recruiting import STEPS, alarms, stage_of
from branches.rosters import committee_on, members_on
from branches.services import registers
from portal.kernel.marks import one_decimal
from portal.kernel.months import Month
from portal.kernel.words import days_words, zh_date, zh_full


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a register: texts in the order of the heads; ``key`` for taking it back."""

    key: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """What stands beside the rows: who is missing, what is out of order."""

    title: str
    lines: tuple[str, ...]
    state: str = ""
    note: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """One register of one branch."""

    heading: str
    line: str
    rows: tuple[Line, ...]
    sides: tuple[Side, ...] = ()


@dataclass(frozen=True, slots=True)
class Register:
    """A kind of register: its words, its form, how a page of it is read and a row written."""

    slug: str
    label: Any
    add_label: Any
    heads: tuple[Any, ...]
    empty: Any
    form_class: type[RegisterForm]
    model: Any
    page: Callable[[Branch, dt.date], RegisterPage]
    add: Callable[..., Any]
    initial: Callable[[Branch, dt.date], dict[str, Any]]


# -- talks ---------------------------------------------------------------------------------------


def talk_coverage(branch: Branch, today: dt.date) -> tuple[Coverage, dict[int, str]]:
    """This year's coverage, and the names it speaks of."""
    committee, members = committee_on(branch, today), members_on(branch, today)
    names = {a.person_id: a.name for a in (*committee, *members)}
    talks = Talk.objects.filter(
        branch=branch, held_on__range=(dt.date(today.year, 1, 1), today)
    ).values_list("speaker_id", "listener_id")
    own = Membership.objects.filter(branch=branch, person__in=list(names), ended_on__isnull=True)
    inside = set(own.values_list("person_id", flat=True))
    found = coverage(
        [a.person_id for a in committee],
        [a.person_id for a in members if a.person_id in inside],
        talks,
    )
    return found, names


def _talks(branch: Branch, today: dt.date) -> RegisterPage:
    found, names = talk_coverage(branch, today)
    rows = Talk.objects.filter(branch=branch, held_on__year=today.year).select_related(
        "speaker", "listener"
    )
    wanted = 50 if today.month <= 6 else 100

    def who(left: Sequence[tuple[int, ...]]) -> tuple[str, ...]:
        return tuple("和".join(names.get(person, "") for person in people) for people in left)

    sides = [
        Side(
            title=_("%(label)s：%(done)d/%(owed)d")
            % {"label": label, "done": relation.done, "owed": relation.owed},
            lines=who(relation.left),
            state="done" if not relation.left else "",
            note="" if relation.left else _("都谈过了"),
        )
        for label, relation in (
            (_("支委之间"), found.within_committee),
            (_("支委与党员"), found.with_committee),
            (_("党员之间"), found.among_members),
        )
        if relation.owed
    ]
    return RegisterPage(
        heading=_("今年谈心谈话覆盖%(share)d%%") % {"share": found.percent},
        line=_("到%(month)d月底应达%(wanted)d%%。三种关系每年都不少于1次，这里只记要点。")
        % {"month": 6 if today.month <= 6 else 12, "wanted": wanted},
        rows=tuple(
            Line(
                row.pk,
                (
                    zh_date(row.held_on),
                    str(row.speaker),
                    str(row.listener),
                    row.get_occasion_display(),
                    row.points,
                ),
            )
            for row in rows
        ),
        sides=tuple(sides),
    )


# -- terms ---------------------------------------------------------------------------------------


def term_on(branch: Branch, day: dt.date) -> TermFacts | None:
    """The term in force on a day; None when nobody entered one."""
    row = (
        CommitteeTerm.objects.filter(branch=branch, elected_on__lte=day)
        .order_by("-elected_on")
        .first()
    )
    return TermFacts(row.elected_on, row.extended_until or row.ends_on) if row else None


def _terms(branch: Branch, today: dt.date) -> RegisterPage:
    rows = CommitteeTerm.objects.filter(branch=branch)
    term = term_on(branch, today)
    sides: tuple[Side, ...] = ()
    if term is None:
        heading = _("还没有登记本届任期")
    else:
        days = (term.ends_on - today).days
        heading = _("本届%(day)s届满") % {"day": zh_full(term.ends_on)}
        warned = months_warned(term.ends_on, today)
        if days < 0:
            words = _("已超过%(days)d天，没有换届也没有批复。") % {"days": -days}
            sides = (Side(_("该换届了"), (words,), "late", word=days_words(days)),)
        elif warned:
            words = _("离届满不到%(months)d个月，还有%(days)d天，请着手换届。") % {
                "months": warned,
                "days": days,
            }
            sides = (Side(_("换届提醒"), (words,), "soon", word=days_words(days)),)
    return RegisterPage(
        heading=heading,
        line=_("届满前6个月、3个月、1个月提醒。延期须上级批准，最多1年。"),
        rows=tuple(
            Line(
                row.pk,
                (
                    zh_full(row.elected_on),
                    zh_full(row.ends_on),
                    zh_full(row.extended_until) if row.extended_until else "—",
                    row.approval or "—",
                ),
            )
            for row in rows
        ),
        sides=sides,
    )


# -- recruiting ----------------------------------------------------------------------------------


def _recruiting(branch: Branch, today: dt.date) -> RegisterPage:
    steps = list(
        RecruitStep.objects.filter(branch=branch)
        .select_related("person")
        .order_by("person_id", "step")
    )
    dates: dict[Person, dict[int, dt.date]] = defaultdict(dict)
    for step in steps:
        dates[step.person][step.step] = step.done_on
    sides = [
        Side(str(person), tuple(alarm.text for alarm in wrong), "late", word=_("要核对"))
        for person, reached in dates.items()
        if (wrong := alarms(reached))
    ]
    return RegisterPage(
        heading=_recruiting_heading(len(dates), len(sides)),
        line=_("只登记到了哪一步和日期；档案在纸上和全国系统里。"),
        rows=tuple(
            Line(
                step.pk,
                (
                    str(step.person),
                    stage_of(step.step),
                    f"{step.step}. {STEPS[step.step - 1]}",
                    zh_full(step.done_on),
                ),
            )
            for step in steps
        ),
        sides=tuple(sides),
    )


def _recruiting_heading(count: int, wrong: int) -> str:
    if not count:
        return _("没有登记在发展的人")  # and nothing is said of an order
    if wrong:
        return _("%(count)d人在发展，%(wrong)d人的次序要核对") % {"count": count, "wrong": wrong}
    return _("%(count)d人在发展，次序都对") % {"count": count}


def _add_talks(branch: Branch, data: dict[str, Any], **who: Any) -> list[Talk]:
    return registers.record_talks(branch=branch, **data, **who)


def _add_term(branch: Branch, data: dict[str, Any], **who: Any) -> CommitteeTerm:
    return registers.enter_term(branch=branch, **data, **who)


def _add_step(branch: Branch, data: dict[str, Any], **who: Any) -> RecruitStep:
    return registers.enter_step(branch=branch, **data, **who)


REGISTERS: dict[str, Register] = {
    "talks": Register(
        "talks",
        gettext_lazy("谈心谈话"),
        gettext_lazy("登记谈话"),
        (
            gettext_lazy("日期"),
            gettext_lazy("谈话人"),
            gettext_lazy("谈话对象"),
            gettext_lazy("缘由"),
            gettext_lazy("要点"),
        ),
        gettext_lazy("今年的谈心谈话会列在这里"),
        TalkForm,
        Talk,
        _talks,
        _add_talks,
        lambda branch, today: {
            "held_on": today,
            "occasion": "routine",
            "speaker": next((a.person_id for a in committee_on(branch, today)), None),
        },
    ),
    "terms": Register(
        "terms",
        gettext_lazy("届期"),
        gettext_lazy("登记选举"),
        (
            gettext_lazy("选举日期"),
            gettext_lazy("届满日期"),
            gettext_lazy("延期至"),
            gettext_lazy("批复文号"),
        ),
        gettext_lazy("历届选举会列在这里"),
        TermForm,
        CommitteeTerm,
        _terms,
        _add_term,
        lambda branch, today: {},
    ),
    "recruiting": Register(
        "recruiting",
        gettext_lazy("发展党员"),
        gettext_lazy("登记一步"),
        (
            gettext_lazy("姓名"),
            gettext_lazy("阶段"),
            gettext_lazy("步骤"),
            gettext_lazy("日期"),
        ),
        gettext_lazy("在发展的同志和走到的步骤会列在这里"),
        StepForm,
        RecruitStep,
        _recruiting,
        _add_step,
        lambda branch, today: {"done_on": today},
    ),
}


# -- dues ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DuesRow:
    """A member's month: what stands there, else what he paid last."""

    person_id: int
    name: str
    amount: Decimal | None
    exempt_reason: str
    paid_on: dt.date | None
    usual: Decimal | None

    @property
    def is_settled(self) -> bool:
        return bool(self.amount or self.exempt_reason)


def dues_rows(branch: Branch, month: Month) -> list[DuesRow]:
    """Members of the month in the order of the roster (three queries)."""
    names = registers.members_in(branch, month)
    rows = {
        row.person_id: row
        for row in DuesPayment.objects.filter(month=month.first_day, person__in=list(names))
    }
    usual = dict(
        DuesPayment.objects.filter(
            month__range=(month.plus(-3).first_day, month.plus(-1).first_day),
            person__in=list(names),
            amount__gt=0,
        )
        .order_by("month")
        .values_list("person_id", "amount")
    )
    found = []
    for person, name in names.items():
        row = rows.get(person)
        found.append(
            DuesRow(
                person_id=person,
                name=name,
                amount=row.amount if row and row.amount else None,
                exempt_reason=row.exempt_reason if row else "",
                paid_on=row.paid_on if row else None,
                usual=usual.get(person),
            )
        )
    return found


# -- study hours ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StudyRow:
    """A member's hours of the year, from the sessions he was at. In the order of the roster:
    persons are not ranked."""

    person_id: int
    name: str
    hours: Decimal
    sessions: int


def study_rows(branch: Branch, year: int, today: dt.date) -> list[StudyRow]:
    """Hours from meeting records only, never from time spent in an app (four queries)."""
    sessions = list(
        Activity.objects.filter(
            branch=branch, held_on__year=year, held_on__lte=today, ticks__duty=Duty.GROUP_STUDY
        ).prefetch_related("absences")
    )
    members = list(
        Membership.objects.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gte=dt.date(year, 1, 1)),
            Q(branch=branch) | Q(branch__parent=branch),
            started_on__lte=today,
        )
        .select_related("person")
        .order_by("id")
    )
    hours: dict[int, Decimal] = defaultdict(Decimal)
    counts: dict[int, int] = defaultdict(int)
    names: dict[int, str] = {}
    for member in members:
        names.setdefault(member.person_id, str(member.person))
        for session in sessions:
            inside = member.started_on <= session.held_on and (
                member.ended_on is None or session.held_on <= member.ended_on
            )
            if not inside or (session.group_id and session.group_id != member.group_id):
                continue
            away = {a.person_id for a in session.absences.all() if a.kind != "made_up"}
            if member.person_id not in away:
                hours[member.person_id] += session.study_hours
                counts[member.person_id] += 1
    return [StudyRow(key, name, hours[key], counts[key]) for key, name in names.items()]


def hours_words(hours: Decimal) -> str:
    return one_decimal(hours)
