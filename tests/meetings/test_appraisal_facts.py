"""Where an appraisal's facts come from: records, inspections, visits; and who is asked to speak."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Value
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import Absence, Activity, Branch, Person, Talk
from evaluations.appraisal import Item, ItemResult
from evaluations.models import MonthRound, RoundParticipant
from evaluations.selectors.appraisals import appraisals
from evaluations.selectors.meeting_todo import meeting_todo
from evaluations.services import appeals, meetings
from portal.kernel.marks import one_decimal
from tests.cast import Cast
from tests.notices.scene import Provisional, Published, at

pytestmark = pytest.mark.usefixtures("on")


def month_of(provisional: Provisional) -> MonthRound:
    found: MonthRound = (
        MonthRound.objects.select_related("policy", "committee")
        .with_runs()
        .get(pk=provisional.round.pk)
    )
    return found


def item(
    cast: Cast, provisional: Provisional, code: str, branch: Branch | None = None
) -> ItemResult:
    """``code`` on the appraisal of a branch's secretary (default: branch A)."""
    round_ = month_of(provisional)
    participant = RoundParticipant.objects.get(round=round_, branch=branch or cast.branch_a)
    (row,) = appraisals(round_, cast.leader, only=participant.pk)
    return next(one for one in row.appraisal.items if one.code == code)


def activity(cast: Cast, day: int, chair: Any, *, written: int, duty: str) -> Activity:
    made = Activity.objects.create(
        branch=cast.branch_a,
        subject="研究本月党建工作",
        held_on=dt.date(2017, 6, day),
        place="会议室",
        chair=cast.person(chair),
        recorder=cast.person(cast.deputy_a),
        agenda="议题",
        expected_count=10,
        present_count=9,
        created_by=cast.deputy_a,
        created_at=at(6, written),
        updated_by=cast.deputy_a,
        updated_at=at(6, written),
    )
    made.ticks.create(duty=duty)
    return made


def test_a_meeting_chaired_by_another_costs_and_a_reasoned_leave_does_not(
    cast: Cast, provisional: Provisional
) -> None:
    activity(cast, 9, cast.secretary_a, written=9, duty="themed_day")
    held = activity(cast, 12, cast.deputy_a, written=12, duty="committee_meeting")
    found = item(cast, provisional, "S2")
    assert found.taken == Decimal("2.5")
    assert found.reasons == ("6月12日研究本月党建工作不是书记主持",)
    Absence.objects.create(
        activity=held, person=cast.person(cast.secretary_a), kind="leave", reason="市公司开会"
    )
    assert item(cast, provisional, "S2").taken == 0


def test_a_meeting_that_was_due_and_never_held_was_not_chaired(
    cast: Cast, provisional: Provisional
) -> None:
    found = item(cast, provisional, "S2")
    assert found.taken == 5
    assert [reason.partition("没有记录")[0] for reason in found.reasons] == [
        "6月支部委员会会议",
        "6月主题党日",
    ]
    activity(cast, 9, cast.secretary_a, written=9, duty="themed_day")
    assert item(cast, provisional, "S2").taken == Decimal("2.5")


def test_while_the_month_runs_only_what_is_overdue_counts(
    cast: Cast, provisional: Provisional
) -> None:
    round_ = month_of(provisional)
    participant = RoundParticipant.objects.get(round=round_, branch=cast.branch_a)

    def taken_on(day: int) -> Decimal | None:
        today = dt.date(2017, 6, day)
        (row,) = appraisals(round_, cast.leader, only=participant.pk, today=today)
        return next(one.taken for one in row.appraisal.items if one.code == "S2")

    assert taken_on(5) == 0
    assert taken_on(29) == Decimal("2.5"), "the themed day of 9 June, while the committee may meet"


def test_ones_own_months_show_what_they_came_to(cast: Cast, published: Published) -> None:
    client = Client()
    client.force_login(cast.secretary_a)
    with CaptureQueriesContext(connection) as asked:
        text = client.get(reverse("evaluations:appraisal-index")).content.decode()
    assert len(asked) <= 8
    round_ = month_of(published.provisional)
    participant = RoundParticipant.objects.get(round=round_, branch=cast.branch_a)
    (row,) = appraisals(round_, cast.leader, only=participant.pk)
    assert f"<b>{one_decimal(row.appraisal.total)}</b>" in text


def test_a_record_later_than_five_working_days_costs_half_a_mark(
    cast: Cast, provisional: Provisional
) -> None:
    activity(cast, 12, cast.secretary_a, written=19, duty="committee_meeting")
    assert item(cast, provisional, "S7").taken == 0
    activity(cast, 13, cast.secretary_a, written=21, duty="themed_day")
    found = item(cast, provisional, "S7")
    assert found.taken == Decimal("0.5")
    assert "6月21日才记" in found.reasons[0]


def test_what_an_appeal_overruled_is_put_down_to_the_team_that_deducted(
    cast: Cast, provisional: Provisional
) -> None:
    appeal = appeals.file_appeal(
        deduction_id=provisional.breaches.pk,
        text="一人系好了",
        actor=cast.secretary_a,
        now=at(7, 3),
    )
    team = provisional.inspection.team
    member = team.members.order_by("pk").values("person_id")[:1]
    sender = RoundParticipant.objects.filter(round=provisional.round, branch=team.branch)
    sender.update(secretary_mode="full_time", secretary_id=member)
    before = item(cast, provisional, "S6", team.branch)
    assert before.reasons == ()
    appeals.decide_appeal(
        appeal_id=appeal.pk,
        uphold=True,
        count_after=1,
        decision="属实",
        actor=cast.officer,
        now=at(7, 3),
    )
    (reason,) = item(cast, provisional, "S6", team.branch).reasons
    assert "复核改判" in reason
    assert item(cast, provisional, "S6").reasons == before.reasons


def test_visits_to_teams_count_once_they_are_plugged_in(
    cast: Cast, provisional: Provisional, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evaluations import team_visits

    assert "staff_visits" in team_visits._sources  # the dashboard plugs the visits in
    assert "深入班组0次" in item(cast, provisional, "S5").reasons[0]
    asked: list[tuple[dt.date, dt.date]] = []

    def source(people: Any, first: dt.date, last: dt.date) -> Any:
        asked.append((first, last))
        found = Person.objects.filter(pk__in=people).order_by()
        return found.values_list("pk", Value(3))

    monkeypatch.setitem(team_visits._sources, "staff_visits", source)
    assert item(cast, provisional, "S5").taken == 1
    assert asked == [(dt.date(2017, 6, 1), dt.date(2017, 6, 30))]


def test_a_talk_belongs_to_the_speakers_month(cast: Cast, provisional: Provisional) -> None:
    Talk.objects.create(
        branch=cast.branch_a,
        held_on=dt.date(2017, 7, 1),
        speaker=cast.person(cast.secretary_a),
        listener=cast.person(cast.deputy_a),
        points="近况",
        created_at=at(7, 1),
    )
    assert item(cast, provisional, "S4").taken == 4


def test_only_what_is_far_below_full_is_pointed_at() -> None:
    def result(marks: str) -> ItemResult:
        one = Item("S8", "整改闭环", Decimal(10))
        return ItemResult(one.code, one.name, one.full, Decimal(marks))

    assert [result(marks).is_low for marks in ("10", "6.0", "5.99", "0")] == [
        *(False, False),
        *(True, True),
    ]


def test_the_secretary_is_asked_for_his_words_until_the_meeting(
    cast: Cast, published: Published
) -> None:
    round_ = month_of(published.provisional)
    users = [cast.secretary_a, cast.deputy_a, cast.officer]

    def asked(today: dt.date) -> set[int]:
        return {
            user
            for user, items in meeting_todo(users, today).items()
            if any("支部自己说" in one.title for one in items)
        }

    eve = round_.meeting_on - dt.timedelta(days=1)
    assert asked(eve) == {cast.secretary_a.pk}
    assert asked(round_.meeting_on + dt.timedelta(days=1)) == set()
    participant = RoundParticipant.objects.get(round=round_, branch=cast.branch_a)
    meetings.say_own_words(
        participant_id=participant.pk, text="夜间抢修", actor=cast.secretary_a, now=at(7, 6)
    )
    assert asked(eve) == set()
