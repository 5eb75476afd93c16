"""The calendar feed: what stands in it, what never does, and whose address it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import icalendar
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from evaluations.models import MonthRound
from evaluations.services import notices, overdue
from feedback.services import sessions
from portal.notifications.feed import feed, items_for
from portal.notifications.models import CalendarFeed, InboxMessage
from portal.notifications.services import close_feed, renew_feed
from tests.cast import Cast
from tests.notices.scene import Published, at

pytestmark = pytest.mark.usefixtures("on")


def events_of(user: Any, now: dt.datetime) -> dict[str, Any]:
    calendar = icalendar.Calendar.from_ical(feed(user, now))
    return {str(event["summary"]): event for event in calendar.walk("VEVENT")}


@pytest.fixture
def served(cast: Cast, published: Published) -> Published:
    notices.check_and_issue(notice_id=published.notice.pk, actor=cast.leader, now=at(7, 5, 11))
    return published


def test_a_secretary_has_her_deadlines_and_the_meeting(cast: Cast, served: Published) -> None:
    found = events_of(cast.secretary_a, at(7, 5, 12))
    sign = found["签收整改通知书泉电党整〔2017〕1号"]
    assert sign["dtstart"].dt == dt.date(2017, 7, 7)
    assert str(sign["url"]).endswith(f"/rectification/notices/{served.notice.pk}/")
    meeting = found["2017年6月月度例会（市公司党委）"]
    assert meeting["dtstart"].dt == MonthRound.objects.get(month="2017-06-01").meeting_on


def test_what_was_found_is_never_told(cast: Cast, served: Published) -> None:
    text = feed(cast.secretary_a, at(7, 5, 12)).decode()
    plain = text.replace("\r\n ", "")
    found = list(served.notice.branch.findings.select_related("item", "branch"))
    # Which of the eight it is: branch and item, without what was found.
    about = [f"整改：{f.branch.label}，{f.item.code} {f.item.name}" for f in found]
    assert any(f"SUMMARY:{line}\r\n" in plain for line in about)
    for finding in found:
        assert finding.fact[:6] not in plain


def test_alarms_ring_at_nine_on_a_working_day(cast: Cast, served: Published) -> None:
    MonthRound.objects.filter(month="2017-06-01").update(meeting_on=dt.date(2017, 7, 9))
    sunday = events_of(cast.secretary_a, at(7, 5, 12))["2017年6月月度例会（市公司党委）"]
    (alarm,) = sunday.walk("VALARM")
    assert alarm["trigger"].dt == at(7, 7, 9).astimezone(dt.UTC)


def test_a_moved_day_keeps_its_name(cast: Cast, served: Published) -> None:
    before = events_of(cast.secretary_a, at(7, 5, 12))["2017年6月月度例会（市公司党委）"]["uid"]
    MonthRound.objects.filter(month="2017-06-01").update(meeting_on=dt.date(2017, 7, 11))
    after = events_of(cast.secretary_a, at(7, 5, 12))["2017年6月月度例会（市公司党委）"]
    assert after["uid"] == before
    assert after["dtstart"].dt == dt.date(2017, 7, 11)


def test_the_themed_day_is_the_members_too(cast: Cast) -> None:
    cast.branch_a.themed_day_rule = "每月第二个周五"
    cast.branch_a.save()
    user = cast.secretary_a
    days = [i.day for i in items_for(user, dt.date(2017, 6, 1)) if i.title.startswith("主题党日")]
    assert dt.date(2017, 6, 9) in days
    assert dt.date(2017, 7, 14) in days
    others = [i for i in items_for(cast.secretary_b, dt.date(2017, 6, 1)) if "配电运检" in i.title]
    assert not others


def test_the_address_is_the_key_and_a_new_one_locks_the_old(cast: Cast, served: Published) -> None:
    first = renew_feed(user=cast.secretary_a, now=at(7, 5)).token
    with time_machine.travel(at(7, 5, 12), tick=False):
        answer = Client().get(reverse("notifications:feed", args=[first]))
        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/calendar"
        second = renew_feed(user=cast.secretary_a, now=at(7, 6)).token
        assert Client().get(reverse("notifications:feed", args=[first])).status_code == 404
        cast.secretary_a.is_active = False
        cast.secretary_a.save()
        assert Client().get(reverse("notifications:feed", args=[second])).status_code == 404
    close_feed(user=cast.secretary_a, now=at(7, 7))
    close_feed(user=cast.secretary_a, now=at(7, 7))
    assert not CalendarFeed.objects.exists()


def test_the_page_makes_shows_and_stops_it(cast: Cast, served: Published) -> None:
    client = Client()
    with time_machine.travel(at(7, 5, 12), tick=False):
        client.force_login(cast.secretary_a)
        url = reverse("notifications:calendar")
        assert "生成订阅地址" in client.get(url).content.decode()
        client.post(reverse("notifications:calendar-renew"))
        page = client.get(url).content.decode()
        assert CalendarFeed.objects.get().token in page
        assert "月度例会" in page
        client.post(reverse("notifications:calendar-close"))
        assert "生成订阅地址" in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("now", "rings"),
    [
        (at(7, 13, 0), False),  # just after midnight
        (at(7, 13, 8, 29), False),
        (at(7, 13, 8, 30), True),
        (at(7, 13, 17, 30), False),
        (at(7, 15, 10), False),  # a Saturday
        (at(7, 17, 10), True),
    ],
)
def test_reminders_come_in_working_hours(
    cast: Cast, served: Published, now: dt.datetime, rings: bool
) -> None:
    overdue.remind_in_working_hours(now)
    told = InboxMessage.objects.filter(key__startswith="notice-overdue:", user=cast.secretary_a)
    assert told.exists() is rings


def test_deadlines_reception_days_and_themed_days_are_in_one_feed(
    cast: Cast, served: Published
) -> None:
    """The three that a secretary looks for, and a reception day only once it is announced."""
    cast.branch_a.themed_day_rule = "每月第二个周五"
    cast.branch_a.save()
    session = sessions.plan_session(
        committee=cast.city,
        values=sessions.SessionValues(
            held_on=dt.date(2017, 7, 20),
            starts_at=dt.time(9, 0),
            ends_at=dt.time(11, 0),
            place="办公楼二楼",
            leader=cast.person(cast.leader),
            leader_title="党委书记",
        ),
        actor=cast.officer,
        now=at(7, 5),
    )
    titles = set(events_of(cast.secretary_a, at(7, 5, 12)))
    assert not any("党委书记" in title for title in titles)
    sessions.announce(session_id=session.pk, actor=cast.officer, now=at(7, 5))
    found = events_of(cast.secretary_a, at(7, 5, 12))
    (reception,) = [event for title, event in found.items() if "党委书记" in title]
    assert reception["dtstart"].dt == at(7, 20, 9)
    assert "签收整改通知书泉电党整〔2017〕1号" in found
    assert any(title.startswith("主题党日") for title in found)
