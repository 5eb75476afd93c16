"""The monthly meeting: the committee's word on each secretary, decisions with owner and date, and
what only a person can enter for the appraisal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from evaluations.models import (
    AppraisalInput,
    MeetingComment,
    MeetingDecision,
    MeetingVerdict,
    MonthRound,
    RoundParticipant,
)
from evaluations.permissions import (
    may_act_for_committee,
    may_hold_meeting,
    may_say_own_words,
)
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, EditConflict, TransitionRefused
from portal.kernel.months import Month, local_date

MAX_TEXT = 300


def comment_secretary(
    *,
    participant_id: int,
    verdict: str,
    text: str,
    version: int,
    actor: User,
    now: dt.datetime,
    amend: bool = False,
) -> MeetingComment:
    """The committee's word on one secretary; said again it replaces the word before, which stays
    in the audit trail. ``verdict`` empty: only the words are kept, the verdict stays as it is.
    ``amend``: the person knows that the meeting is over, and changes what it said.

    Raises PermissionDenied for who must stand back from this branch, TransitionRefused before
    publication and, but to ``amend``, after the meeting; EditConflict when somebody else commented
    since ``version``.
    """
    text = _short(text, "text")
    if verdict not in MeetingVerdict.values and (verdict or not text):
        raise DomainError(_("请选好、较好、一般或差。"), field="verdict")
    with transaction.atomic():
        participant = _participant(participant_id)
        if not may_act_for_committee(actor, participant.branch):
            raise PermissionDenied
        if not participant.round.is_published:
            raise TransitionRefused(_("通报发布以后才开例会点评。"))
        comment = _comment_of(participant)
        verdict = verdict or comment.verdict
        if (comment.verdict, comment.text) == (verdict, text):
            return comment  # the same key twice
        said = MeetingComment.objects.filter(round=participant.round).exclude(verdict="")
        if not amend and is_over(participant.round, said.values_list("said_at", flat=True), now):
            raise TransitionRefused(_("会已开完。要改点评，先按“修改”。"))
        if comment.version != version:
            raise EditConflict(_("另一位同志刚写过点评，或者您在另一个窗口写过，请看一眼再定。"))
        before = {"verdict": comment.verdict, "text": comment.text}
        comment.verdict, comment.text = verdict, text
        comment.said_by, comment.said_at = actor, now
        comment.version += 1
        comment.save()
        record(
            code="meeting.commented",
            target=participant,
            actor=actor,
            now=now,
            before=before,
            after={"verdict": verdict, "text": text},
        )
    return comment


def is_over(round_: MonthRound, said_at: Iterable[dt.datetime | None], now: dt.datetime) -> bool:
    """Whether the meeting has been held: its day has passed, and on an earlier day than today a
    verdict was given (at ``said_at``). One that was put off is still to come."""
    today = local_date(now)
    return round_.meeting_on < today and any(at and local_date(at) < today for at in said_at)


def say_own_words(
    *, participant_id: int, text: str, actor: User, now: dt.datetime
) -> MeetingComment:
    """The branch's own words for the meeting, until the committee has commented."""
    text = _short(text, "own_words")
    with transaction.atomic():
        participant = _participant(participant_id)
        if not may_say_own_words(actor, participant):
            raise PermissionDenied
        comment = _comment_of(participant)
        if comment.verdict:
            raise TransitionRefused(_("例会已经点评，这段话不能再改。"))
        if comment.own_words == text:
            return comment
        before, comment.own_words = comment.own_words, text
        comment.save(update_fields=["own_words"])
        record(
            code="meeting.own_words",
            target=participant,
            actor=actor,
            now=now,
            before={"own_words": before},
            after={"own_words": text},
        )
    return comment


def decide(
    *,
    round_id: int,
    participant_id: int | None,
    text: str,
    owner: str,
    due_on: dt.date,
    client_key: UUID | None,
    actor: User,
    now: dt.datetime,
    branch_type: str = "",
    item_code: str = "",
) -> MeetingDecision:
    """A decision of the meeting: what, who, by when. The same ``client_key`` twice is one.
    ``branch_type`` and ``item_code``: the shared problem (共性问题) that a department now acts on;
    the bulletin says so.

    Raises PermissionDenied for who must stand back from the branch that it is about.
    """
    text, owner = text.strip(), owner.strip()
    if not text:
        raise DomainError(_("请写明要办什么。"), field="text")
    if not owner:
        raise DomainError(_("请写明谁来办。"), field="owner")
    if due_on < local_date(now):
        raise DomainError(_("期限不能早于今天。"), field="due_on")
    with transaction.atomic():
        round_ = MonthRound.objects.select_for_update(of=("self",)).get(pk=round_id)
        if not may_hold_meeting(actor, round_):
            raise PermissionDenied
        if participant_id is not None:
            about = RoundParticipant.objects.select_related("branch").get(
                pk=participant_id, round=round_
            )
            if not may_act_for_committee(actor, about.branch):
                raise PermissionDenied
        known: MeetingDecision | None = (
            MeetingDecision.objects.filter(client_key=client_key, round=round_).first()
            if client_key
            else None
        )
        if known is not None:
            return known
        decision: MeetingDecision = MeetingDecision.objects.create(
            round=round_,
            participant_id=participant_id,
            branch_type=branch_type,
            item_code=item_code,
            text=text,
            owner=owner,
            due_on=due_on,
            decided_at=now,
            decided_by=actor,
            client_key=client_key,
        )
        record(
            code="meeting.decided",
            target=round_,
            actor=actor,
            now=now,
            after={"decision": text, "owner": owner, "due_on": due_on},
        )
    return decision


def close_decision(
    *, decision_id: int, result: str, actor: User, now: dt.datetime
) -> MeetingDecision:
    """The decision is carried out; the same words twice are one. Raises TransitionRefused when a
    colleague closed it with other words."""
    result = _short(result, "result", limit=200)
    if not result:
        raise DomainError(_("请写一句办得怎样。"), field="result")
    with transaction.atomic():
        decision: MeetingDecision = (
            MeetingDecision.objects.select_for_update(of=("self",))
            .select_related("round", "participant__branch")
            .get(pk=decision_id)
        )
        about = decision.participant
        if not may_hold_meeting(actor, decision.round) or (
            about is not None and not may_act_for_committee(actor, about.branch)
        ):
            raise PermissionDenied
        if decision.done_on is not None:
            if decision.result != result:
                raise TransitionRefused(
                    _("这件事已经销号，写的是：%(said)s。") % {"said": decision.result.rstrip("。")}
                )
            return decision
        decision.done_on, decision.result = local_date(now), result
        decision.save(update_fields=["done_on", "result"])
        record(
            code="meeting.decision_closed",
            target=decision.round,
            actor=actor,
            now=now,
            after={"decision": decision.text, "result": result},
        )
    return decision


def enter_input(
    *,
    participant_id: int,
    kind: str,
    marks: Decimal,
    actor: User,
    now: dt.datetime,
) -> AppraisalInput:
    """单位业绩得分 or 党员群众评议得分 of the participant's month, out of 100. Entered again it is
    corrected; what stood before stays in the audit trail."""
    if kind not in AppraisalInput.Kind.values:
        raise DomainError(_("没有这一项。"), field="kind")
    if not 0 <= marks <= 100:
        raise DomainError(_("得分在0到100之间。"), field="marks")
    with transaction.atomic():
        participant = _participant(participant_id)
        if not may_act_for_committee(actor, participant.branch):
            raise PermissionDenied
        if participant.secretary_id is None:
            raise DomainError(_("这个月没有书记。"))
        month = Month.of(participant.round.month)
        standing: AppraisalInput | None = AppraisalInput.objects.filter(
            branch=participant.branch,
            person_id=participant.secretary_id,
            kind=kind,
            month=month.first_day,
        ).first()
        before = standing.marks if standing else None
        if standing is not None and before == marks:
            return standing
        entered: AppraisalInput
        entered, _created = AppraisalInput.objects.update_or_create(
            branch=participant.branch,
            person_id=participant.secretary_id,
            kind=kind,
            month=month.first_day,
            defaults={"marks": marks, "entered_by": actor, "entered_at": now},
        )
        record(
            code="appraisal.entered",
            target=participant,
            actor=actor,
            now=now,
            before={kind: before},
            after={kind: marks},
        )
    return entered


def _participant(pk: int) -> RoundParticipant:
    participant: RoundParticipant = (
        RoundParticipant.objects.select_for_update(of=("self",))
        .select_related("round__committee", "branch__committee")
        .get(pk=pk)
    )
    return participant


def _comment_of(participant: RoundParticipant) -> MeetingComment:
    comment: MeetingComment = MeetingComment.objects.get_or_create(
        participant=participant, defaults={"round": participant.round}
    )[0]
    return comment


def _short(text: str, field: str, limit: int = MAX_TEXT) -> str:
    text = text.replace("\x00", "").strip()  # PostgreSQL can't hold it
    if len(text) > limit:
        raise DomainError(_("请控制在 %(max)d 字以内。") % {"max": limit}, field=field)
    return text
