"""Keep what was signed, and void what was taken back."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from evaluations.models import IssuedPaper, PaperKind, RankingRun, RectificationNotice
from evaluations.selectors.papers import LAYOUTS, draw_notice
from portal.accounts.models import User
from portal.documents.official import Layout, Paper, digest_of, plain_text, stored
from portal.kernel.months import local_date

# Crockford's: no I, L, O, U, which are misread when typed from paper.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 16  # 80 bits: not to be guessed


def keep_notice(*, notice: RectificationNotice, actor: User, now: dt.datetime) -> IssuedPaper:
    """Store the words of a notice just signed. Called within the transaction that signs it."""
    papers = {layout: draw_notice(notice, layout) for layout in LAYOUTS}
    return _keep(
        papers,
        kind=PaperKind.NOTICE,
        notice=notice,
        committee_id=notice.branch.committee_id,
        branch_id=notice.branch_id,
        month=notice.run.round.month,
        issuer_code=notice.issuer_code,
        year=notice.year,
        number=notice.number,
        signed_by=actor,
        kept_at=now,
    )


def keep_bulletin(
    *,
    run: RankingRun,
    paper: Paper,
    numbered: Mapping[str, Any],
    actor: User,
    now: dt.datetime,
) -> IssuedPaper:
    """The same for a bulletin; ``numbered`` gives issuer_code, year and number."""
    return _keep(
        {paper.layout: paper},
        kind=PaperKind.BULLETIN,
        run=run,
        committee_id=run.round.committee_id,
        month=run.round.month,
        signed_by=actor,
        kept_at=now,
        **numbered,
    )


def void_paper(*, paper: IssuedPaper, reason: str, now: dt.datetime) -> None:
    """The number stays used; the file says that it is void."""
    paper.voided_at = now
    paper.void_reason = reason
    paper.save(update_fields=["voided_at", "void_reason"])


def clear_old_papers(now: dt.datetime) -> str:
    """The sweep's step: clear the words of papers whose years are over."""
    years = settings.PORTAL_PAPER_YEARS
    if years < 1:
        return _("文件长期保存")
    local = local_date(now)
    last_day = local.replace(year=local.year - years, day=min(local.day, 28))
    count = IssuedPaper.objects.filter(kept_at__date__lt=last_day, cleared_at__isnull=True).update(
        words={}, text="", cleared_at=now
    )
    return _("清理%(n)d份过期文件") % {"n": count}


def _keep(papers: Mapping[Layout, Paper], **facts: Any) -> IssuedPaper:
    words = {str(layout): stored(paper) for layout, paper in papers.items()}
    full = list(papers.values())[-1]
    kept: IssuedPaper = IssuedPaper.objects.create(
        title=full.name,
        text=plain_text(full),
        code="".join(secrets.choice(_ALPHABET) for _digit in range(_CODE_LENGTH)),
        words=words,
        digest=digest_of(words),
        **facts,
    )
    return kept
