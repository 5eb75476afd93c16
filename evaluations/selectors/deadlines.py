"""Deadlines and standings in words: icon, word and days, the same on every page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from evaluations.lifecycles import AppealStatus, FindingStatus, NoticeStatus
from evaluations.models import Finding, RectificationNotice, ScoreAppeal
from portal.kernel.months import SHANGHAI
from portal.kernel.ui import Event, State, Status
from portal.workdays import services as workdays

SOON_WORKDAYS = 2


def days_left(due_on: dt.date, today: dt.date) -> tuple[State, str]:
    """("late", "逾期 3 天"), ("soon", "今天到期"), ("soon", "剩 1 个工作日"), ("idle", …)."""
    if today > due_on:
        return "late", _("逾期 %(days)d 天") % {"days": (today - due_on).days}
    left = workdays.workdays_between(today, due_on)
    if left == 0:
        return "soon", _("今天到期")
    state: State = "soon" if left <= SOON_WORKDAYS else "idle"
    return state, _("剩 %(days)d 个工作日") % {"days": left}


def deadline_event(day: dt.date, name: str, today: dt.date) -> Event:
    """A deadline on a timeline: dashed while it is to come, late once it has passed."""
    if day < today:
        return Event(day, _("%(name)s（已过）") % {"name": name}, state="late")
    return Event(day, name, is_promised=True)


def newest_first(events: Iterable[Event]) -> list[Event]:
    """A timeline by moment, the latest on top. A bare day runs to its 24:00: a deadline stands
    above what was done on its day. What happened in one moment keeps its order."""
    return sorted(events, key=lambda event: _moment(event.when), reverse=True)


def _moment(when: dt.date | str) -> dt.datetime:
    if isinstance(when, dt.datetime):
        return when
    if isinstance(when, str):  # words for a time nobody knows: before everything
        return dt.datetime.min.replace(tzinfo=SHANGHAI)
    return dt.datetime.combine(when, dt.time.max, SHANGHAI)


def notice_standing(notice: RectificationNotice, today: dt.date) -> Status:
    """Where a notice stands and how long there is for the next step."""
    match notice.status:
        case NoticeStatus.DRAFT:
            return Status("soon", _("待核稿"))
        case NoticeStatus.CHECKED:
            return Status("soon", _("已核稿，待签发"))
        case NoticeStatus.RESPONDED:
            return Status("doing", _("待审核"))
        case NoticeStatus.ACCEPTED:
            return Status("done", _("已办结"))
        case NoticeStatus.WITHDRAWN:
            return Status("idle", _("已撤回"))
    due_on = notice.due_on or today
    state, words = days_left(due_on, today)
    if notice.status == NoticeStatus.ISSUED:
        sign_by = notice.acknowledge_by or due_on
        if due_on >= today > sign_by:
            days = (today - sign_by).days
            return Status("late", _("未签收，逾期 %(days)d 天") % {"days": days})
        word = _("待签收")
    elif notice.status == NoticeStatus.RETURNED:
        word = _("退回再改")
    else:
        word = _("整改中")
    return Status(state if state != "idle" else "doing", f"{word}，{words}")


def finding_standing(finding: Finding, today: dt.date) -> Status:
    """Where a finding stands, with its countdown."""
    if finding.status == FindingStatus.VERIFIED:
        return Status("done", _("已销号"))
    if finding.status == FindingStatus.REPORTED:
        look_back_by = finding.look_back_by or today
        if today > look_back_by:
            days = (today - look_back_by).days
            return Status("late", _("回头看逾期 %(days)d 天") % {"days": days})
        left = workdays.workdays_between(today, look_back_by)
        return Status("doing", _("待回头看，剩 %(days)d 个工作日") % {"days": left})
    state, words = days_left(finding.due_on, today)
    if finding.status == FindingStatus.RETURNED:
        words = _("退回再改，%(words)s") % {"words": words}
    elif finding.status == FindingStatus.RAISED:
        words = _("待确认，%(words)s") % {"words": words}
    return Status(state, words)


def appeal_standing(appeal: ScoreAppeal) -> Status:
    match appeal.status:
        case AppealStatus.FILED:
            return Status("soon", _("待复核"))
        case AppealStatus.UPHELD if appeal.is_correction:
            return Status("done", _("通报后更正"))
        case AppealStatus.UPHELD:
            return Status("done", _("申诉成立"))
        case AppealStatus.REVISIT:
            return Status("doing", _("另派组重查"))
        case AppealStatus.REPLACED:
            return Status("done", _("以重查为准"))
    return Status("idle", _("维持原扣分"))
