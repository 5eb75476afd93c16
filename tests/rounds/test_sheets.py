"""The score sheet: saving, conflicts, submitting, both sides' word."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.test.utils import CaptureQueriesContext

from branches.access import forget_access
from evaluations.models import Deduction, Finding, Inspection, ItemCheck, MonthRound
from evaluations.scoring import DueState
from evaluations.services import rounds, sheet_state, sheets
from evaluations.services.sheets import LineInput, OverrideInput
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, EditConflict, TransitionRefused
from tests.cast import NOW, Cast
from tests.month import MonthCast

D = Decimal


def save(
    month: MonthCast,
    actor: User,
    code: str,
    *lines: tuple[int, int],
    version: int = 0,
    override: OverrideInput | None = None,
    fact: str = "6月14日10kV城东线现场，1名党员下颏带未系好",
    severity: str = "minor",
    visit: Inspection | None = None,
) -> sheet_state.SheetState:
    """Save item ``code`` with ``lines`` of (rule number, count)."""
    visit = visit or month.visit_a
    item = month.item(visit, code)
    rules = {rule.number: rule for rule in item.rules.all()}
    return sheets.save_item(
        inspection_id=visit.pk,
        item_id=item.pk,
        lines=[LineInput(rules[n].pk, count, fact, severity) for n, count in lines],
        override=override,
        version=version,
        actor=actor,
        now=NOW,
    )


def test_the_first_tap_starts_the_visit_and_shows_marks_at_once(
    cast: Cast, month_cast: MonthCast
) -> None:
    state = save(month_cast, cast.inspector, "D1", (1, 1))
    visit = Inspection.objects.get(pk=month_cast.visit_a.pk)
    assert (visit.status, visit.started_at) == ("under_way", NOW)
    d1 = state.item(month_cast.item(visit, "D1").pk)
    assert (d1.marks, d1.deducted, d1.version) == (D(6), D(2), 1)
    assert state.score.base == D(98)
    assert len(state.unchecked) == sum(i.is_due for i in state.items) - 1


def test_a_line_taken_away_gives_the_marks_back(cast: Cast, month_cast: MonthCast) -> None:
    save(month_cast, cast.inspector, "D1", (1, 2), (3, 1))
    state = save(month_cast, cast.inspector, "D1", (3, 1), version=1)
    assert state.score.base == D(99)
    assert Deduction.objects.count() == 1


def test_what_is_saved_is_what_is_read(cast: Cast, month_cast: MonthCast) -> None:
    save(month_cast, cast.inspector, "A1", (2, 1))
    told = save(month_cast, cast.inspector, "D1", (1, 2), (3, 1), severity="major")
    read = sheet_state.read_sheet(Inspection.objects.get(pk=month_cast.visit_a.pk))
    assert [(i.item.code, i.marks, i.state, i.version) for i in told.items] == [
        (i.item.code, i.marks, i.state, i.version) for i in read.items
    ]
    assert told.score == read.score


def test_june_is_the_end_of_a_quarter_and_not_of_a_year(cast: Cast, month_cast: MonthCast) -> None:
    state = sheet_state.read_sheet(month_cast.visit_a)
    by_code = {i.item.code: i.state for i in state.items}
    assert by_code["B1"] is DueState.DUE
    assert by_code["B6"] is DueState.DUE
    assert by_code["B5"] is DueState.NOT_DUE


def test_an_item_not_due_is_grey_until_the_inspector_says_it_was_done(
    cast: Cast, month_cast: MonthCast
) -> None:
    with pytest.raises(DomainError, match="本项本月不评"):
        save(month_cast, cast.inspector, "B5", (2, 1))
    state = save(
        month_cast,
        cast.inspector,
        "B5",
        (2, 1),
        override=OverrideInput("judged", "6月已开组织生活会"),
    )
    b5 = state.item(month_cast.item(month_cast.visit_a, "B5").pk)
    assert (b5.state, b5.marks) == (DueState.DUE, D(1))


def test_an_event_item_without_an_event_is_set_aside_with_a_reason(
    cast: Cast, month_cast: MonthCast
) -> None:
    with pytest.raises(DomainError, match="为什么"):
        save(month_cast, cast.inspector, "D3", override=OverrideInput("not_applicable", " "))
    state = save(
        month_cast, cast.inspector, "D3", override=OverrideInput("not_applicable", "本月无保电任务")
    )
    assert state.item(month_cast.item(month_cast.visit_a, "D3").pk).state is DueState.NOT_APPLICABLE


def test_bad_input_gets_a_sentence_that_names_the_field(cast: Cast, month_cast: MonthCast) -> None:
    rule = month_cast.item(month_cast.visit_a, "D1").rules.get(number=1)
    with pytest.raises(DomainError, match="要写明事实") as missing:
        save(month_cast, cast.inspector, "D1", (1, 1), fact="  ")
    assert missing.value.field == f"fact-{rule.pk}"
    with pytest.raises(DomainError, match="500 字"):
        save(month_cast, cast.inspector, "D1", (1, 1), fact="长" * 501)
    with pytest.raises(DomainError, match="不能超过"):
        save(month_cast, cast.inspector, "D1", (1, 1000))
    other = month_cast.item(month_cast.visit_a, "A1").rules.get(number=1)
    with pytest.raises(DomainError, match="不属于本项"):
        sheets.save_item(
            inspection_id=month_cast.visit_a.pk,
            item_id=month_cast.item(month_cast.visit_a, "D1").pk,
            lines=[LineInput(other.pk, 1, "事实")],
            override=None,
            version=0,
            actor=cast.inspector,
            now=NOW,
        )
    assert not Deduction.objects.exists()
    assert not ItemCheck.objects.exists()


def test_two_inspectors_of_one_team(cast: Cast, month_cast: MonthCast) -> None:
    leader = cast.secretary_of(cast.office_two)
    save(month_cast, cast.inspector, "D1", (1, 1))
    save(month_cast, leader, "A1", (1, 1))  # another item: no conflict
    with pytest.raises(EditConflict, match="您填的内容还在"):
        save(month_cast, leader, "D1", (1, 3))
    assert Deduction.objects.get(item__code="D1").count == 1
    save(month_cast, leader, "D1", (1, 3), version=1)
    assert Deduction.objects.get(item__code="D1").count == 3


def test_a_double_click_is_no_conflict(cast: Cast, month_cast: MonthCast) -> None:
    first = save(month_cast, cast.inspector, "D1", (1, 1))
    second = save(month_cast, cast.inspector, "D1", (1, 1))
    assert first.score == second.score
    assert ItemCheck.objects.get(item__code="D1").version == 1


@pytest.mark.parametrize("who", ["secretary_a", "secretary_b", "officer", "leader", "employee"])
def test_nobody_outside_the_team_fills_a_sheet(cast: Cast, month_cast: MonthCast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        save(month_cast, cast.users[who], "D1", (1, 1))


def test_a_team_member_who_joined_the_inspected_branch_stands_back(
    cast: Cast, month_cast: MonthCast
) -> None:
    from branches.models import Membership

    Membership.objects.filter(person=cast.person(cast.inspector)).update(branch=cast.branch_a)
    forget_access(cast.inspector)
    with pytest.raises(PermissionDenied):
        save(month_cast, cast.inspector, "D1", (1, 1))


def test_a_sheet_of_a_month_not_in_its_window(cast: Cast, month_cast: MonthCast) -> None:
    MonthRound.objects.update(status="open")
    with pytest.raises(TransitionRefused, match="还没有开始"):
        save(month_cast, cast.inspector, "D1", (1, 1))
    MonthRound.objects.update(status="provisional")
    with pytest.raises(TransitionRefused, match="已经结束"):
        save(month_cast, cast.inspector, "D1", (1, 1))


def submit(month: MonthCast, actor: User, **more: object) -> Inspection:
    return sheets.submit_sheet(
        inspection_id=month.visit_a.pk,
        actor=actor,
        now=NOW,
        rest_is_fine=bool(more.get("rest_is_fine", True)),
    )


def test_submitting_asks_about_the_items_nobody_looked_at(
    cast: Cast, month_cast: MonthCast
) -> None:
    save(month_cast, cast.inspector, "D1", (1, 1))
    with pytest.raises(DomainError, match="项没有看"):
        submit(month_cast, cast.inspector, rest_is_fine=False)
    done = submit(month_cast, cast.inspector)
    assert (done.status, done.score) == ("submitted", D(98))
    assert len(done.digest) == 64


def test_findings_arise_from_deductions_with_severity_and_due_date(
    cast: Cast, month_cast: MonthCast
) -> None:
    save(month_cast, cast.inspector, "A1", (2, 1))
    save(month_cast, cast.inspector, "D1", (1, 1), severity="major")
    submit(month_cast, cast.inspector)
    found = {f.item.code: f for f in Finding.objects.select_related("item")}
    # From 27 June 2017: five working days for a minor fault, ten for a major one.
    assert found["A1"].due_on == dt.date(2017, 7, 4)
    assert found["D1"].due_on == dt.date(2017, 7, 11)
    assert found["D1"].branch_id == cast.branch_a.pk
    assert {f.number for f in found.values()} == {1, 2}


def test_a_submitted_sheet_is_closed_until_it_is_taken_back(
    cast: Cast, month_cast: MonthCast
) -> None:
    save(month_cast, cast.inspector, "D1", (1, 1))
    submit(month_cast, cast.inspector)
    with pytest.raises(TransitionRefused, match="已提交"):
        save(month_cast, cast.inspector, "D1", (1, 2), version=1)
    sheets.take_back(inspection_id=month_cast.visit_a.pk, actor=cast.inspector, now=NOW)
    assert not Finding.objects.exists()
    save(month_cast, cast.inspector, "D1", (1, 2), version=1)
    assert submit(month_cast, cast.inspector).score == D(96)


def test_the_inspected_secretary_confirms_facts(cast: Cast, month_cast: MonthCast) -> None:
    save(month_cast, cast.inspector, "D1", (1, 1))
    submit(month_cast, cast.inspector)
    for stranger in (cast.inspector, cast.secretary_b, cast.officer):
        with pytest.raises(PermissionDenied):
            sheets.confirm_sheet(inspection_id=month_cast.visit_a.pk, actor=stranger, now=NOW)
    done = sheets.confirm_sheet(
        inspection_id=month_cast.visit_a.pk, actor=cast.secretary_a, now=NOW
    )
    assert (done.status, done.confirmed_by) == ("confirmed", cast.secretary_a)
    assert Finding.objects.get().status == "confirmed"
    with pytest.raises(TransitionRefused):
        sheets.confirm_sheet(inspection_id=month_cast.visit_a.pk, actor=cast.secretary_a, now=NOW)


def test_an_objection_is_kept_and_blocks_nothing(cast: Cast, month_cast: MonthCast) -> None:
    save(month_cast, cast.inspector, "D1", (1, 1))
    submit(month_cast, cast.inspector)
    with pytest.raises(DomainError, match="不属实"):
        sheets.object_to_sheet(
            inspection_id=month_cast.visit_a.pk, text=" ", actor=cast.deputy_a, now=NOW
        )
    done = sheets.object_to_sheet(
        inspection_id=month_cast.visit_a.pk, text="当天该同志不在岗", actor=cast.deputy_a, now=NOW
    )
    assert (done.status, done.objection) == ("confirmed", "当天该同志不在岗")
    assert Finding.objects.get().status == "disputed"
    rounds.close_inspection(
        round_id=month_cast.round.pk, actor=cast.officer, now=NOW, reason="已查完"
    )


def test_the_seal_covers_every_line(cast: Cast, month_cast: MonthCast) -> None:
    save(month_cast, cast.inspector, "D1", (1, 1))
    sealed = submit(month_cast, cast.inspector)
    before = sealed.digest
    sheet_state.reseal(sealed)
    assert sealed.digest == before
    Deduction.objects.update(fact="改过的事实")
    sheet_state.reseal(sealed)
    assert sealed.digest != before


def test_key_work_failures_of_a_sheet(cast: Cast, month_cast: MonthCast) -> None:
    def failures(state: sheet_state.SheetState) -> list[str]:
        return [i.item.code for i in state.key_failures]

    assert failures(save(month_cast, cast.inspector, "D1", (1, 1))) == []  # 6 of 8: 75 %
    assert failures(save(month_cast, cast.inspector, "D1", (1, 2), version=1)) == ["D1"]  # 50 %
    state = save(month_cast, cast.inspector, "D1", (3, 1), version=2, severity="critical")
    assert failures(state) == ["D1"]
    assert failures(save(month_cast, cast.inspector, "B4", (1, 1))) == ["B4", "D1"]


def test_saving_an_item_costs_six_queries(cast: Cast, month_cast: MonthCast) -> None:
    from django.db import connection

    save(month_cast, cast.inspector, "A1", (1, 1))
    with CaptureQueriesContext(
        connection,
    ) as caught:
        save(month_cast, cast.inspector, "D1", (1, 1))
    statements = [q["sql"] for q in caught.captured_queries if "SAVEPOINT" not in q["sql"]]
    # Reading the item and its rules is the test's own doing (two queries).
    assert len(statements) <= 8, "\n".join(statements)


def test_submitting_is_audited(cast: Cast, month_cast: MonthCast) -> None:
    save(month_cast, cast.inspector, "D1", (1, 1))
    submit(month_cast, cast.inspector)
    entry = AuditEntry.objects.get(code="sheet.submitted")
    assert entry.actor == cast.inspector
    assert entry.after["score"] == "98.00"
