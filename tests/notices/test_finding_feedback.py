"""Beside the way of a finding: more time for a reason, files, and the secretary's word."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from evaluations.models import Finding
from evaluations.selectors.todo import rectification_todo, things_to_do
from evaluations.services import finding_steps, findings, overdue, sheets
from portal.attachments.models import Attachment
from portal.kernel.errors import DomainError, TransitionRefused
from portal.notifications.models import InboxMessage
from tests.attachments.files import photo
from tests.cast import Cast
from tests.month import MonthCast, month_cast
from tests.notices.scene import Published, at

__all__ = ("month_cast",)

NOW = at(7, 5, 10)
GOOD: dict[str, Any] = {"cause": "当天抢修", "measure": "7月3日补开", "responsible": "林建明"}


@pytest.fixture(autouse=True)
def _fifth_of_july(on: Any) -> None:
    on.move_to(NOW)


@pytest.fixture
def finding(published: Published) -> Finding:
    return published.provisional.finding(published.provisional.themed_day)


def extend(finding: Finding, actor: Any, **more: Any) -> Finding:
    values: dict[str, Any] = {"due_on": dt.date(2017, 7, 20), "reason": "等外单位材料", **more}
    return finding_steps.extend_finding(finding_id=finding.pk, actor=actor, now=NOW, **values)


def a_photo(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo(), "image/jpeg")


def report(finding: Finding, actor: Any) -> Finding:
    return findings.report_finding(finding_id=finding.pk, actor=actor, now=NOW, **GOOD)


# -- more time --------------------------------------------------------------------------------


def test_an_officer_gives_more_time_once_with_a_reason_in_the_history(
    cast: Cast, client: Client, finding: Finding
) -> None:
    old = finding.due_on
    client.force_login(cast.officer)
    url = reverse("evaluations:finding-extend", args=[finding.pk])
    page = client.post(url, {"extend-due_on": "2017-07-20", "extend-reason": ""})
    assert page.status_code == 400
    assert "请写明为什么延期" in page.content.decode()
    client.post(url, {"extend-due_on": "2017-07-20", "extend-reason": "等外单位材料"})
    finding.refresh_from_db()
    assert (finding.due_on, finding.extended_from) == (dt.date(2017, 7, 20), old)
    event = finding.events.get(step="extend")
    assert event.note == "等外单位材料"
    client.force_login(cast.secretary_a)
    shown = client.get(reverse("evaluations:finding-detail", args=[finding.pk])).content.decode()
    assert "等外单位材料" in shown
    assert "已延期" in shown
    with pytest.raises(TransitionRefused):
        extend(finding, cast.officer, due_on=dt.date(2017, 7, 21))


@pytest.mark.parametrize("role", ["secretary_a", "deputy_a", "inspector", "officer_elsewhere"])
def test_nobody_else_gives_more_time(cast: Cast, finding: Finding, role: str) -> None:
    with pytest.raises(PermissionDenied):
        extend(finding, getattr(cast, role))


@pytest.mark.parametrize("due_on", [None, dt.date(2017, 7, 6), dt.date(2018, 1, 1)])
def test_a_day_that_cannot_be_is_named(
    cast: Cast, finding: Finding, due_on: dt.date | None
) -> None:
    with pytest.raises(DomainError) as refused:
        extend(finding, cast.officer, due_on=due_on)
    assert refused.value.field == "due_on"


# -- overdue ----------------------------------------------------------------------------------


def test_two_working_days_late_the_officers_are_told_and_talk(
    cast: Cast, client: Client, finding: Finding
) -> None:
    late = at(7, 20, 9)  # a Thursday; the finding was due on the 12th
    overdue.remind(late)
    overdue.remind(late)
    assert finding.events.filter(step="escalate").count() == 1
    told = InboxMessage.objects.filter(key__startswith=f"finding-escalated:{finding.pk}:")
    assert {message.user for message in told} == {cast.officer}
    with time_machine.travel(late, tick=False):
        client.force_login(cast.officer)
        url = reverse("evaluations:finding-talk", args=[finding.pk])
        refused = client.post(url, {"talk-note": ""})
        assert refused.status_code == 400
        assert "请写明约谈了谁" in refused.content.decode()
        client.post(url, {"talk-note": "7月20日约谈林建明，保证7月22日改完"})
        client.force_login(cast.secretary_a)
        assert client.post(url, {"talk-note": "x"}).status_code == 403
        page = client.get(reverse("evaluations:finding-detail", args=[finding.pk]))
    assert "保证7月22日改完" in page.content.decode()
    assert "逾期未改，已报党群部" in page.content.decode()


def test_before_it_is_overdue_there_is_nothing_to_talk_about(cast: Cast, finding: Finding) -> None:
    with pytest.raises(TransitionRefused):
        finding_steps.talk_about_finding(
            finding_id=finding.pk, note="约谈", actor=cast.officer, now=NOW
        )


# -- the secretary's word ------------------------------------------------------------------------


def test_a_secretary_who_reports_vouches_at_once(cast: Cast, finding: Finding) -> None:
    found = report(finding, cast.secretary_a)
    assert (found.awaits_endorsement, found.endorsed_by) == (False, cast.secretary_a)


def test_a_deputys_report_waits_for_the_secretary(
    cast: Cast, client: Client, finding: Finding
) -> None:
    before = things_to_do(cast.secretary_a)
    report(finding, cast.deputy_a)
    with pytest.raises(TransitionRefused, match="背书"):
        findings.verify_finding(finding_id=finding.pk, actor=cast.officer, now=NOW)
    assert things_to_do(cast.secretary_a) == before  # reported, and to be vouched for instead
    told = rectification_todo([cast.secretary_a, cast.deputy_a], NOW.date())
    assert any("背书" in item.title for item in told[cast.secretary_a.pk])
    assert not any("背书" in item.title for item in told.get(cast.deputy_a.pk, []))
    client.force_login(cast.deputy_a)
    url = reverse("evaluations:finding-endorse", args=[finding.pk])
    assert client.post(url).status_code == 403
    client.force_login(cast.secretary_a)
    page = client.get(reverse("evaluations:finding-detail", args=[finding.pk])).content.decode()
    assert "请您背书" in page
    client.post(url)
    finding.refresh_from_db()
    assert (finding.awaits_endorsement, finding.endorsed_by) == (False, cast.secretary_a)
    findings.verify_finding(finding_id=finding.pk, actor=cast.officer, now=NOW)


def test_the_api_extends_and_endorses(cast: Cast, client: Client, finding: Finding) -> None:
    client.force_login(cast.officer)
    url = f"/api/v1/findings/{finding.pk}"
    given = {"due_on": "2017-07-20", "reason": "等外单位材料"}
    answer = client.post(f"{url}/extend/", given, "application/json")
    assert (answer.status_code, answer.json()["due_on"]) == (200, "2017-07-20")
    report(finding, cast.deputy_a)
    client.force_login(cast.secretary_a)
    answer = client.post(f"{url}/endorse/", {}, "application/json")
    assert (answer.status_code, answer.json()["awaits_endorsement"]) == (200, False)


# -- files ------------------------------------------------------------------------------------


def test_the_branch_puts_a_photo_beside_its_report_and_takes_it_away(
    cast: Cast, client: Client, finding: Finding
) -> None:
    client.force_login(cast.secretary_a)
    add = reverse("evaluations:finding-add-evidence", args=[finding.pk])
    assert "请选择文件" in client.post(add, {}).content.decode()
    client.post(add, {"evidence-papers": [a_photo("补开会议.jpg")]})
    kept = Attachment.objects.of(finding).get()
    page = client.get(reverse("evaluations:finding-detail", args=[finding.pk])).content.decode()
    assert "删去补开会议.jpg" in page
    file = reverse("attachments:file", args=[kept.pk])
    assert client.get(file).status_code == 200
    client.force_login(cast.secretary_b)
    assert client.get(file).status_code == 404
    client.force_login(cast.secretary_a)
    client.post(reverse("evaluations:finding-remove-evidence", args=[finding.pk, kept.pk]))
    assert not Attachment.objects.of(finding).exists()


def test_after_the_report_the_files_stay(cast: Cast, client: Client, finding: Finding) -> None:
    report(finding, cast.secretary_a)
    client.force_login(cast.secretary_a)
    add = reverse("evaluations:finding-add-evidence", args=[finding.pk])
    assert client.post(add, {"evidence-papers": [a_photo("a.jpg")]}).status_code == 409


# -- before the sheet is confirmed ------------------------------------------------------------


def test_a_finding_that_may_be_taken_back_has_no_history_yet(
    cast: Cast, client: Client, month_cast: MonthCast
) -> None:
    """Neither an officer nor the sweep writes into it, and the sheet can still be taken back."""
    visit = month_cast.visit_a
    inspected = at(6, 28, 15)
    sheets.start_sheet(inspection_id=visit.pk, actor=cast.inspector, now=inspected)
    item = month_cast.item(visit, "D1")
    sheets.save_item(
        inspection_id=visit.pk,
        item_id=item.pk,
        lines=[sheets.LineInput(item.rules.get(number=1).pk, 1, "下颏带未系好")],
        override=None,
        version=0,
        actor=cast.inspector,
        now=inspected,
    )
    sheets.submit_sheet(
        inspection_id=visit.pk, rest_is_fine=True, actor=cast.inspector, now=inspected
    )
    raised = Finding.objects.get(inspection=visit)
    Finding.objects.filter(pk=raised.pk).update(due_on=dt.date(2017, 6, 28))
    with pytest.raises(TransitionRefused, match="先确认评分表"):
        extend(raised, cast.officer)
    with pytest.raises(TransitionRefused, match="先确认评分表"):
        finding_steps.talk_about_finding(
            finding_id=raised.pk, note="已约谈", actor=cast.officer, now=NOW
        )
    overdue.remind_in_working_hours(NOW)
    assert not raised.events.exists()
    client.force_login(cast.officer)
    page = client.get(reverse("evaluations:finding-detail", args=[raised.pk])).content.decode()
    assert reverse("evaluations:finding-extend", args=[raised.pk]) not in page
    sheets.take_back(inspection_id=visit.pk, actor=cast.inspector, now=NOW)
    assert not Finding.objects.filter(pk=raised.pk).exists()


def test_given_back_the_new_day_lies_within_reach(cast: Cast, finding: Finding) -> None:
    report(finding, cast.secretary_a)
    with pytest.raises(DomainError, match="最晚到") as refused:
        findings.return_finding(
            finding_id=finding.pk,
            reason="没改",
            due_on=dt.date(9999, 12, 31),
            actor=cast.officer,
            now=NOW,
        )
    assert refused.value.field == "due_on"
