"""One bulletin as a page: its text as it stands, where it stands on its way, who has read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.access import access_of
from evaluations.models import (
    BulletinDraft,
    BulletinReceipt,
    IssuedPaper,
    MonthRound,
    RoundParticipant,
)
from evaluations.permissions import may_run_round, may_sign_bulletin
from evaluations.selectors.bulletin_papers import content_digest
from evaluations.selectors.bulletin_text import Part, Section, correction_of, sections_of
from evaluations.selectors.bulletins import Bulletin, bulletin
from evaluations.selectors.papers import kept_paper
from portal.accounts.models import User
from portal.documents.official import Paper, Paragraph
from portal.kernel.ui import Step

_STAGES = (
    gettext_lazy("拟稿"),
    gettext_lazy("审签"),
    gettext_lazy("发布"),
    gettext_lazy("签发编号"),
    gettext_lazy("支部签阅"),
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A part as it is drawn: heading, paragraphs, and for those who see the draft its section."""

    part: Part
    heading: str
    paragraphs: Sequence[Paragraph]
    section: Section | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """A branch and when it signed that it had read; ``at`` is None while it has not."""

    branch_id: int
    name: str
    at: object = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class BulletinPage:
    """Everything the page draws. ``turn``: "approve", "sign" or "" (nothing to do here now).
    ``preface``: what a revised bulletin says first of its correction."""

    bulletin: Bulletin
    draft: BulletinDraft | None
    paper: IssuedPaper | None
    preface: Sequence[Paragraph]
    passages: Sequence[Passage]
    steps: Sequence[Step]
    turn: str
    may_edit: bool
    may_sign: bool
    approval_stands: bool
    sees_draft: bool
    readers: Sequence[Reader]
    to_receive: int
    received: bool

    @property
    def version(self) -> int:
        return self.draft.version if self.draft else 1

    @property
    def read(self) -> Sequence[Reader]:
        return [reader for reader in self.readers if reader.at]

    @property
    def unread(self) -> Sequence[Reader]:
        return [reader for reader in self.readers if not reader.at]

    @property
    def outdated(self) -> Sequence[Section]:
        return [p.section for p in self.passages if p.section and p.section.is_outdated]


def bulletin_page(round_: MonthRound, user: User) -> BulletinPage:
    """The page of ``round_`` for ``user``; a fixed number of queries."""
    access = access_of(user)
    oversees = round_.committee_id in access.overseen_committees
    drafts = BulletinDraft.objects.select_related("edited_by", "approved_by").filter(round=round_)
    papers = IssuedPaper.objects.live().select_related("signed_by").filter(run__round=round_)
    participants = round_.participants.select_related("branch")
    receipts = BulletinReceipt.objects.select_related("user").filter(run__round=round_)
    if not round_.is_published:
        participants, receipts = participants.none(), receipts.none()
    elif not oversees:
        participants = participants.filter(branch_id__in=access.recording_branches)
        receipts = receipts.filter(branch_id__in=access.recording_branches)
    found = bulletin(round_, user, drafts, papers, participants, receipts)
    draft = drafts[0] if drafts else None
    paper = next((paper for paper in papers if found.run and paper.run_id == found.run.pk), None)
    sees_draft = oversees and paper is None
    if paper is not None and paper.cleared_at is None:
        preface, passages = _signed_passages(kept_paper(paper))
    else:
        preface = correction_of(found)
        passages = [
            Passage(s.part, s.heading, s.paragraphs, s if sees_draft else None)
            for s in sections_of(found, draft)
        ]
    approval_stands = bool(
        sees_draft
        and draft
        and draft.approved_digest
        and draft.approved_digest == content_digest(found, draft)
    )
    may_sign = paper is None and may_sign_bulletin(user, round_, draft)
    turn = ""
    if may_sign and round_.status == "provisional" and not approval_stands:
        turn = "approve"
    elif may_sign and round_.is_published:
        turn = "sign"
    everybody = _readers(
        participants,
        [receipt for receipt in receipts if found.run and receipt.run_id == found.run.pk],
    )
    readers = everybody if oversees else []
    own = [reader for reader in everybody if reader.branch_id in access.recording_branches]
    received = bool(own) and all(reader.at for reader in own)
    return BulletinPage(
        bulletin=found,
        draft=draft,
        paper=paper,
        preface=preface,
        passages=passages,
        steps=_steps(round_, paper, approval_stands, readers),
        turn=turn,
        may_edit=paper is None and may_run_round(user, round_),
        may_sign=may_sign,
        approval_stands=approval_stands,
        sees_draft=sees_draft,
        readers=readers,
        to_receive=0 if received else len(own),
        received=received,
    )


def _signed_passages(paper: Paper) -> tuple[list[Paragraph], list[Passage]]:
    """What stands before the first part of a signed paper, and its parts: what was signed is what
    is read."""
    parts = iter(Part)
    passages: list[Passage] = []
    preface: list[Paragraph] = []
    lines = preface
    for block in paper.blocks:
        if not isinstance(block, Paragraph):
            continue
        if block.level == 1:
            lines = []
            passages.append(Passage(next(parts), block.lead, lines))
        else:
            lines.append(block)
    return preface, passages


def _readers(
    participants: Iterable[RoundParticipant], receipts: Iterable[BulletinReceipt]
) -> list[Reader]:
    signed = {receipt.branch_id: receipt for receipt in receipts}
    readers = []
    for participant in participants:
        receipt = signed.get(participant.branch_id)
        readers.append(
            Reader(
                participant.branch_id,
                str(participant.branch),
                receipt.at if receipt else None,
                receipt.user.display_name if receipt else "",
            )
        )
    return readers


def _steps(
    round_: MonthRound,
    paper: IssuedPaper | None,
    approval_stands: bool,
    readers: Sequence[Reader],
) -> list[Step]:
    done = [
        True,
        approval_stands or paper is not None,
        round_.is_published,
        paper is not None,
        bool(readers) and all(reader.at for reader in readers),
    ]
    notes = [
        "",
        _("已审签") if approval_stands else "",
        "",
        paper.document_number if paper else "",
        _("%(n)d / %(of)d") % {"n": sum(1 for r in readers if r.at), "of": len(readers)}
        if readers
        else "",
    ]
    current = done.index(False) if False in done else len(done)
    return [
        Step(
            label,
            notes[index],
            "done" if done[index] else "current" if index == current else "todo",
        )
        for index, label in enumerate(_STAGES)
    ]
