"""What the wall shows beside the branches, and what a meeting must not lose or double."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluations.models import (
    AppraisalInput,
    Deduction,
    Finding,
    FindingEvent,
    MeetingComment,
    MeetingDecision,
    MonthRound,
    RoundParticipant,
)
from evaluations.selectors.appraisals import appraisals
from evaluations.selectors.bulletins import SharedProblem
from evaluations.selectors.meeting_wall import QUIET, sheets_of
from evaluations.selectors.meetings import (
    Agenda,
    DecisionLine,
    Stop,
    _improvements,
    agenda,
    screen,
)
from evaluations.services import meetings
from portal.kernel import navigation
from portal.kernel.errors import DomainError
from tests.cast import Cast
from tests.notices.scene import Provisional, Published, at

pytestmark = pytest.mark.usefixtures("on")

MEETING = at(7, 10, 9)
NEXT_MEETING = at(8, 10, 9)


@pytest.fixture
def round_(published: Published) -> MonthRound:
    found: MonthRound = (
        MonthRound.objects.select_related("policy")
        .with_runs()
        .get(pk=published.notice.run.round_id)
    )
    return found


def part(round_: MonthRound, branch: Any) -> RoundParticipant:
    return RoundParticipant.objects.get(round=round_, branch=branch)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def decided(round_: MonthRound, actor: Any, key: int, **more: Any) -> MeetingDecision:
    values = {
        "participant_id": None,
        "text": f"第{key}件",
        "owner": "党群部",
        "due_on": dt.date(2017, 7, 24),
        "now": MEETING,
        **more,
    }
    return meetings.decide(round_id=round_.pk, client_key=UUID(int=key), actor=actor, **values)


def july(round_: MonthRound) -> MonthRound:
    """The month after, published with nothing in it."""
    found: MonthRound = MonthRound.objects.get(pk=round_.pk)
    found.pk, found.month, found.status = None, dt.date(2017, 7, 1), "published"
    found.save(force_insert=True)
    return found


# -- many decisions ---------------------------------------------------------------------------


LONG = "逐条对照考评细则检查，查出的问题当月销号，下月例会报告办理情况；" * 5


def test_many_decisions_are_turned_page_by_page_and_none_is_left_out(
    cast: Cast, round_: MonthRound
) -> None:
    for key in range(1, 25):
        decided(round_, cast.leader, key)
    leader = client_of(cast.leader)
    closing = reverse("evaluations:meeting-closing", args=[round_.pk])
    first, second = (leader.get(f"{closing}?sheet={n}").context for n in (1, 2))
    shown = [line.decision.text for page in (first, second) for line in page["sheet"].lines]
    assert shown == [f"第{key}件" for key in range(1, 25)]
    assert first["after"].url == second["here"] + "?sheet=2"
    assert second["before"].url == f"{closing}?sheet=1"
    assert first["before"].url != closing  # back to the last branch
    assert second["after"] is None
    for astray in ("0", "99", "x", "-1"):
        assert leader.get(closing, {"sheet": astray}).status_code == 200


@pytest.mark.parametrize(
    ("number", "text", "screens"),
    [
        (0, "", [0]),
        (3, "党课讲稿统一备案", [3]),
        (8, "党课讲稿统一备案", [8]),
        (16, "党课讲稿统一备案", [16]),
        (17, "党课讲稿统一备案", [16, 1]),
        (4, LONG[:150], [4]),
        (9, LONG[:150], [4, 4, 1]),
    ],
)
def test_a_screen_takes_as_many_decisions_as_their_words_allow(
    number: int, text: str, screens: list[int]
) -> None:
    decision = MeetingDecision(text=text, owner="党群部", due_on=dt.date(2017, 7, 24))
    sheets = sheets_of([DecisionLine(decision, True)] * number, densest=QUIET)
    assert [len(sheet.lines) for sheet in sheets] == screens


def test_shared_problems_take_a_screen_of_their_own_where_there_is_no_room() -> None:
    decision = MeetingDecision(text="备案", owner="党群部", due_on=dt.date(2017, 7, 24))
    shared = [
        SharedProblem("production", "生产（服务）型", "F1", "党费收缴", "未按期公示", 9, 13)
    ] * 4
    few, many = (sheets_of([DecisionLine(decision, True)] * n, shared) for n in (3, 9))
    assert [(len(s.lines), len(s.shared)) for s in few] == [(3, 4)]
    assert [(len(s.lines), len(s.shared)) for s in many] == [(9, 0), (0, 4)]


# -- the last meeting's decisions, boards, facts, trend --------------------------------------


def test_last_months_decisions_open_the_meeting_done_or_not(cast: Cast, round_: MonthRound) -> None:
    decided(round_, cast.leader, 1)
    done = decided(round_, cast.leader, 2)
    meetings.close_decision(
        decision_id=done.pk, result="已备案26个", actor=cast.leader, now=at(7, 20)
    )
    after = july(round_)
    with time_machine.travel(NEXT_MEETING, tick=False):
        wall = client_of(cast.leader).get(reverse("evaluations:meeting-opening", args=[after.pk]))
    text = wall.content.decode()
    assert [line.decision.text for line in wall.context["agenda"].earlier] == ["第1件", "第2件"]
    for said in ("2 件，1 件还没办完", "逾期未办", "已备案26个"):
        assert said in text


def test_the_closing_screen_opened_later_says_what_is_overdue(
    cast: Cast, round_: MonthRound
) -> None:
    for number in range(1, 11):
        decided(round_, cast.leader, number)
    address = reverse("evaluations:meeting-closing", args=[round_.pk])
    for when, late in ((MEETING, 0), (NEXT_MEETING, 10)):
        with time_machine.travel(when, tick=False):
            text = client_of(cast.leader).get(address).content.decode()
        assert text.count("逾期未办") == late
        assert ("is-quiet" in text) is not bool(late)  # room for the word only where it is needed


def test_the_board_of_a_type_shows_level_and_improvement_side_by_side(
    cast: Cast, round_: MonthRound
) -> None:
    leader = client_of(cast.leader)
    found = agenda(round_, cast.leader)
    for board in found.boards:
        page = leader.get(
            reverse("evaluations:meeting-board", args=[round_.pk, board.number])
        ).content.decode()
        assert "水平榜" in page
        assert "进步榜" in page
        for stop in found.stops:
            assert (f"<b>{stop.line.branch_name}</b>" in page) == (stop in board.stops)
    beyond = reverse("evaluations:meeting-board", args=[round_.pk, len(found.boards) + 1])
    assert leader.get(beyond).status_code == 404


def test_who_rose_beyond_the_error_is_named_and_who_fell_is_not(
    cast: Cast, round_: MonthRound
) -> None:
    def moved(stop: Stop, before: str, *, sure: bool = True) -> Stop:
        standing: Any = SimpleNamespace(total=Decimal("90.0"), previous_total=Decimal(before))
        return replace(stop, line=replace(stop.line, standing=standing), is_clear=sure)

    found = agenda(round_, cast.leader)
    a, b, c, *_rest = found.stops
    stops = [moved(a, "88.0"), moved(b, "91.0"), moved(c, "85.0", sure=False), moved(a, "87.0")]
    risen = _improvements(stops)
    # The third rose most, but within the error of both months.
    assert [one.rise for one in risen] == [Decimal("3.0"), Decimal("2.0")]
    assert not found.has_risen  # the first month has nobody to compare with


def test_a_matter_says_the_fact_and_what_it_costs_the_score(cast: Cast, round_: MonthRound) -> None:
    found: Agenda = agenda(round_, cast.leader)
    stop = found.stop_of(part(round_, cast.branch_a).pk)
    assert stop is not None
    matters = screen(found, stop).matters
    assert "6月14日两名党员安全帽下颏带未系好" in [m.fact for m in matters]
    taken = Deduction.objects.get(fact="6月14日两名党员安全帽下颏带未系好").points
    assert next(m.taken for m in matters if "下颏带" in m.fact) == -taken
    assert sorted(m.taken for m in matters) == [m.taken for m in matters]


def test_a_text_is_cut_only_where_the_wall_is_full(cast: Cast, round_: MonthRound) -> None:
    found = agenda(round_, cast.leader)
    shown = screen(found, found.stop_of(part(round_, cast.branch_a).pk))  # type: ignore[arg-type]
    matter = shown.matters[0]

    def said(*lengths: int, good: int = 0) -> Any:
        matters = [replace(matter, fact="字" * length) for length in lengths]
        return replace(shown, matters=matters, highlight="好" * good, notices=[])

    assert said(28, 28, 28).density == ""
    assert said(100).density == ""  # four lines, and nothing else to say
    closer = said(50, 50, 50, good=40)  # two lines each: whole, where the rows stand closer
    assert closer.density == "full"
    assert closer.lines >= 2
    longest = said(300, 300, 300, good=300)
    assert (longest.density, longest.lines) == ("full", 2)


def test_the_branchs_own_words_are_shown_to_the_last(cast: Cast, round_: MonthRound) -> None:
    participant = part(round_, cast.branch_a)
    words = "夜间抢修" * 70 + "到此为止"
    meetings.say_own_words(
        participant_id=participant.pk, text=words, actor=cast.secretary_a, now=MEETING
    )
    page = client_of(cast.leader).get(
        reverse("evaluations:meeting-screen", args=[round_.pk, participant.pk])
    )
    assert words in page.content.decode()


def test_a_long_meeting_costs_no_more_queries(cast: Cast, round_: MonthRound) -> None:
    leader = client_of(cast.leader)
    own = part(round_, cast.branch_a)
    pages = [
        reverse("evaluations:meeting-board", args=[round_.pk, 1]),
        reverse("evaluations:meeting-screen", args=[round_.pk, own.pk]),
        reverse("evaluations:meeting-closing", args=[round_.pk]),
    ]

    def asked() -> list[int]:
        found = []
        for page in pages:
            leader.get(page)
            with CaptureQueriesContext(connection) as queries:
                leader.get(page)
            found.append(len(queries))
        return found

    few = asked()
    for key in range(1, 4):
        decided(round_, cast.leader, key, participant_id=own.pk)
    for participant in round_.participants.filter(is_exempt=False).exclude(
        branch=cast.office_three
    ):
        MeetingComment.objects.create(round=round_, participant=participant, verdict="good")
    assert asked() == few


# -- nothing lost, nothing doubled --------------------------------------------------------------


def test_words_are_kept_before_a_verdict_and_give_none(cast: Cast, round_: MonthRound) -> None:
    participant = part(round_, cast.branch_a)
    leader = client_of(cast.leader)
    address = reverse("evaluations:meeting-comment", args=[round_.pk, participant.pk])
    assert (
        leader.post(address, {"verdict": "", "version": "1", "text": "抢修有力"}).status_code == 302
    )
    said = MeetingComment.objects.get()
    assert (said.verdict, said.text, said.version) == ("", "抢修有力", 2)
    (row,) = appraisals(round_, cast.leader, only=participant.pk)
    assert next(i for i in row.appraisal.items if i.code == "S9").waits_for
    leader.post(address, {"verdict": "good", "version": "2", "text": "抢修有力"})
    leader.post(address, {"verdict": "", "version": "3", "text": "抢修有力，党课要补"})
    said.refresh_from_db()
    assert (said.verdict, said.text) == ("good", "抢修有力，党课要补")
    with pytest.raises(DomainError, match="请选好"):
        meetings.comment_secretary(
            participant_id=participant.pk,
            verdict="",
            text=" ",
            version=4,
            actor=cast.leader,
            now=MEETING,
        )


def test_of_two_at_once_the_second_reads_the_firsts_words_and_keeps_his_own(
    cast: Cast, round_: MonthRound
) -> None:
    participant = part(round_, cast.branch_a)
    address = reverse("evaluations:meeting-comment", args=[round_.pk, participant.pk])
    first = {"verdict": "fairly_good", "version": "1", "text": "抢修有力"}
    assert client_of(cast.leader).post(address, first).status_code == 302
    second = {"verdict": "average", "version": "1", "text": "党课要补"}
    page = client_of(cast.officer).post(address, second)
    assert page.status_code == 409
    assert "现在写的是：较好，抢修有力" in page.content.decode()
    assert page.context["words"] == "党课要补"
    by_key = client_of(cast.officer).post(address, second, headers={"Accept": "application/json"})
    assert "现在写的是：较好，抢修有力" in by_key.json()["detail"]
    assert by_key.json()["version"] == 2
    assert MeetingComment.objects.get().text == "抢修有力"


def test_who_stands_back_decides_nothing_about_his_branch_and_strikes_nothing_off(
    cast: Cast, round_: MonthRound
) -> None:
    own = part(round_, cast.office_three)
    with pytest.raises(PermissionDenied):
        decided(round_, cast.officer, 1, participant_id=own.pk)
    decision = decided(round_, cast.leader, 2, participant_id=own.pk)
    with pytest.raises(PermissionDenied):
        meetings.close_decision(
            decision_id=decision.pk, result="办了", actor=cast.officer, now=MEETING
        )
    officer = client_of(cast.officer)
    screen_ = officer.get(reverse("evaluations:meeting-screen", args=[round_.pk, own.pk]))
    assert "decide/" not in screen_.content.decode()
    wall = client_of(cast.leader).get(
        reverse("evaluations:meeting-screen", args=[round_.pk, own.pk])
    )
    assert "党群部所在支部，党群部同志回避" in wall.content.decode()
    start = officer.get(reverse("evaluations:meeting", args=[round_.pk])).content.decode()
    assert decision.text in start
    assert start.count("您须回避") == 1  # one branch on the agenda is his own
    assert f"decisions/{decision.pk}/close/" not in start
    assert (
        f"decisions/{decision.pk}/close/"
        in client_of(cast.leader)
        .get(reverse("evaluations:meeting", args=[round_.pk]))
        .content.decode()
    )


def test_who_strikes_off_second_reads_what_was_written_and_keeps_his_own(
    cast: Cast, round_: MonthRound
) -> None:
    decision = decided(round_, cast.leader, 1)
    close = reverse("evaluations:meeting-close-decision", args=[round_.pk, decision.pk])
    with time_machine.travel(MEETING, tick=False):
        officer = client_of(cast.officer)
        for _press in range(2):
            assert client_of(cast.leader).post(close, {"result": "已备案"}).status_code == 302
        page = officer.post(close, {"result": "备案了26个"})
        assert page.status_code == 409
        assert "写的是：已备案" in page.content.decode()
        assert "备案了26个" in page.content.decode()
        assert officer.post(close, {"result": "x" * 201}).status_code == 409
    decision.refresh_from_db()
    assert decision.result == "已备案"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("text", "", "请写明要办什么"),
        ("text", "x" * 201, "200"),
        ("text", "x\x00y", "空字符"),
        ("owner", "", "请写明谁来办"),
        ("owner", "党" * 41, "40"),
        ("due_on", "", "请写明什么时候办完"),
        ("due_on", "2017-02-30", "日期"),
        ("due_on", "99999-01-01", "日期"),
        ("due_on", "2017-07-01", "期限不能早于今天"),
    ],
)
def test_a_decision_that_does_not_fit_says_why_and_keeps_the_rest(
    cast: Cast, round_: MonthRound, field: str, value: str, said: str
) -> None:
    typed = {"text": "党课讲稿统一备案🙂", "owner": "组织科", "due_on": "2017-07-24", field: value}
    address = reverse(
        "evaluations:meeting-decide-branch", args=[round_.pk, part(round_, cast.branch_a).pk]
    )
    with time_machine.travel(MEETING, tick=False):
        page = client_of(cast.leader).post(
            address, {f"decision-{name}": text for name, text in typed.items()}
        )
    assert page.status_code == 400
    text = page.content.decode()
    assert said in text
    for name, kept in typed.items():
        if name != field:
            assert f'value="{kept}"' in text
    assert not MeetingDecision.objects.exists()


@pytest.mark.parametrize(
    "marks", ["", "x", "-1", "101", "1e400", "NaN", "9" * 60, "９２．５１２", "\x00"]
)
def test_marks_that_do_not_fit_are_refused_in_a_sentence(
    cast: Cast, round_: MonthRound, marks: str
) -> None:
    address = reverse(
        "evaluations:appraisal-enter", args=[round_.pk, part(round_, cast.branch_b).pk, "rating"]
    )
    page = client_of(cast.officer).post(address, {"rating-marks": marks})
    assert page.status_code == 400
    assert "field-error" in page.content.decode()
    assert not AppraisalInput.objects.exists()


@pytest.mark.parametrize("pk", [2**63, 10**30, 0])
def test_a_meeting_that_is_not_there_is_not_found(cast: Cast, pk: int) -> None:
    leader = client_of(cast.leader)
    for name in ("meeting", "meeting-opening", "meeting-closing", "meeting-minutes", "appraisals"):
        assert leader.get(f"/{_path(name)}".replace("PK", str(pk))).status_code == 404
    assert leader.get(f"/meetings/{pk}/boards/{pk}/").status_code == 404
    assert leader.get(f"/appraisals/{pk}/{pk}/").status_code == 404


def _path(name: str) -> str:
    if name == "appraisals":
        return "appraisals/PK/"
    return f"meetings/PK/{name.removeprefix('meeting').removeprefix('-')}/".replace("//", "/")


# -- the appraisal while the month runs ------------------------------------------------------------


def owed(round_: MonthRound, cast: Cast, today: dt.date | None) -> list[str]:
    (row,) = appraisals(round_, cast.leader, only=part(round_, cast.branch_a).pk, today=today)
    item = next(i for i in row.appraisal.items if i.name.startswith("整改"))
    return [reason for reason in item.reasons if reason.startswith("逾期")]


def test_a_finding_is_overdue_only_when_its_day_is_over(
    cast: Cast, provisional: Provisional
) -> None:
    finding = provisional.finding(provisional.themed_day)
    Finding.objects.filter(branch=cast.branch_a).exclude(pk=finding.pk).update(
        due_on=dt.date(2017, 9, 1)
    )
    Finding.objects.filter(pk=finding.pk).update(due_on=dt.date(2017, 6, 29))
    round_ = MonthRound.objects.select_related("policy").with_runs().get(pk=provisional.round.pk)
    assert owed(round_, cast, dt.date(2017, 6, 29)) == []
    assert len(owed(round_, cast, dt.date(2017, 6, 30))) == 1
    assert len(owed(round_, cast, None)) == 1


def test_a_finding_struck_off_by_an_appeal_was_never_owed(
    cast: Cast, provisional: Provisional
) -> None:
    finding = provisional.finding(provisional.themed_day)
    Finding.objects.filter(branch=cast.branch_a).exclude(pk=finding.pk).update(
        due_on=dt.date(2017, 9, 1)
    )
    Finding.objects.filter(pk=finding.pk).update(
        due_on=dt.date(2017, 6, 29), status="verified", verified_at=at(7, 3)
    )
    FindingEvent.objects.create(finding=finding, step="strike_off", at=at(7, 3), note="申诉成立")
    round_ = MonthRound.objects.select_related("policy").with_runs().get(pk=provisional.round.pk)
    assert owed(round_, cast, None) == []
    assert Decimal(0) == sum(
        (i.taken or Decimal(0))
        for i in appraisals(round_, cast.leader, only=part(round_, cast.branch_a).pk)[
            0
        ].appraisal.items
        if i.name.startswith("整改")
    )


def test_what_the_machinery_says_is_not_said_to_the_room(
    round_: MonthRound, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A silent sweep is told to whoever opens the meeting, not thrown on the wall."""
    monkeypatch.setattr(navigation, "_alarms", {"sweep": lambda user: "定时任务没有运行。"})
    client = client_of(cast.officer)
    start, wall = (
        client.get(reverse(f"evaluations:{name}", args=[round_.pk])).content.decode()
        for name in ("meeting", "meeting-opening")
    )
    assert "data-alarm" in start
    assert "data-alarm" not in wall
    assert "data-offline" in wall
