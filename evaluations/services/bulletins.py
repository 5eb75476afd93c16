"""The bulletin's way: worded by an officer, approved, signed with its number, read by the branches.

The ranking is published on its day whether or not the paper is ready. An approval given before
is for exactly the words it saw: where they still stand when the month is published, number and
signature are given in the same transaction; where they changed, somebody has to read again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations.lifecycles import RoundStatus
from evaluations.models import (
    BulletinDraft,
    BulletinReceipt,
    IssuedPaper,
    MonthRound,
    RankingRun,
)
from evaluations.permissions import branches_reading, may_run_round, may_sign_bulletin
from evaluations.recipients import office_of
from evaluations.selectors.bulletin_papers import (
    bulletin_code,
    bulletin_paper,
    content_digest,
)
from evaluations.selectors.bulletin_text import MAX_TEXT, Part, generated_texts
from evaluations.selectors.bulletins import bulletin
from evaluations.services.papers import keep_bulletin, void_paper
from evaluations.services.rounds import locked_round
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, EditConflict, TransitionRefused
from portal.kernel.months import local_date
from portal.kernel.sequences import next_number
from portal.notifications.services import tell

MAX_REASON = 300


@dataclass(frozen=True, slots=True)
class Signed:
    """``already``: it was signed before, nothing was written."""

    paper: IssuedPaper
    already: bool


class TextRefused(DomainError):
    """Texts that can't stand. ``errors``: per part, a sentence."""

    code = "text"

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(_("有的部分不能这样保存，已在下面标出。您写的都还在。"))
        self.errors = dict(errors)


def edit_bulletin(
    *,
    round_id: int,
    words: Mapping[str, str],
    wording: str,
    version: int,
    actor: User,
    now: dt.datetime,
) -> BulletinDraft:
    """Keep the officer's wording. ``words`` maps parts to texts; a part that is not named stays as
    it is, one that reads as generated goes on following the data. A change voids the approval,
    and who gave it is told.

    Raises EditConflict when a colleague saved since ``version``, TransitionRefused once signed,
    TextRefused for a part that is empty or too long.
    """
    with transaction.atomic():
        round_ = locked_round(round_id)
        if not may_run_round(actor, round_):
            raise PermissionDenied
        _refuse_signed(round_)
        draft = _draft_of(round_)
        chosen = BulletinDraft.Wording(wording)
        generated = generated_texts(bulletin(round_, actor), chosen)
        own = _own_words(draft.words, words, generated)
        if own == draft.words and chosen == draft.wording:
            return draft  # a second press of the same save
        if draft.version != version:
            raise EditConflict(
                _("另一位同志刚改过通报，或者您在另一个窗口改过。您写的还在下面，核对后再存。")
            )
        before = {"words": draft.words, "wording": draft.wording}
        draft.bases = {
            part: draft.bases[part] if draft.words.get(part) == text else generated[Part(part)]
            for part, text in own.items()
        }
        draft.words, draft.wording = own, chosen
        draft.edited_by, draft.edited_at = actor, now
        draft.version += 1
        approver = draft.approved_by
        draft.approved_by, draft.approved_at, draft.approved_digest = None, None, ""
        draft.save()
        record(
            code="bulletin.edited",
            target=round_,
            actor=actor,
            now=now,
            before=before,
            after={"words": own, "wording": chosen},
        )
        if approver is not None and approver.pk != actor.pk:
            _tell(
                approver,
                round_,
                key=f"bulletin-changed:{round_.pk}:{draft.version}",
                title=_("%(month)s通报审签后又改了文字，请再看一遍") % {"month": round_.label},
                now=now,
            )
    return draft


def approve_bulletin(
    *, round_id: int, version: int, actor: User, now: dt.datetime, via: str = "web"
) -> BulletinDraft:
    """审签 before publication: the words as they are. Approving twice changes nothing.

    Raises EditConflict when the text was changed since ``version``, TransitionRefused while the
    inspection still goes on and after publication (then it is signed instead).
    """
    with transaction.atomic():
        round_ = locked_round(round_id)
        _check_may_sign(actor, round_)
        if round_.status != RoundStatus.PROVISIONAL:
            raise TransitionRefused(
                _("已经发布，请直接签发。")
                if round_.is_published
                else _("互查还没有结束，通报还没有定稿。")
            )
        draft = _draft_of(round_)
        _check_read(draft, version)
        digest = content_digest(bulletin(round_, actor), draft)
        if draft.approved_digest == digest and draft.approved_by_id == actor.pk:
            return draft
        draft.approved_by, draft.approved_at, draft.approved_digest = actor, now, digest
        draft.save()
        record(
            code="bulletin.approved",
            target=round_,
            actor=actor,
            now=now,
            via=via,
            after={"digest": digest, "version": draft.version},
        )
    return draft


def sign_bulletin(
    *, round_id: int, version: int, actor: User, now: dt.datetime, via: str = "web"
) -> Signed:
    """签发 after publication: number, date and signature, and the words are kept.

    Raises EditConflict when the text was changed since ``version``, TransitionRefused before
    publication.
    """
    with transaction.atomic():
        round_ = locked_round(round_id)
        _check_may_sign(actor, round_)
        if not round_.is_published:
            raise TransitionRefused(_("本月还没有发布，请先审签。"))
        run = _latest_run(round_)
        if signed := IssuedPaper.objects.live().filter(run=run).first():
            return Signed(signed, already=True)
        draft = _draft_of(round_)
        _check_read(draft, version)
        return Signed(_sign(round_, run, draft, actor=actor, now=now, via=via), already=False)


def sign_if_approved(round_: MonthRound, run: RankingRun, *, now: dt.datetime, via: str) -> bool:
    """Called within the publication, after the notices are drafted: the paper is signed if the
    words are those that were approved. Says whether it was."""
    draft = (
        BulletinDraft.objects.select_related("approved_by")
        .filter(round=round_, approved_by__isnull=False)
        .first()
    )
    if draft is None or draft.approved_by is None:
        return False
    found = bulletin(round_, AnonymousUser())
    if content_digest(found, draft) != draft.approved_digest:
        _tell(
            draft.approved_by,
            round_,
            key=f"bulletin-lapsed:{run.pk}",
            title=_("%(month)s通报发布前分数有变，审签失效，请重新签发") % {"month": round_.label},
            now=now,
        )
        return False
    _sign(round_, run, draft, actor=draft.approved_by, now=now, via=via)
    return True


def void_bulletin(
    *, round_id: int, reason: str, actor: User, now: dt.datetime, via: str = "web"
) -> IssuedPaper:
    """作废: the number stays used, the text may be changed and signed again under a new one.
    The published ranking is not touched."""
    reason = reason.strip()
    if not reason:
        raise DomainError(_("请写明为什么作废，它会留在文件库里。"), field="reason")
    if len(reason) > MAX_REASON:
        raise DomainError(_("请控制在 %(max)d 字以内。") % {"max": MAX_REASON}, field="reason")
    with transaction.atomic():
        round_ = locked_round(round_id)
        if not may_run_round(actor, round_) and not may_sign_bulletin(actor, round_, None):
            raise PermissionDenied
        paper: IssuedPaper | None = (
            IssuedPaper.objects.live().filter(run__round=round_).order_by("-pk").first()
        )
        if paper is None:
            raise TransitionRefused(_("通报还没有签发，可以直接修改。"))
        void_paper(paper=paper, reason=reason, now=now)
        record(
            code="bulletin.voided",
            target=round_,
            actor=actor,
            now=now,
            via=via,
            reason=reason,
            after={"document_number": paper.document_number},
        )
    return paper


def receive_bulletin(*, round_id: int, actor: User, now: dt.datetime) -> int:
    """签阅 for every branch of the round that the user is secretary or deputy of; how many are
    new. Twice is once."""
    with transaction.atomic():
        round_ = locked_round(round_id)
        branches = branches_reading(actor, round_)
        if not branches:
            raise PermissionDenied
        if not round_.is_published:
            raise TransitionRefused(_("通报还没有发布。"))
        run = _latest_run(round_)
        known = set(run.receipts.values_list("branch_id", flat=True))
        fresh = [
            BulletinReceipt(run=run, branch_id=pk, user=actor, at=now)
            for pk in sorted(branches - known)
        ]
        BulletinReceipt.objects.bulk_create(fresh)
        for receipt in fresh:
            record(
                code="bulletin.received",
                target=round_,
                actor=actor,
                now=now,
                after={"branch": receipt.branch_id, "revision": run.revision},
            )
    return len(fresh)


# -- inside -----------------------------------------------------------------------------------


def _sign(
    round_: MonthRound,
    run: RankingRun,
    draft: BulletinDraft,
    *,
    actor: User,
    now: dt.datetime,
    via: str,
) -> IssuedPaper:
    today = local_date(now)
    code = bulletin_code(round_.committee)
    number = next_number(issuer_code=code, year=today.year)
    paper = bulletin_paper(
        bulletin(round_, AnonymousUser()),
        draft,
        number=f"{code}〔{today.year}〕{number}号",
        signed_on=today,
    )
    kept = keep_bulletin(
        run=run,
        paper=paper,
        numbered={"issuer_code": code, "year": today.year, "number": number},
        actor=actor,
        now=now,
    )
    record(
        code="bulletin.signed",
        target=round_,
        actor=actor,
        now=now,
        via=via,
        after={"document_number": kept.document_number, "digest": kept.digest},
    )
    for user in office_of(round_.committee, today=today):
        if user.pk != actor.pk:
            _tell(
                user,
                round_,
                key=f"bulletin-signed:{kept.pk}",
                title=_("%(month)s通报已签发：%(number)s")
                % {"month": round_.label, "number": kept.document_number},
                now=now,
            )
    return kept


def _own_words(
    kept: Mapping[str, str], words: Mapping[str, str], generated: Mapping[Part, str]
) -> dict[str, str]:
    """``kept`` with the changes of ``words``."""
    errors: dict[str, str] = {}
    own = dict(kept)
    for name, typed in words.items():
        part = Part(name)
        text = "\n".join(line.strip() for line in typed.splitlines() if line.strip())
        if text == generated[part]:
            own.pop(part, None)
            continue
        if not text:
            errors[part] = _("这一部分不能空着；没有内容的写“（无）”。")
        elif len(text) > MAX_TEXT:
            errors[part] = _("请控制在 %(max)d 字以内，现在 %(n)d 字。") % {
                "max": MAX_TEXT,
                "n": len(text),
            }
        own[str(part)] = text
    if errors:
        raise TextRefused(errors)
    return own


def _draft_of(round_: MonthRound) -> BulletinDraft:
    draft: BulletinDraft = BulletinDraft.objects.select_related("approved_by").get_or_create(
        round=round_
    )[0]
    return draft


def _latest_run(round_: MonthRound) -> RankingRun:
    run: RankingRun = round_.runs.select_related("round__committee").order_by("-revision")[0]
    return run


def _refuse_signed(round_: MonthRound) -> None:
    if not round_.is_published:
        return
    signed = IssuedPaper.objects.live().filter(run=_latest_run(round_)).first()
    if signed is not None:
        raise TransitionRefused(
            _("通报已签发（%(number)s），文字不能再改。确需改的，先作废再重新签发。")
            % {"number": signed.document_number}
        )


def _check_may_sign(actor: User, round_: MonthRound) -> None:
    draft = BulletinDraft.objects.filter(round=round_).first()
    if may_sign_bulletin(actor, round_, draft):
        return
    if draft and draft.edited_by_id == actor.pk and may_run_round(actor, round_):
        raise DomainError(_("文字是您最后改的，请另一位同志或党委书记审签。"))
    raise PermissionDenied


def _check_read(draft: BulletinDraft, version: int) -> None:
    if draft.version != version:
        raise EditConflict(_("您看过之后文字又改了，请再看一遍。"))


def _tell(user: User, round_: MonthRound, *, key: str, title: str, now: dt.datetime) -> None:
    tell(
        user=user,
        key=f"{key}:{user.pk}",
        title=title,
        body="",
        link=reverse("evaluations:bulletin", args=[round_.pk]),
        now=now,
    )
