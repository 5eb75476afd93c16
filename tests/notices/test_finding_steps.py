"""The life of a finding: every state x step x role, deadlines, two hands, history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from branches.access import forget_access
from branches.services import organisation
from evaluations.lifecycles import FINDING, FindingStatus
from evaluations.models import Finding
from evaluations.services import findings
from evaluations.services.findings import ReportIncomplete
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, EditConflict, TransitionRefused
from portal.notifications.models import InboxMessage
from tests.cast import Cast
from tests.notices.scene import Provisional, Published, at

NOW = at(7, 3)
GOOD = {"cause": "当天抢修", "measure": "7月3日补开，以后提前报备", "responsible": "林建明"}
BRANCH = {"secretary_a", "deputy_a"}
LOOKING_BACK = {"inspector", "officer", "leader"}
ROLES = (
    "secretary_a",
    "deputy_a",
    "secretary_b",
    "inspector",
    "officer",
    "officer_elsewhere",
    "leader",
    "captain",
    "employee",
    "sysadmin",
    "secadmin",
    "auditor",
)


@pytest.fixture(autouse=True)
def _stand_in_july(on: Any) -> None:
    on.move_to(NOW)


def put(finding: Finding, status: str) -> Finding:
    values: dict[str, Any] = {"status": status, "version": 1}
    if status == FindingStatus.VERIFIED:
        values["verified_at"] = NOW
    Finding.objects.filter(pk=finding.pk).update(**values)
    finding.refresh_from_db()
    return finding


def save(finding: Finding, user: User, version: int = 1, **changed: str) -> Finding:
    return findings.save_report(
        finding_id=finding.pk, version=version, actor=user, now=NOW, **{**GOOD, **changed}
    )


def report(finding: Finding, user: User, **changed: Any) -> Finding:
    return findings.report_finding(
        finding_id=finding.pk, actor=user, now=NOW, **{**GOOD, **changed}
    )


def verify(finding: Finding, user: User) -> Finding:
    return findings.verify_finding(finding_id=finding.pk, actor=user, now=NOW)


def give_back(finding: Finding, user: User, **more: Any) -> Finding:
    return findings.return_finding(
        finding_id=finding.pk, actor=user, now=NOW, **{"reason": "没有记录", **more}
    )


STEPS: dict[str, tuple[set[str], Callable[[Finding, User], Finding]]] = {
    "start_fixing": (BRANCH, save),
    "report": (BRANCH, report),
    "verify": (LOOKING_BACK, verify),
    "return": (LOOKING_BACK, give_back),
}


def test_every_step_is_played_here_or_belongs_to_sheet_appeal_and_recheck() -> None:
    assert set(FINDING.steps) - set(STEPS) == {
        *("confirm", "dispute", "strike_off"),
        *("reopen", "take_back"),
    }


@pytest.mark.parametrize("step", list(STEPS))
@pytest.mark.parametrize("status", FindingStatus.values)
def test_matrix_of_state_step_and_role(
    cast: Cast, published: Published, status: str, step: str
) -> None:
    allowed, take = STEPS[step]
    deduction = published.provisional.themed_day
    for role in ROLES:
        finding = put(published.provisional.finding(deduction), status)
        history = list(finding.events.values_list("step", flat=True))
        user = getattr(cast, role)
        if role not in allowed:
            with pytest.raises(PermissionDenied):
                take(finding, user)
        elif FINDING.allows(status, step):
            take(finding, user)
            finding.refresh_from_db()
            assert finding.status == FINDING.steps[step].target
            assert list(finding.events.values_list("step", flat=True)) == [*history, step]
            Finding.objects.filter(pk=finding.pk).update(cause="", measure="", responsible="")
            continue
        elif step == "start_fixing" and FINDING.allows(status, "report"):
            take(finding, user)  # the draft is kept; the state stays
            Finding.objects.filter(pk=finding.pk).update(cause="", measure="", responsible="")
        else:
            with pytest.raises(TransitionRefused) as refused:
                take(finding, user)
            assert str(FindingStatus(status).label) in refused.value.message
        finding.refresh_from_db()
        assert finding.status == status, role
        assert list(finding.events.values_list("step", flat=True)) == history


@pytest.mark.parametrize("take", [save, report])
def test_nothing_to_report_before_the_sheet_is_answered(
    cast: Cast, provisional: Provisional, take: Callable[[Finding, User], Finding]
) -> None:
    """Until then the inspectors may take the sheet back, and its findings with it."""
    finding = put(provisional.finding(provisional.breaches), "raised")
    with pytest.raises(TransitionRefused, match="先确认评分表"):
        take(finding, cast.secretary_a)


def test_recusal_an_inspector_does_not_look_back_at_his_own_branch(
    cast: Cast, provisional: Provisional
) -> None:
    """The inspector has moved into the branch he once inspected."""
    finding = put(provisional.finding(provisional.breaches), "reported")
    membership = cast.person(cast.inspector).memberships.get()
    membership.ended_on = dt.date(2017, 6, 30)
    membership.save()
    organisation.add_member(
        person=cast.person(cast.inspector),
        branch=cast.branch_a,
        kind="full",
        started_on=dt.date(2017, 7, 1),
        actor=None,
        now=NOW,
    )
    forget_access(cast.inspector)
    with pytest.raises(PermissionDenied):
        verify(finding, cast.inspector)
    verify(finding, cast.officer)


def test_recusal_of_the_office(cast: Cast, provisional: Provisional) -> None:
    """Its officer belongs to office_three: the team that raised it, or the leader, look back."""
    finding = put(provisional.finding(provisional.office_line), "reported")
    with pytest.raises(PermissionDenied):
        verify(finding, cast.officer)
    with pytest.raises(PermissionDenied):
        verify(finding, cast.inspector)  # another team
    verify(finding, cast.secretary_b)


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("lecture", dt.date(2017, 6, 30)),  # fix at once: 2 working days from 28 June
        ("breaches", dt.date(2017, 7, 12)),  # major: 10
        ("office_line", dt.date(2017, 7, 26)),  # continuing: 20
    ],
)
def test_due_days_by_kind_and_severity(provisional: Provisional, name: str, due: dt.date) -> None:
    assert provisional.finding(getattr(provisional, name)).due_on == due


def test_report_asks_the_team_to_look_back_within_five_working_days(
    cast: Cast, provisional: Provisional
) -> None:
    finding = report(provisional.finding(provisional.themed_day), cast.deputy_a)
    assert finding.look_back_by == dt.date(2017, 7, 10)
    told = InboxMessage.objects.get(key__startswith=f"finding:{finding.pk}:report")
    assert told.user == cast.inspector
    assert AuditEntry.objects.get(code="finding.reported").after["cause"] == "当天抢修"


def test_returned_gets_reason_and_new_day_over_the_holiday(
    cast: Cast, provisional: Provisional
) -> None:
    finding = put(provisional.finding(provisional.lecture), "reported")
    returned = findings.return_finding(
        finding_id=finding.pk, reason="还是没有讲稿", actor=cast.inspector, now=at(9, 29)
    )
    assert returned.due_on == dt.date(2017, 10, 9)  # 30 September is made up, then a week off
    assert returned.return_reason == "还是没有讲稿"
    told = InboxMessage.objects.filter(key__startswith=f"finding:{finding.pk}:return")
    assert {m.user for m in told} == {cast.secretary_a, cast.deputy_a}
    again = report(returned, cast.secretary_a, cause="讲稿已补")
    assert again.status == "reported"
    assert AuditEntry.objects.filter(code__startswith="finding.").count() == 2


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": "长" * 301}, "reason"),
        ({"due_on": dt.date(2017, 7, 2)}, "due_on"),
    ],
)
def test_return_that_says_too_little(
    cast: Cast, provisional: Provisional, more: dict[str, Any], field: str
) -> None:
    finding = put(provisional.finding(provisional.lecture), "reported")
    with pytest.raises(DomainError) as refused:
        give_back(finding, cast.inspector, **more)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"cause": ""}, "cause"),
        ({"measure": "  "}, "measure"),
        ({"responsible": ""}, "responsible"),
        ({"measure": "措" * 501}, "measure"),
    ],
)
def test_report_names_the_field_that_is_missing_or_too_long(
    cast: Cast, provisional: Provisional, changed: dict[str, str], field: str
) -> None:
    finding = provisional.finding(provisional.themed_day)
    with pytest.raises(ReportIncomplete) as refused:
        report(finding, cast.secretary_a, **changed)
    assert set(refused.value.errors) == {field}
    finding.refresh_from_db()
    assert (finding.status, finding.measure) == ("confirmed", "")


def test_two_hands_on_one_report(cast: Cast, provisional: Provisional) -> None:
    finding = provisional.finding(provisional.themed_day)
    assert save(finding, cast.secretary_a, cause="书记写的").version == 2
    with pytest.raises(EditConflict):
        save(finding, cast.deputy_a, cause="副书记写的")
    with pytest.raises(EditConflict):
        report(finding, cast.deputy_a, version=1, cause="副书记写的")
    finding.refresh_from_db()
    assert finding.cause == "书记写的"
    assert save(finding, cast.deputy_a, cause="书记写的").version == 2  # the same text again
    report(finding, cast.deputy_a, version=2, cause="副书记写的")


def test_second_press_of_report_says_the_state(cast: Cast, provisional: Provisional) -> None:
    finding = provisional.finding(provisional.themed_day)
    report(finding, cast.secretary_a)
    with pytest.raises(TransitionRefused, match="待回头看"):
        report(finding, cast.secretary_a)
    assert InboxMessage.objects.filter(key__startswith=f"finding:{finding.pk}:").count() == 1


@pytest.mark.parametrize("status", FindingStatus.values)
def test_overdue_follows_from_the_date(provisional: Provisional, status: str) -> None:
    finding = put(provisional.finding(provisional.breaches), status)
    others = Finding.objects.filter(pk=finding.pk)
    assert not others.overdue(dt.date(2017, 7, 12)).exists()
    assert others.overdue(dt.date(2017, 7, 13)).exists() is (status not in {"reported", "verified"})


def test_look_back_overdue(cast: Cast, provisional: Provisional) -> None:
    report(provisional.finding(provisional.breaches), cast.secretary_a)
    assert not Finding.objects.look_back_overdue(dt.date(2017, 7, 10)).exists()
    assert Finding.objects.look_back_overdue(dt.date(2017, 7, 11)).count() == 1


def test_who_sees_which_finding(cast: Cast, provisional: Provisional) -> None:
    ours, theirs = 3, 1
    expected = {
        "secretary_a": ours,
        "deputy_a": ours,
        "captain": ours,  # the branch's organisation member
        "inspector": ours,
        "secretary_b": theirs,  # led the team in office_three
        "officer": ours + theirs,
        "leader": ours + theirs,
    }
    for role, user in cast.users.items():
        assert Finding.objects.visible_to(user).count() == expected.get(role, 0), role


def test_history_is_only_appended(cast: Cast, provisional: Provisional) -> None:
    finding = report(provisional.finding(provisional.breaches), cast.secretary_a)
    with pytest.raises(IntegrityError, match="只能追加"), transaction.atomic():
        finding.events.update(note="改写")


def test_several_findings_of_one_visit_go_together_or_not_at_all(
    cast: Cast, provisional: Provisional
) -> None:
    ours = [provisional.finding(d) for d in (provisional.themed_day, provisional.breaches)]
    reports = {finding.pk: findings.Report(**GOOD) for finding in ours}
    with pytest.raises(PermissionDenied):
        findings.report_findings(reports=reports, actor=cast.secretary_b, now=NOW)
    with pytest.raises(ReportIncomplete):
        findings.report_findings(
            reports={**reports, ours[0].pk: findings.Report()}, actor=cast.secretary_a, now=NOW
        )
    assert not Finding.objects.filter(status="reported").exists()
    findings.report_findings(reports=reports, actor=cast.secretary_a, now=NOW)
    assert Finding.objects.filter(status="reported").count() == 2
    keys = [finding.pk for finding in ours]
    with pytest.raises(PermissionDenied):
        findings.verify_findings(finding_ids=keys, actor=cast.secretary_a, now=NOW)
    findings.verify_findings(finding_ids=keys, actor=cast.inspector, now=NOW)
    with pytest.raises(TransitionRefused):
        findings.verify_findings(finding_ids=keys, actor=cast.inspector, now=NOW)
    told = InboxMessage.objects.filter(key__contains=":verify:")
    assert told.count() == 4  # two findings, secretary and deputy
    assert all(list(f.events.values_list("step", flat=True)) == ["report", "verify"] for f in ours)
