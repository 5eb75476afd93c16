"""One notice as a page: the letter, where it stands, what comes next and for whom."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from branches.access import access_of
from evaluations.four_eyes import Eyes, eyes_of
from evaluations.lifecycles import NOTICE, UNSIGNED, NoticeStatus
from evaluations.models import (
    Inspection,
    NoticeEvent,
    NoticeProblem,
    RankingRun,
    RectificationNotice,
)
from evaluations.permissions import (
    may_check_notice,
    may_issue_notice,
    may_respond,
    may_review_notice,
    may_withdraw_notice,
    stands_back,
)
from evaluations.ranking import key_failures
from evaluations.selectors.deadlines import deadline_event, newest_first, notice_standing
from portal.attachments.models import Attachment
from portal.attachments.owners import owner_type_of
from portal.kernel.marks import one_decimal
from portal.kernel.months import local_date
from portal.kernel.together import read_together
from portal.kernel.ui import Event, Status, Step
from portal.workdays import services as workdays

if TYPE_CHECKING:
    from portal.accounts.models import User

_DIGITS = "零一二三四五六七八九"


def numeral(number: int) -> str:
    """一, 二, … 十, 十一, … 九十九, as clauses of a letter are counted."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def day_words(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True, slots=True)
class LetterProblem:
    """One clause of the letter."""

    problem: NoticeProblem
    numeral: str
    rule: str
    files: Sequence[Attachment] = ()

    @property
    def facts(self) -> str:
        return self.problem.facts


@dataclass(frozen=True, slots=True)
class Letter:
    """The notice's words (domain.md 5.2). ``due`` and ``signed_on`` are empty in a draft."""

    title: str
    addressee: str
    opening: str
    problems: Sequence[LetterProblem]
    due: str
    look_back: str
    department: str
    sender: str
    signed_on: str


@dataclass(frozen=True, slots=True)
class NoticePage:
    """``turn``: the step that is this user's to take now, or "" when it is somebody else's;
    ``waiting`` then says whose. ``may_word``: the facts may be reworded. ``may_sign_at_once``: the
    press that checks may sign too. ``remark``: why the draft was sent back, while it is one.
    ``lost_ground``: items that no longer fail since the month was corrected, for the committee."""

    notice: RectificationNotice
    headline: str
    kicker: str
    standing: Status
    steps: Sequence[Step]
    letter: Letter
    events: Sequence[Event]
    turn: str
    waiting: str
    eyes: Eyes
    may_word: bool
    may_sign_at_once: bool
    may_send_back: bool
    remark: NoticeEvent | None
    stands_back: bool
    may_withdraw: bool
    lost_ground: Sequence[str]
    may_extend: bool
    may_read_answers: bool
    return_reason: str
    preview_due: dt.date | None
    preview_sign: dt.date | None
    default_return_due: dt.date
    warning_years: Sequence[int]


def notice_for_page(user: User, pk: int) -> RectificationNotice:
    """The notice with what its page needs. Raises DoesNotExist for a stranger."""
    notice: RectificationNotice = (
        RectificationNotice.objects.visible_to(user)
        .select_related(
            *("branch__committee", "run__round__policy", "participant"),
            *("edited_by", "checked_by", "issued_by", "acknowledged_by"),
        )
        .get(pk=pk)
    )
    return notice


def notice_page(notice: RectificationNotice, user: User, today: dt.date) -> NoticePage:
    """Everything the page shows, in two queries: what the letter says, and its evidence."""
    problems = notice.problems.select_related("item")
    visits = visits_behind(notice)
    told = notice.events.select_related("actor")
    runs = notice.run.round.runs.order_by("-revision")[:1]
    read_together(problems, visits, told, runs)
    events = list(told)
    policy = notice.run.round.policy
    unsigned = notice.status in UNSIGNED
    for_us = unsigned and may_check_notice(user, notice)
    eyes = eyes_of(notice, user, today) if for_us else Eyes()
    turn = _turn(notice, user, eyes)
    preview_due = preview_sign = None
    if unsigned:
        preview_due = workdays.add_workdays(today, policy.notice_workdays)
        preview_sign = workdays.add_workdays(today, policy.acknowledge_workdays)
    return_due = workdays.add_workdays(today, policy.notice_workdays)
    counted = [day for day in (notice.due_on, preview_due, notice.look_back_by) if day]
    standing = notice_standing(notice, today)
    letter = letter_of(notice, problems, visits, preview_due)
    return NoticePage(
        notice=notice,
        headline=_headline(notice, turn, standing),
        kicker="，".join((notice.run.round.label, str(notice.branch))),
        standing=standing,
        steps=_steps(notice, events),
        letter=letter if unsigned else _with_evidence(letter),
        events=_timeline(notice, _told_to(user, notice, events), today),
        turn=turn,
        waiting="" if turn else _waiting(notice, eyes),
        eyes=eyes,
        may_word=for_us and notice.status == NoticeStatus.DRAFT,
        may_sign_at_once=turn == "check" and not eyes.why_not_sign(in_one_go=True),
        may_send_back=for_us,
        remark=_remark(notice, events),
        stands_back=notice.status in _OPEN and stands_back(user, notice.branch),
        may_withdraw=may_withdraw_notice(user, notice) and NOTICE.allows(notice.status, "withdraw"),
        lost_ground=_lost_ground(notice, problems, runs[0])
        if notice.branch.committee_id in access_of(user).overseen_committees
        else (),
        may_extend=NOTICE.allows(notice.status, "extend")
        and notice.extended_from is None
        and may_review_notice(user, notice),
        may_read_answers=any(p.cause or p.measure or p.result for p in problems)
        and (notice.status in {NoticeStatus.RESPONDED, NoticeStatus.ACCEPTED}),
        return_reason=next((e.note for e in reversed(events) if e.step == "return"), "")
        if notice.status == NoticeStatus.RETURNED
        else "",
        preview_due=preview_due,
        preview_sign=preview_sign,
        default_return_due=return_due,
        warning_years=workdays.missing_years(*counted),
    )


def _lost_ground(
    notice: RectificationNotice, problems: Iterable[NoticeProblem], run: RankingRun
) -> list[str]:
    """What a served notice of a corrected month names that has not failed. As in
    ``unfounded_notices.sql``."""
    if run.revision == 1 or notice.finding_id is not None or notice.status in _NOT_SERVED:
        return []
    failed = {
        failure.item_id
        for failure in key_failures(notice.run.round, until=run.published_at)
        if failure.participant_id == notice.participant_id
    }
    return [str(problem.item) for problem in problems if problem.item_id not in failed]


def _with_evidence(letter: Letter) -> Letter:
    """佐证 beside each problem, in one query; a draft has been answered by nobody."""
    files: dict[str, list[Attachment]] = defaultdict(list)
    rows = Attachment.objects.filter(
        owner_type=owner_type_of(NoticeProblem()),
        owner_id__in=[str(clause.problem.pk) for clause in letter.problems],
    )
    for attachment in rows.order_by("owner_id", "number"):
        files[attachment.owner_id].append(attachment)
    problems = [replace(c, files=files.get(str(c.problem.pk), ())) for c in letter.problems]
    return replace(letter, problems=problems)


_NOT_SERVED = (*UNSIGNED, NoticeStatus.WITHDRAWN)
_OPEN = set(NoticeStatus) - {NoticeStatus.ACCEPTED, NoticeStatus.WITHDRAWN}


def _headline(notice: RectificationNotice, turn: str, standing: Status) -> str:
    """The answer: what this reader has to do, else where the notice stands."""
    branch = {"branch": notice.branch.label}
    match turn:
        case "check":
            return _("给%(branch)s的通知书待核稿") % branch
        case "issue":
            return _("给%(branch)s的通知书待签发") % branch
        case "review":
            return _("%(branch)s已报整改，待审核") % branch
        case "acknowledge" | "respond" if notice.due_on:
            words = {
                "month": notice.due_on.month,
                "day": notice.due_on.day,
                "standing": standing.text,
            }
            if turn == "acknowledge":
                return _("请签收，%(month)d月%(day)d日前整改") % words
            return _("%(month)d月%(day)d日前报整改情况（%(standing)s）") % words
    return f"{notice.document_number or notice.branch.label}：{standing.text}"


def _remark(notice: RectificationNotice, events: Sequence[NoticeEvent]) -> NoticeEvent | None:
    """The remark a draft was sent back with, until it is checked."""
    if notice.status != NoticeStatus.DRAFT:
        return None
    return events[-1] if events and events[-1].step == "send_back" else None


def _turn(notice: RectificationNotice, user: User, eyes: Eyes) -> str:
    match notice.status:
        case NoticeStatus.DRAFT if may_check_notice(user, notice) and not eyes.why_not_check():
            return "check"
        case NoticeStatus.CHECKED if may_issue_notice(user, notice) and not eyes.why_not_sign():
            return "issue"
        case NoticeStatus.ISSUED if may_respond(user, notice):
            return "acknowledge"
        case NoticeStatus.ACKNOWLEDGED | NoticeStatus.RETURNED if may_respond(user, notice):
            return "respond"
        case NoticeStatus.RESPONDED if may_review_notice(user, notice):
            return "review"
    return ""


def _waiting(notice: RectificationNotice, eyes: Eyes) -> str:
    match notice.status:
        case NoticeStatus.DRAFT:
            return eyes.why_not_check() or _("等%(department)s核稿。") % {
                "department": settings.PORTAL_AFFAIRS_DEPARTMENT
            }
        case NoticeStatus.CHECKED:
            return eyes.why_not_sign() or _("等党委签发。")
        case NoticeStatus.ISSUED:
            return _("等%(branch)s的书记或副书记签收。") % {"branch": notice.branch}
        case NoticeStatus.ACKNOWLEDGED | NoticeStatus.RETURNED:
            return _("等%(branch)s报整改情况。") % {"branch": notice.branch}
        case NoticeStatus.RESPONDED:
            return _("等%(department)s审核。") % {"department": settings.PORTAL_AFFAIRS_DEPARTMENT}
        case NoticeStatus.ACCEPTED:
            return _("已办结，没有要办的事。")
    return _("已撤回，没有要办的事；编号作废，不再使用。") if notice.number else _("签发前已撤回。")


_STAGES = ("draft", "check", "issue", "acknowledge", "respond", "accept")


def _steps(notice: RectificationNotice, events: Sequence[NoticeEvent]) -> list[Step]:
    """起草, 核稿, 签发, 签收, 整改, 审核办结 with the day each was done."""
    days = {event.step: local_date(event.at) for event in events}
    days["draft"] = local_date(notice.drafted_at)
    current = {
        NoticeStatus.DRAFT: 1,
        NoticeStatus.CHECKED: 2,
        NoticeStatus.ISSUED: 3,
        NoticeStatus.ACKNOWLEDGED: 4,
        NoticeStatus.RETURNED: 4,
        NoticeStatus.RESPONDED: 5,
        NoticeStatus.ACCEPTED: 6,
        NoticeStatus.WITHDRAWN: None,
    }[NoticeStatus(notice.status)]
    names = (_("起草"), _("核稿"), _("签发"), _("签收"), _("整改"), _("审核办结"))
    plans = (None, None, None, notice.acknowledge_by, notice.due_on, notice.look_back_by)
    steps = []
    for index, (key, name, plan) in enumerate(zip(_STAGES, names, plans, strict=True)):
        done = index < current if current is not None else key in days
        day = days.get(key)
        note = ""
        if done and day:
            note = f"{day.month}月{day.day}日"
        elif plan and current is not None:
            note = _("%(month)d月%(day)d日前") % {"month": plan.month, "day": plan.day}
        state: Any = "done" if done else "current" if index == current else "todo"
        steps.append(Step(name, note, state))
    return steps


def letter_of(
    notice: RectificationNotice,
    problems: Iterable[NoticeProblem],
    visits: Iterable[Any],
    preview_due: dt.date | None,
) -> Letter:
    """The words of the notice; ``visits``: :func:`visits_behind` it; ``preview_due`` stands for
    the deadline of a draft."""
    committee = notice.branch.committee
    due_on = notice.due_on or preview_due
    return Letter(
        title=_("关于%(branch)s限期整改有关问题的通知") % {"branch": notice.branch},
        addressee=str(notice.branch),
        opening=_opening(notice, visits),
        problems=[
            LetterProblem(problem, numeral(n), _rule(problem, notice))
            for n, problem in enumerate(problems, start=1)
        ],
        due=day_words(due_on) if due_on else "",
        look_back=day_words(notice.look_back_by) if notice.look_back_by else "",
        department=settings.PORTAL_AFFAIRS_DEPARTMENT,
        sender=committee.full_name or committee.name,
        signed_on=day_words(local_date(notice.issued_at)) if notice.issued_at else "",
    )


def visits_behind(notice: RectificationNotice) -> QuerySet[Inspection]:
    """The visits that the letter opens with; a finding's notice names none."""
    visits: QuerySet[Inspection] = Inspection.objects.filter(
        participant_id=notice.participant_id
    ).done()
    if notice.finding_id is not None:
        return visits.none()
    return visits.select_related("team").order_by("submitted_at", "pk")


def _opening(notice: RectificationNotice, visits: Iterable[Any]) -> str:
    if notice.finding_id is not None:
        return _("月度互查在你支部当场指出下列问题，要求限期整改，至今没有改到位：")
    told = [
        _("%(day)s，公司党建工作第%(number)s互查组")
        % {
            "day": day_words(local_date(visit.submitted_at)),
            "number": numeral(visit.team.number),
        }
        for visit in visits
    ]
    if not told:
        return _("在%(month)s党建工作月度考评中，发现你支部重点工作落实存在以下问题：") % {
            "month": notice.run.round.label
        }
    return _("%(visits)s对你支部开展月度互查，发现重点工作落实存在以下问题：") % {
        "visits": "；".join(told)
    }


def _rule(problem: NoticeProblem, notice: RectificationNotice) -> str:
    """The rule that made it a matter for a notice, with its figures."""
    marks, full = one_decimal(problem.marks), one_decimal(problem.full_marks)
    match problem.trigger:
        case NoticeProblem.Trigger.BELOW_LINE:
            return _("本项得%(marks)s分（满分%(full)s分），低于%(percent)d%%。") % {
                "marks": marks,
                "full": full,
                "percent": notice.run.round.policy.key_fail_percent,
            }
        case NoticeProblem.Trigger.TAKES_ALL:
            return _("按细则扣满分，本项得%(marks)s分（满分%(full)s分）。") % {
                "marks": marks,
                "full": full,
            }
        case NoticeProblem.Trigger.THREE_MONTHS:
            return _("同一问题连续三个月出现。")
        case NoticeProblem.Trigger.OVERDUE:
            return _("期限已过，没有整改。")
        case NoticeProblem.Trigger.GIVEN_BACK:
            return _("回头看没有改到位，退回再改。")
    return _("检查组认定程度严重。")


# What stands in the history: the steps of the life cycle, and the two rungs that an overdue notice
# climbs by itself.
_TOLD = {
    "check": "核稿",
    "send_back": "退回起草",
    "issue": "签发，编号%(number)s",
    "acknowledge": "签收",
    "respond": "报整改情况",
    "accept": "认可整改，办结",
    "return": "退回再改",
    "withdraw": "撤回",
    "extend": "同意延期",
    "escalate": "逾期未改，已报党委书记",
    "to_meeting": "逾期未改，列入月度例会",
}


def _told_to(
    user: User, notice: RectificationNotice, events: Sequence[NoticeEvent]
) -> list[NoticeEvent]:
    """What went on before the signature is the office's own: the branch reads who checked, not
    what was sent back, nor why somebody checked alone."""
    if notice.branch.committee_id in access_of(user).overseen_committees:
        return list(events)
    sent_back = [n for n, event in enumerate(events) if event.step == "send_back"]
    after = sent_back[-1] + 1 if sent_back else 0
    told = [e for n, e in enumerate(events) if n >= after or e.step not in {"check", "send_back"}]
    for event in told:
        if event.step == "check":
            event.note = ""
    return told


def _timeline(
    notice: RectificationNotice, events: Sequence[NoticeEvent], today: dt.date
) -> list[Event]:
    """Newest first; deadlines stand at their day, dashed while they are to come."""
    lines: list[Event] = []
    if notice.status in {NoticeStatus.ISSUED, NoticeStatus.ACKNOWLEDGED, NoticeStatus.RETURNED}:
        if notice.look_back_by:
            lines.append(deadline_event(notice.look_back_by, _("回头看期限"), today))
        if notice.due_on:
            lines.append(deadline_event(notice.due_on, _("整改期限"), today))
    lines += [
        Event(
            event.at,
            _(_TOLD[event.step]) % {"number": notice.document_number},
            who=str(event.actor) if event.actor else _("系统"),
            note=event.note,
        )
        for event in reversed(events)
        if event.step != "draft"
    ]
    drafter = next((event.actor for event in events if event.step == "draft"), None)
    how = _("由逾期或退回的问题转来") if notice.finding_id else _("通报发布时由系统起草")
    lines.append(Event(notice.drafted_at, how, who=str(drafter) if drafter else _("系统")))
    return newest_first(lines)
