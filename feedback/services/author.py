"""What the author does afterwards: answer, withdraw, rate, ask again, confirm.

The author comes with an account (``actor``) or, where ``feedback.receipts`` has checked one,
with a receipt (``has_receipt``); an anonymous author's account, if the page knew one, is not
written anywhere.
"""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from branches.access import access_of
from feedback.clocks import policy_of, reply_due
from feedback.lifecycles import PROMISE, REQUEST, RequestStatus
from feedback.models import (
    Message,
    MeToo,
    Outcome,
    Promise,
    PromiseTeam,
    Rating,
    Solved,
    StaffRequest,
)
from feedback.models.requests import MAX_TEXT
from feedback.permissions import (
    is_author,
    may_answer_for_team,
    may_rate,
    may_speak_as_author,
)
from feedback.recipients import office_of, people_of, seats_of, secretaries_of
from feedback.services.deadlines import end_pause
from feedback.services.handling import locked_promise, open_promises
from feedback.services.history import (
    add_author_event,
    add_event,
    author_step,
    checked,
    locked,
    short,
    tell_author,
    tell_people,
)
from portal.accounts.models import User
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import local_date


def add_word(
    *,
    request_id: str,
    text: str,
    actor: User | None,
    has_receipt: bool = False,
    now: dt.datetime,
) -> Message:
    """The author adds something or answers a question. A clock that waited for it runs again; for
    an anonymous author both come to the house with the batch of the next working day."""
    text = checked(text, field="text", most=MAX_TEXT, missing=_("请写要补充的话。"))
    with transaction.atomic():
        request = locked(request_id)
        if not may_speak_as_author(actor, request, has_receipt=has_receipt):
            raise PermissionDenied
        if request.status in ("declined", "merged", "withdrawn", "closed"):
            raise TransitionRefused(_("这件事已经结束，要再说请另提一件。"))
        number = (request.messages.aggregate(last=Max("number"))["last"] or 0) + 1
        message = Message.objects.create(
            request=request,
            number=number,
            is_from_author=True,
            text=text,
            on=local_date(now),
            at=None if request.is_anonymous else now,
        )
        if request.is_anonymous:
            # Nothing moves that somebody could watch: the clock goes on with the batch
            # (``batch.deliver``), and a form that is open elsewhere stays good.
            add_author_event(request, "added", _("补充说明"), now=now)
            return message
        resumed = end_pause(request, local_date(now))
        author_step(request, "added", _("补充说明"), now=now)
        if resumed:
            add_event(request, "resumed", _("恢复计时"), actor=None, office="", now=now)
        _tell_house(request, f"added-{number}", _("诉求人补充了：%(what)s"), now=now)
    return message


def withdraw(
    *, request_id: str, actor: User | None, has_receipt: bool = False, now: dt.datetime
) -> StaffRequest:
    """The author takes it back; nothing more becomes of it."""
    with transaction.atomic():
        request = locked(request_id)
        if not may_speak_as_author(actor, request, has_receipt=has_receipt):
            raise PermissionDenied
        REQUEST.take(request, "withdraw")
        if open_promises(request):
            raise TransitionRefused(_("部门已经作了承诺，不能撤回；不需要了请留言说明。"))
        request.closed_on = local_date(now)
        author_step(request, "withdrawn", _("撤回"), now=now)
        _tell_house(request, "withdrawn", _("诉求人撤回了：%(what)s"), now=now)
    return request


def rate(
    *,
    request_id: str,
    solved: str,
    is_answered: bool,
    comment: str = "",
    again: bool = False,
    actor: User | None,
    has_receipt: bool = False,
    now: dt.datetime,
) -> Rating:
    """Say whether it is solved and whether the answer met the question.

    ``again`` asks for it to be handled once more; the second time it goes to the secretary.
    Otherwise the request is closed, unless a promise is still to be kept. Raises
    PermissionDenied (also for somebody of the department that answered), TransitionRefused.
    """
    comment = checked(comment, field="comment", most=500)
    if solved not in Solved.values:
        raise DomainError(_("请选解决了没有。"), field="solved")
    with transaction.atomic():
        request = locked(request_id)
        if not has_receipt and (actor is None or not may_rate(actor, request)):
            raise PermissionDenied(_("自己部门答复的事项，不能自己评价。"))
        today = local_date(now)
        look = _look(request, today)
        if again and not comment:
            raise DomainError(_("要求重办，请写明哪里没有办好。"), field="comment")
        try:
            with transaction.atomic():
                rating = Rating.objects.create(
                    request=request,
                    look=look,
                    solved=solved,
                    is_answered=is_answered,
                    comment=comment,
                    rated_on=today,
                    rater=None if request.is_anonymous else actor,
                )
        except IntegrityError:
            raise TransitionRefused(_("您已经评价过了。")) from None
        request.last_rating = solved
        request.save(update_fields=["last_rating"])
        add_author_event(
            request,
            "rated",
            _("评价：%(solved)s，%(answered)s")
            % {
                "solved": rating.get_solved_display(),
                "answered": _("答到点上了") if is_answered else _("没答到点上"),
            },
            note=comment,
            now=now,
        )
        if again:
            _once_more(request, comment, today, now)
        else:
            close_if_done(request, now=now)
        if request.status == RequestStatus.APPEALED:
            tell_people(
                request,
                people_of(secretaries_of, request.committee_id, today=today),
                "appealed",
                _("请书记定：%(what)s") % {"what": short(request)},
                body=comment,
                now=now,
            )
        elif not request.is_anonymous or again:
            _tell_house(request, f"rated-{look}", _("诉求人评价了：%(what)s"), now=now)
    return rating


def _look(request: StaffRequest, today: dt.date) -> str:
    """Which rating it is: after the answer, after the second one, or the look 30 days later."""
    rated = set(
        Rating.objects.filter(request=request, is_author=True).values_list("look", flat=True)
    )
    if request.status not in (RequestStatus.REPLIED, RequestStatus.CLOSED):
        raise TransitionRefused(_("答复之后才能评价。"))
    now_due = Rating.Look.AGAIN if request.reopened_on else Rating.Look.FIRST
    if now_due not in rated:
        return now_due
    if request.status == RequestStatus.CLOSED and Rating.Look.LATER not in rated:
        if today >= later_look_on(request):
            return Rating.Look.LATER
        later = later_look_on(request)
        raise TransitionRefused(
            _("您已经评价过了，%(month)d月%(day)d日会再问您一次。")
            % {"month": later.month, "day": later.day}
        )
    raise TransitionRefused(_("您已经评价过了。"))


def later_look_on(request: StaffRequest) -> dt.date:
    """When the author is asked a second time whether it really holds."""
    since = request.closed_on or request.submitted_on
    return since + dt.timedelta(days=policy_of(request.committee_id).second_look_days)


def _once_more(request: StaffRequest, comment: str, today: dt.date, now: dt.datetime) -> None:
    if request.reopened_on is None:
        REQUEST.take(request, "reopen")
        request.reopened_on = today
        request.closed_on = None
        policy = policy_of(request.committee_id)
        request.reply_due_on = reply_due(policy, request.urgency, today)
        author_step(request, "reopened", _("要求重办"), now=now, note=comment)
        people = [
            *people_of(office_of, request.committee_id, today=today),
            *people_of(seats_of, request.department_id, today=today),
        ]
        tell_people(
            request,
            people,
            "reopened",
            _("要求重办：%(what)s") % {"what": short(request)},
            body=comment,
            now=now,
        )
        return
    REQUEST.take(request, "appeal")
    request.closed_on = None
    author_step(request, "appealed", _("请书记定"), now=now, note=comment)


def close_if_done(request: StaffRequest, *, now: dt.datetime, unrated: bool = False) -> bool:
    """Close a locked request that was rated (or waited in vain), once no promise is open."""
    if request.status != RequestStatus.REPLIED or open_promises(request):
        return False
    REQUEST.take(request, "close")
    today = local_date(now)
    request.closed_on = today
    request.version += 1
    request.save()
    add_event(
        request,
        "closed",
        _("办结，没有等到评价，不计入满意率") if unrated else _("办结"),
        actor=None,
        office="",
        now=_when(request, now),
    )
    return True


def _when(request: StaffRequest, now: dt.datetime) -> dt.datetime:
    """The time of a line that the machine writes because the author did something: of an
    anonymous author the day alone, so it is cut to midnight."""
    if not request.is_anonymous:
        return now
    day = local_date(now)
    return dt.datetime.combine(day, dt.time(), tzinfo=now.tzinfo)


def me_too(*, request_id: str, actor: User, now: dt.datetime) -> MeToo:
    """Join an open matter: the same news, without the author's words. Raises PermissionDenied,
    TransitionRefused for one that is answered or over."""
    with transaction.atomic():
        request = locked(request_id)
        if request.committee_id not in committees_above(actor) or request.is_sealed:
            raise PermissionDenied
        if not request.headline or request.status in ("declined", "merged", "withdrawn"):
            raise TransitionRefused(_("这一件现在不能加入。"))
        if request.status in (RequestStatus.REPLIED, RequestStatus.CLOSED):
            raise TransitionRefused(_("这一件已经答复，结果看公开看板；还没解决，请接着写。"))
        if is_author(actor, request):
            raise TransitionRefused(_("这是您自己提的。"))
        joined, _created = MeToo.objects.get_or_create(
            request=request, user=actor, defaults={"on": local_date(now)}
        )
    return joined


def committees_above(user: User) -> set[int]:
    """The user's own committee and those above it: whose requests he may join."""
    from branches.models import Committee

    parents = dict(Committee.objects.values_list("pk", "parent_id"))
    found: set[int] = set()
    for home in access_of(user).home_committees:
        at: int | None = home
        while at is not None and at not in found:
            found.add(at)
            at = parents.get(at)
    return found


def confirm_promise(
    *,
    promise_id: str,
    arrived: bool,
    note: str = "",
    actor: User | None,
    has_receipt: bool = False,
    now: dt.datetime,
) -> Promise:
    """The one who asked says that it has arrived, or that it has not."""
    note = checked(note, field="note", most=200)
    with transaction.atomic():
        made = locked_promise(promise_id)
        if not may_speak_as_author(actor, made.request, has_receipt=has_receipt):
            raise PermissionDenied
        today = local_date(now)
        if not arrived:
            if not note:
                raise DomainError(_("请写明哪里还没收到。"), field="note")
            PROMISE.take(made, "dispute")
            made.delivered_at = None
            made.confirm_by = None
            made.version += 1
            made.save()
            author_step(made.request, "promise_disputed", _("说还没有收到"), now=now, note=note)
            tell_people(
                made.request,
                people_of(seats_of, made.department_id, today=today),
                f"disputed-{made.pk}-{made.version}",
                _("说还没收到：%(what)s") % {"what": made.what},
                body=note,
                now=now,
            )
            return made
        left = made.teams.exclude(has_arrived=True).count()
        if left:
            raise TransitionRefused(
                _("还有%(count)d个班组没有确认收到，都确认后才算送达。") % {"count": left}
            )
        _confirm(made, now=now, by_author=True)
    return made


def answer_for_team(
    *,
    team_id: int,
    arrived: bool,
    note: str = "",
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> PromiseTeam:
    """Somebody of the team, or the author by name, says whether it has arrived there. Raises
    PermissionDenied for everybody else, TransitionRefused before it was delivered."""
    note = checked(note, field="note", most=200)
    with transaction.atomic():
        found = PromiseTeam.objects.select_related("promise__request").get(pk=team_id)
        made = locked_promise(found.promise_id)
        if not may_answer_for_team(actor, found):
            raise PermissionDenied(_("只有这个班组的人或提这件事的人能确认收到。"))
        if made.status != "delivered":
            raise TransitionRefused(_("还没有说送达，不用确认。"))
        team = made.teams.select_for_update().get(pk=team_id)
        if team.has_arrived:
            return team
        team.has_arrived = arrived
        team.note = note
        team.answered_on = local_date(now)
        team.answered_by = actor
        team.save()
        add_event(
            made.request,
            "team_answered",
            (_("%(team)s确认收到") if arrived else _("%(team)s说还没收到")) % {"team": team.name},
            note=note,
            actor=actor,
            office=team.name,
            now=now,
        )
        if made.teams.exists() and not made.teams.exclude(has_arrived=True).exists():
            _confirm(made, now=now, by_author=False)
    return team


def _confirm(made: Promise, *, now: dt.datetime, by_author: bool) -> None:
    PROMISE.take(made, "confirm")
    today = local_date(now)
    made.confirmed_on = today
    made.version += 1
    made.save()
    request = made.request
    if not open_promises(request) and request.outcome == Outcome.PLANNED:
        request.outcome = Outcome.CARRIED_OUT
        request.carried_out_on = today
    text = _("确认收到：%(what)s") % {"what": made.what}
    if by_author:
        author_step(request, "promise_confirmed", text, now=now)
    else:
        request.version += 1
        request.save()
        add_event(request, "promise_confirmed", text, actor=None, office="", now=now)
    tell_author(
        request,
        f"confirmed-{made.pk}",
        _("大家都确认收到了：%(what)s") % {"what": made.what},
        now=now,
    )
    rated = Rating.objects.filter(request=request, is_author=True).exists()
    overdue = request.rate_due_on is not None and today > request.rate_due_on
    if rated or overdue:
        close_if_done(request, now=now, unrated=not rated)


def _tell_house(request: StaffRequest, step: str, title: str, *, now: dt.datetime) -> None:
    """Tell those whose turn it is. What an anonymous author does is told by the daily batch."""
    if request.is_anonymous:
        return
    today = local_date(now)
    if request.is_sealed:
        from feedback.recipients import discipline_of

        people = discipline_of([request.committee_id], today=today).get(request.committee_id, [])
    elif request.department_id is not None:
        people = people_of(seats_of, request.department_id, today=today)
    else:
        people = people_of(office_of, request.committee_id, today=today)
    tell_people(request, people, step, title % {"what": short(request)}, now=now)
