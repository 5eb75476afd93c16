"""The monthly meeting and the appraisals as pages: who says what, what stays, who sees it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import Talk
from evaluations.lifecycles import NoticeStatus
from evaluations.models import (
    AppraisalInput,
    MeetingComment,
    MeetingDecision,
    MonthRound,
    RectificationNotice,
    RoundParticipant,
)
from evaluations.selectors.appraisal_tables import mode_tables
from evaluations.selectors.appraisals import appraisals
from evaluations.selectors.meetings import agenda
from evaluations.selectors.round_board import round_board
from evaluations.services import meetings
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, EditConflict, TransitionRefused
from tests.cast import Cast
from tests.notices.scene import Provisional, Published, at

pytestmark = pytest.mark.usefixtures("on")

MEETING = at(7, 10, 9)


@pytest.fixture
def round_(published: Published) -> MonthRound:
    return MonthRound.objects.get(pk=published.notice.run.round_id)


def part(round_: MonthRound, branch: Any) -> RoundParticipant:
    return RoundParticipant.objects.get(round=round_, branch=branch)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def say(participant: RoundParticipant, actor: Any, verdict: str = "good", **more: Any) -> Any:
    values = {"text": "", "version": 1, "now": MEETING, **more}
    return meetings.comment_secretary(
        participant_id=participant.pk, verdict=verdict, actor=actor, **values
    )


def item_of(round_: MonthRound, participant: RoundParticipant, user: Any, code: str) -> Any:
    (row,) = appraisals(round_, user, only=participant.pk)
    return next(item for item in row.appraisal.items if item.code == code)


def test_the_board_shows_the_meeting_as_held_once_every_branch_was_heard(
    cast: Cast, client: Client, round_: MonthRound
) -> None:
    long_after = at(7, 27).date()
    late = round_board(round_, today=long_after)
    assert (late.steps[7].state, late.next.title) != ("done", "这个月都办完了")
    RectificationNotice.objects.update(status=NoticeStatus.WITHDRAWN)
    late = round_board(round_, today=long_after)
    assert "已经过了" in late.next.body
    for participant in round_.participants.filter(is_exempt=False):
        MeetingComment.objects.create(round=round_, participant=participant, verdict="good")
    held = round_board(round_, today=long_after)
    assert {step.state for step in held.steps} == {"done"}
    assert held.next.title == "这个月都办完了"
    client.force_login(cast.officer)
    page = client.get(f"/rounds/{round_.pk}/").content.decode()
    assert "一并提醒" not in page  # a published month reminds nobody


# -- the word on each secretary ---------------------------------------------------------------


def test_the_word_counts_in_the_appraisal_and_stands_in_the_trail(
    cast: Cast, round_: MonthRound
) -> None:
    participant = part(round_, cast.branch_a)
    before = item_of(round_, participant, cast.leader, "S9")
    assert (before.marks, bool(before.waits_for)) == (None, True)
    say(participant, cast.leader, "fairly_good", text="抢修有力，党课要补")
    after = item_of(round_, participant, cast.leader, "S9")
    assert after.marks == after.full * Decimal("0.8")
    say(participant, cast.leader, "good", version=2)
    trail = AuditEntry.objects.filter(code="meeting.commented").order_by("pk")
    assert [entry.after["verdict"] for entry in trail] == ["fairly_good", "good"]
    assert trail[1].before["text"] == "抢修有力，党课要补"


def test_the_same_key_twice_is_one_word_and_a_colleagues_is_not_overwritten(
    cast: Cast, round_: MonthRound
) -> None:
    participant = part(round_, cast.branch_a)
    say(participant, cast.leader)
    assert say(participant, cast.leader).version == 2
    with pytest.raises(EditConflict):
        say(participant, cast.officer, "poor", version=1)
    assert MeetingComment.objects.get().verdict == "good"


def test_nobody_comments_on_his_own_branch_and_no_stranger_on_any(
    cast: Cast, round_: MonthRound
) -> None:
    with pytest.raises(PermissionDenied):  # the officers' own department belongs to it
        say(part(round_, cast.office_three), cast.officer)
    for user in (cast.secretary_a, cast.employee, cast.officer_elsewhere):
        with pytest.raises(PermissionDenied):
            say(part(round_, cast.branch_b), user)
    assert not MeetingComment.objects.exists()


def test_before_publication_there_is_no_meeting(cast: Cast, provisional: Provisional) -> None:
    with pytest.raises(TransitionRefused, match="通报发布以后"):
        say(part(provisional.round, cast.branch_a), cast.leader)
    address = reverse("evaluations:meeting", args=[provisional.round.pk])
    assert client_of(cast.leader).get(address).status_code == 404


def test_the_branchs_own_words_until_the_committee_has_spoken(
    cast: Cast, round_: MonthRound
) -> None:
    participant = part(round_, cast.branch_a)
    secretary = client_of(cast.secretary_a)
    address = reverse("evaluations:appraisal-own-words", args=[round_.pk, participant.pk])
    assert secretary.post(address, {"own-own_words": "夜间抢修3小时45分复电"}).status_code == 302
    page = client_of(cast.leader).get(
        reverse("evaluations:meeting-screen", args=[round_.pk, participant.pk])
    )
    assert "夜间抢修3小时45分复电" in page.content.decode()
    say(participant, cast.leader)
    answer = secretary.post(address, {"own-own_words": "再改一下"})
    assert answer.status_code == 400
    assert "例会已经点评" in answer.content.decode()
    assert "再改一下" in answer.content.decode()
    assert client_of(cast.secretary_b).post(address, {"own-own_words": "x"}).status_code == 404


# -- the screens ------------------------------------------------------------------------------


def test_the_agenda_walks_type_by_type_and_each_screen_leads_to_the_next(
    cast: Cast, round_: MonthRound
) -> None:
    found = agenda(round_, cast.leader)
    keys = [stop.group.key for stop in found.stops]
    assert keys == sorted(keys, key=keys.index)  # a type is not left and entered again
    assert len(found.stops) == round_.participants.filter(is_exempt=False).count()
    leader = client_of(cast.leader)
    seen, kinds = [], []
    address = reverse("evaluations:meeting-opening", args=[round_.pk])
    while True:
        page = leader.get(address)
        assert page.status_code == 200
        kinds.append("board" if "board" in page.context else "")
        if "stop" in page.context:
            seen.append(page.context["stop"].participant.pk)
        after = page.context["after"]
        if after is None:
            break
        address = after.url
    assert address == reverse("evaluations:meeting-closing", args=[round_.pk])
    assert seen == [stop.participant.pk for stop in found.stops]
    assert kinds.count("board") == len(found.boards)


def test_a_screen_says_the_score_three_matters_and_the_notice(
    cast: Cast, round_: MonthRound
) -> None:
    page = client_of(cast.leader).get(
        reverse("evaluations:meeting-screen", args=[round_.pk, part(round_, cast.branch_a).pk])
    )
    text = page.content.decode()
    for said in ("配电运检党支部", "党员身边无违章", "主题党日", "今天说三件事", "党委点评"):
        assert said in text


def test_a_conflicted_persons_item_is_marked_and_closed(cast: Cast, round_: MonthRound) -> None:
    participant = part(round_, cast.office_three)
    page = client_of(cast.officer).get(
        reverse("evaluations:meeting-screen", args=[round_.pk, participant.pk])
    )
    assert "您须回避" in page.content.decode()
    assert page.content.decode().count("disabled") >= 4


def test_a_key_gets_one_line_and_a_refusal_a_sentence(cast: Cast, round_: MonthRound) -> None:
    leader = client_of(cast.leader)
    participant = part(round_, cast.branch_a)
    address = reverse("evaluations:meeting-comment", args=[round_.pk, participant.pk])
    answer = leader.post(
        address, {"verdict": "good", "version": "1"}, headers={"Accept": "application/json"}
    )
    assert answer.json() == {"verdict": "good", "text": "", "version": 2}
    answer = leader.post(
        address, {"verdict": "poor", "version": "1"}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 409
    assert "另一位同志" in answer.json()["detail"]
    for hostile in ("9" * 5000, "٣", "-1", ""):
        given = {"verdict": "poor", "version": hostile, "text": "x\x00y"}
        assert leader.post(address, given).status_code == 409
    assert (
        leader.post(address, {"verdict": "good", "version": "2", "text": "x\x00y"}).status_code
        == 302
    )
    assert MeetingComment.objects.get().text == "xy"
    answer = leader.post(address, {"verdict": "superb", "version": "2"})
    assert answer.status_code == 400
    assert "请选好、较好、一般或差" in answer.content.decode()


@pytest.mark.parametrize("name", ["meeting", "meeting-minutes"])
def test_the_meeting_is_the_committees(cast: Cast, round_: MonthRound, name: str) -> None:
    address = reverse(f"evaluations:{name}", args=[round_.pk])
    assert client_of(cast.leader).get(address).status_code == 200
    for user in (cast.secretary_a, cast.employee, cast.officer_elsewhere):
        assert client_of(user).get(address).status_code == 404


def test_after_the_meeting_a_verdict_is_changed_on_purpose_only(
    cast: Cast, round_: MonthRound
) -> None:
    participant = part(round_, cast.branch_a)
    held = dt.datetime.combine(round_.meeting_on, dt.time(9), MEETING.tzinfo)
    say(participant, cast.leader, now=held)
    say(participant, cast.leader, "fairly_good", version=2, now=held)  # thinks again on the day
    address = reverse("evaluations:meeting-comment", args=[round_.pk, participant.pk])
    screen = reverse("evaluations:meeting-screen", args=[round_.pk, participant.pk])
    other = part(round_, cast.branch_b)
    weeks_later = held + dt.timedelta(days=15)
    with time_machine.travel(weeks_later, tick=False):
        leader = client_of(cast.leader)
        page = leader.get(screen).content.decode()
        assert "会已开完" in page
        assert 'href="?amend=1"' in page
        answer = leader.post(
            address, {"verdict": "poor", "version": "3"}, headers={"Accept": "application/json"}
        )
        assert answer.status_code == 409
        assert answer.json()["detail"] == "会已开完。要改点评，先按“修改”。"
        with pytest.raises(TransitionRefused):
            say(other, cast.leader, now=weeks_later)
        assert MeetingComment.objects.get(participant=participant).verdict == "fairly_good"

        assert 'name="amend" value="1"' in leader.get(f"{screen}?amend=1").content.decode()
        given = {"verdict": "poor", "version": "3", "amend": "1"}
        assert leader.post(address, given).status_code == 302
    assert MeetingComment.objects.get(participant=participant).verdict == "poor"


def test_only_what_is_well_is_ticked(cast: Cast, round_: MonthRound) -> None:
    said = {cast.branch_a: "good", cast.branch_b: "average", cast.sub_two: "poor"}
    for branch, verdict in said.items():
        say(part(round_, branch), cast.leader, verdict)
    found = agenda(round_, cast.leader)
    looks = [found.stop_of(part(round_, branch).pk).verdict_status for branch in said]  # type: ignore[union-attr]
    assert [look.state for look in looks if look] == ["done", "soon", "late"]


def test_a_meeting_that_was_put_off_is_still_to_come(cast: Cast, round_: MonthRound) -> None:
    later = dt.datetime.combine(round_.meeting_on, dt.time(9), MEETING.tzinfo)
    later += dt.timedelta(days=15)
    assert say(part(round_, cast.branch_a), cast.leader, now=later).verdict == "good"
    assert say(part(round_, cast.branch_b), cast.leader, now=later).verdict == "good"


# -- decisions --------------------------------------------------------------------------------


def test_a_decision_has_an_owner_and_a_day_and_opens_the_next_meeting(
    cast: Cast, round_: MonthRound
) -> None:
    address = reverse("evaluations:meeting-decide", args=[round_.pk])
    typed = {
        "decision-text": "党课讲稿统一备案",
        "decision-owner": "",
        "decision-due_on": "2017-07-24",
        "decision-client_key": "6f1c2a34-0000-4000-8000-000000000001",
    }
    with time_machine.travel(MEETING, tick=False):
        leader = client_of(cast.leader)
        answer = leader.post(address, typed)
        assert answer.status_code == 400
        assert "请写明谁来办" in answer.content.decode()
        assert "党课讲稿统一备案" in answer.content.decode()
        for _press in range(2):
            assert leader.post(address, {**typed, "decision-owner": "党群部"}).status_code == 302
    decision = MeetingDecision.objects.get()
    assert decision.due_on == dt.date(2017, 7, 24)
    with pytest.raises(DomainError, match="期限不能早于今天"):
        meetings.decide(
            round_id=round_.pk,
            participant_id=None,
            text="x",
            owner="y",
            due_on=dt.date(2017, 7, 9),
            client_key=UUID(int=2),
            actor=cast.leader,
            now=MEETING,
        )
    with time_machine.travel(MEETING, tick=False):
        start = reverse("evaluations:meeting", args=[round_.pk])
        minutes_of = reverse("evaluations:meeting-minutes", args=[round_.pk])
        for address in (start, minutes_of):
            assert "逾期未办" not in leader.get(address).content.decode()
            with time_machine.travel(at(7, 25), tick=False):
                later = client_of(cast.leader).get(address)
                assert "逾期未办" in later.content.decode()
        close = reverse("evaluations:meeting-close-decision", args=[round_.pk, decision.pk])
        assert leader.post(close, {"result": ""}).status_code == 400
        assert leader.post(close, {"result": "26个支部已备案"}).status_code == 302
        decision.refresh_from_db()
        assert decision.result == "26个支部已备案"
        minutes = leader.get(reverse("evaluations:meeting-minutes", args=[round_.pk]))
        assert "26个支部已备案" in minutes.content.decode()


# -- the appraisals ---------------------------------------------------------------------------


def test_full_time_and_part_time_are_appraised_by_their_own_rubrics(
    cast: Cast, round_: MonthRound
) -> None:
    tables = {table.mode: table for table in mode_tables(appraisals(round_, cast.leader))}
    assert set(tables) == {"full_time", "part_time"}
    assert tables["full_time"].items[0].full == 50
    assert tables["part_time"].items[0].full == 35
    assert tables["part_time"].items[1].name == "所在单位业务绩效"


def test_a_record_before_the_end_changes_the_appraisal(cast: Cast, round_: MonthRound) -> None:
    participant = part(round_, cast.branch_a)
    assert participant.secretary_mode == "full_time"
    before = item_of(round_, participant, cast.leader, "S4")
    assert "谈心谈话0次" in before.reasons[0]
    for day in (12, 13):
        Talk.objects.create(
            branch=cast.branch_a,
            held_on=dt.date(2017, 6, day),
            speaker=cast.person(cast.secretary_a),
            listener=cast.person(cast.deputy_a),
            points="近况",
            created_at=at(6, day),
        )
    assert item_of(round_, participant, cast.leader, "S4").taken == 0


def test_what_only_a_person_knows_is_entered_once_and_corrected(
    cast: Cast, round_: MonthRound
) -> None:
    participant = part(round_, cast.branch_b)
    officer = client_of(cast.officer)
    address = reverse("evaluations:appraisal-enter", args=[round_.pk, participant.pk, "rating"])
    answer = officer.post(address, {"rating-marks": "120"})
    assert answer.status_code == 400
    assert "得分在0到100之间" in answer.content.decode()
    for marks in ("88", "90"):
        assert officer.post(address, {"rating-marks": marks}).status_code == 302
    assert AppraisalInput.objects.get().marks == 90
    trail = AuditEntry.objects.filter(code="appraisal.entered").order_by("pk")
    assert [entry.before["rating"] for entry in trail][1:] == ["88.00"]
    assert client_of(cast.secretary_b).post(address, {"rating-marks": "99"}).status_code == 404


def test_everybody_sees_his_own_and_nobody_elses(cast: Cast, round_: MonthRound) -> None:
    ours = reverse("evaluations:appraisal", args=[round_.pk, part(round_, cast.branch_a).pk])
    for user, status in (
        (cast.secretary_a, 200),
        (cast.leader, 200),
        (cast.officer, 200),
        (cast.deputy_a, 404),
        (cast.secretary_b, 404),
        (cast.employee, 404),
        (cast.officer_elsewhere, 404),
    ):
        assert client_of(user).get(ours).status_code == status
    index = client_of(cast.secretary_a).get(reverse("evaluations:appraisal-index"))
    assert ours in index.content.decode()
    month = reverse("evaluations:appraisals", args=[round_.pk])
    assert client_of(cast.secretary_a).get(month).status_code == 404


def test_queries_do_not_grow_with_the_secretaries(cast: Cast, round_: MonthRound) -> None:
    one = part(round_, cast.branch_a).pk
    with CaptureQueriesContext(
        connection,
    ) as few:
        appraisals(round_, cast.leader, only=one)
    with CaptureQueriesContext(connection) as many:
        appraisals(round_, cast.leader)
    assert len(many) <= len(few) + 2  # the other mode's rubric and its items


def test_a_fault_of_many_branches_becomes_a_departments_action(
    cast: Cast, round_: MonthRound, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evaluations.selectors.bulletins import SharedProblem
    from evaluations.views import meetings as views

    problem = SharedProblem("production", "生产（服务）型", "A3", "党课", "没有讲稿", 5, 13)
    monkeypatch.setattr(views, "shared_problems", lambda _round: [problem])
    address = reverse("evaluations:meeting", args=[round_.pk])
    leader = client_of(cast.leader)
    assert "5 / 13" in leader.get(address).content.decode()
    form = leader.get(address, {"about": "0"}).context["decision_form"]
    assert form.initial["text"] == "共性问题“党课”（生产（服务）型5个支部）查原因、补制度"
    for wrong in ("7", "x", "-1", ""):
        assert leader.get(address, {"about": wrong}).context["decision_form"].initial["text"] == ""


def test_the_bulletin_says_which_department_acts_on_a_shared_problem(
    cast: Cast, round_: MonthRound, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evaluations.selectors import bulletins

    monkeypatch.setattr(bulletins, "MIN_SHARED", 1)
    problems = bulletins.shared_problems(round_)
    assert problems
    assert not any(problem.action for problem in problems)
    leader = client_of(cast.leader)
    start = reverse("evaluations:meeting", args=[round_.pk])
    page = leader.get(start, {"about": "0"})
    initial = page.context["decision_form"].initial
    leader.post(
        reverse("evaluations:meeting-decide", args=[round_.pk]),
        {
            "decision-text": initial["text"],
            "decision-owner": "组织科",
            "decision-due_on": initial["due_on"].isoformat(),
            "decision-branch_type": initial["branch_type"],
            "decision-item_code": initial["item_code"],
        },
    )
    told = {(p.branch_type, p.code): p.action for p in bulletins.shared_problems(round_)}
    words = told[initial["branch_type"], initial["item_code"]]
    assert words.startswith("例会已定由组织科在")
    assert words in leader.get(start).content.decode()
    bulletin = reverse("evaluations:bulletin", args=[round_.pk])
    assert words in leader.get(bulletin).content.decode()
