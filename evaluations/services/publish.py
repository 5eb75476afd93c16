"""Publishing a month, and correcting one: the same function for button, task, sweep and command.

Truth is rows: ranks, digest, bulletin, draft notices, messages and the round's new state are one
commit. Whoever comes second finds the month published and is told so; that is not an error.
What must leave the house lies in the outbox by then; ``mail`` wakes a worker after the commit,
which only makes it faster.
"""

# ruff: noqa: S608 - the statements are files and constants of ours; values are parameters
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluations import calibration, chain
from evaluations.lifecycles import NOTICE, ROUND
from evaluations.models import (
    MonthlyBulletin,
    MonthRound,
    RankingRun,
    RoundEvent,
)
from evaluations.permissions import is_interested, may_publish
from evaluations.ranking import (
    COLUMNS,
    fact_words,
    failure_parameters,
    parameters_with,
    round_parameters,
    standing_parameters,
    standing_rows,
    statement,
    with_standing,
)
from evaluations.recipients import office_of
from evaluations.services.appeals import open_appeals, refuse_if_appeals_open
from evaluations.services.bulletins import sign_if_approved
from evaluations.services.corrections import write_corrections
from evaluations.services.rounds import (
    gaps_in_words,
    locked_round,
    missing_sheets,
    require_reason_if_early,
)
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import local_date
from portal.notifications.services import mail, tell


@dataclass(frozen=True, slots=True)
class PublishResult:
    """The run that stands now. ``already``: it was there before, nothing was written."""

    run: RankingRun
    already: bool


def publish_round(
    *, round_id: int, actor: User | None, now: dt.datetime, via: str, reason: str = ""
) -> PublishResult:
    """Publish the month of a round in provisional state.

    Safe to call twice, or from many places at once: one of them publishes, the others get the
    run with ``already=True``. ``actor`` is None when the machine keeps the calendar.

    Raises PermissionDenied for anybody but an officer of the committee, TransitionRefused when
    the inspection is not closed yet, DomainError when an appeal is undecided, when no sheet was
    submitted, or when it is before the round's day and ``reason`` is empty.
    """
    with transaction.atomic(durable=True):
        chain.lock()
        round_ = locked_round(round_id)
        if actor is not None and not may_publish(actor, round_):
            raise PermissionDenied
        if round_.is_published:
            return PublishResult(_latest_run(round_), already=True)
        before = ROUND.take(round_, "publish")
        require_reason_if_early(round_, "publish_on", now=now, reason=reason, after=False)
        refuse_if_appeals_open(round_)
        _refuse_without_sheets(round_)
        run = _write_run(round_, revision=1, actor=actor, now=now, via=via, reason=reason)
        drafted = _draft_notices(round_, run, now=now)
        round_.published_at = now
        round_.save(update_fields=["status", "published_at"])
        _log(
            round_,
            run,
            step="publish",
            actor=actor,
            now=now,
            via=via,
            reason=reason,
            before={"status": before},
            drafted=drafted,
        )
        _tell_branches(round_, run, now=now)
        _tell_office(round_, run, drafted=drafted, now=now)
        sign_if_approved(round_, run, now=now, via=via)
    return PublishResult(run, already=False)


def republish_round(
    *, round_id: int, reason: str, actor: User, now: dt.datetime, via: str = "web"
) -> PublishResult:
    """Correct a published month: a new revision beside the old, which stays as it was.

    What changed since (an appeal upheld later, a correction of the month before) is counted;
    open findings stay as they stood on the day. When nothing changes nothing is written and
    ``already`` is True. Drafts whose problems changed are withdrawn and drafted again; served
    notices stay, and the office is told which of them have lost their ground.

    Raises PermissionDenied for anybody but an officer of the committee, TransitionRefused before
    publication, DomainError without a reason.
    """
    if not reason.strip():
        raise DomainError(_("请写明更正的原因，它会印在修订后的通报上。"), field="reason")
    with transaction.atomic(durable=True):
        chain.lock()
        round_ = locked_round(round_id)
        if not may_publish(actor, round_):
            raise PermissionDenied
        if not round_.is_published:
            raise TransitionRefused(_("本月还没有通报，请直接改评分表后发布。"))
        latest = _latest_run(round_)
        if not _differs(round_, latest):
            return PublishResult(latest, already=True)
        run = _write_run(
            round_, revision=latest.revision + 1, actor=actor, now=now, via=via, reason=reason
        )
        drafted = _draft_notices(round_, run, now=now)
        _log(
            round_,
            run,
            step="republish",
            actor=actor,
            now=now,
            via=via,
            reason=reason,
            before={"revision": latest.revision, "digest": latest.digest},
            drafted=drafted,
        )
        _tell_branches(round_, run, now=now)
        _tell_office(round_, run, drafted=drafted, now=now)
    return PublishResult(run, already=False)


def what_is_missing(round_: MonthRound) -> list[str]:
    """What a person should know before the month is published, one sentence each."""
    unvisited = round_.participants.filter(is_exempt=False, inspections__isnull=True)
    found = gaps_in_words(missing_sheets(round_), unvisited.select_related("branch"))
    for appeal in open_appeals(round_):
        found.append(
            _("%(branch)s对“%(item)s”的申诉还没有复核。")
            % {"branch": appeal.branch, "item": appeal.deduction.item}
        )
    return found


# -- the run ------------------------------------------------------------------------------


def _latest_run(round_: MonthRound) -> RankingRun:
    run: RankingRun = round_.runs.order_by("-revision")[0]
    return run


def _refuse_without_sheets(round_: MonthRound) -> None:
    if not round_.inspections.done().exists():
        raise DomainError(_("本月没有一张已提交的评分表，不能发布通报。"))


def _write_run(
    round_: MonthRound,
    *,
    revision: int,
    actor: User | None,
    now: dt.datetime,
    via: str,
    reason: str,
) -> RankingRun:
    """Entries first, then the run with the digest over them: nothing is updated afterwards,
    and from the moment the run is there the database takes no further entry for it."""
    link = chain.next_link()
    run = RankingRun(
        pk=chain.reserve_run_id(),
        round=round_,
        revision=revision,
        sequence=link.sequence,
        published_at=now,
        published_by=actor,
        via=via,
        reason=reason.strip()[:300],
        previous_digest=link.previous_digest,
    )
    _keep("publication_losses", statement("losses.sql"), round_parameters(round_))
    found = calibration.month_fit(round_)
    parameters = parameters_with(round_, found)
    run.entry_count = _execute(
        f"INSERT INTO evaluations_rankingentry (run_id, {', '.join(COLUMNS)}) "
        + with_standing(kept=True)
        + statement("entries.sql"),
        {**parameters, "run_id": run.pk},
    )
    if found is not None:
        write_corrections(run, round_, found, standing_rows(parameters, kept=True))
    run.digest = chain.digest_of(run)
    run.save(force_insert=True)
    MonthlyBulletin.objects.create(
        run=run, highlights=round_.highlights, next_focus=round_.next_focus, created_at=now
    )
    return run


def _differs(round_: MonthRound, latest: RankingRun) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            with_standing() + statement("unchanged.sql"),
            {**standing_parameters(round_), "latest_run_id": latest.pk},
        )
        return bool(cursor.fetchone()[0])


# -- notices ------------------------------------------------------------------------------


def _draft_notices(round_: MonthRound, run: RankingRun, *, now: dt.datetime) -> int:
    """Draft notices for failed key work; how many. Their text is facts, a person signs."""
    moment = connection.ops.adapt_datetimefield_value(now)
    _keep("publication_rules", statement("rules.sql"), round_parameters(round_))
    _keep(
        "publication_failures",
        statement("failures.sql", kept=True) + "SELECT * FROM failures",
        failure_parameters(round_),
    )
    if run.revision > 1:
        _withdraw_outdated_drafts(round_, run, now=now)
        _warn_of_unfounded_notices(round_, run, now=now)
    drafted = _execute(
        statement("draft_notices.sql"),
        {"run_id": run.pk, "now": moment},
    )
    if drafted:
        _execute(
            statement("draft_problems.sql"),
            {**round_parameters(round_), **fact_words(), "run_id": run.pk},
        )
        _execute(
            "INSERT INTO evaluations_noticeevent (notice_id, at, step, note) "
            "SELECT id, %(now)s, 'draft', '' FROM evaluations_rectificationnotice "
            "WHERE run_id = %(run_id)s ORDER BY id",
            {"run_id": run.pk, "now": moment},
        )
    for name in ("publication_failures", "publication_rules", "publication_losses"):
        _execute(f"DROP TABLE {name}")
    return drafted


def _withdraw_outdated_drafts(round_: MonthRound, run: RankingRun, *, now: dt.datetime) -> None:
    """Drafts whose problems changed go, with a line in their history. Set-based: on a
    correction of many marks there may be many."""
    note = _("第%(number)d次发布更正了分数，草稿按更正后的结果重拟。") % {"number": run.revision}
    outdated = statement("outdated_drafts.sql")
    step = NOTICE.steps["withdraw"]
    _execute(
        "INSERT INTO evaluations_noticeevent (notice_id, at, step, note) "
        f"SELECT id, %(now)s, 'withdraw', %(note)s FROM ({outdated}) o ORDER BY id",
        {
            "round_id": round_.pk,
            "note": note,
            "now": connection.ops.adapt_datetimefield_value(now),
        },
    )
    _execute(
        "UPDATE evaluations_rectificationnotice SET status = %(target)s, version = version + 1 "
        f"WHERE id IN ({outdated})",
        {"round_id": round_.pk, "target": step.target},
    )


def _warn_of_unfounded_notices(round_: MonthRound, run: RankingRun, *, now: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement("unfounded_notices.sql"), {"round_id": round_.pk})
        numbers = [f"{code}〔{year}〕{number}号" for _pk, code, year, number in cursor.fetchall()]
    if not numbers:
        return
    title = _("更正后，已签发的通知书有的问题不再成立，请核定是否撤回")
    for user in office_of(round_.committee, today=local_date(now)):
        tell(
            user=user,
            key=f"unfounded:{run.pk}:{user.pk}",
            title=title,
            body="、".join(numbers)[:500],
            link=_link("evaluations:notice-list"),
            now=now,
        )


# -- messages and history -----------------------------------------------------------------


def _log(
    round_: MonthRound,
    run: RankingRun,
    *,
    step: str,
    actor: User | None,
    now: dt.datetime,
    via: str,
    reason: str,
    before: dict[str, Any],
    drafted: int,
) -> None:
    RoundEvent.objects.create(
        round=round_, at=now, step=step, actor=actor, via=via, note=reason.strip()[:300]
    )
    after: dict[str, Any] = {
        "status": round_.status,
        "run": run.pk,
        "revision": run.revision,
        "sequence": run.sequence,
        "entries": run.entry_count,
        "notices_drafted": drafted,
        "digest": run.digest,
    }
    if actor is not None and is_interested(actor, round_):
        after["publisher_belongs_to_a_ranked_branch"] = True
    record(
        code="round.published" if step == "publish" else "round.corrected",
        target=round_,
        actor=actor,
        now=now,
        via=via,
        reason=reason,
        before=before,
        after=after,
    )


def _title(round_: MonthRound, run: RankingRun) -> str:
    if run.revision == 1:
        return _("%(month)s考评通报已发布") % {"month": round_.label}
    return _("%(month)s考评通报已更正（第%(number)d次发布）") % {
        "month": round_.label,
        "number": run.revision,
    }


def _tell_branches(round_: MonthRound, run: RankingRun, *, now: dt.datetime) -> None:
    """Total, band and place into the inbox of each secretary and deputy: one statement."""
    key = f"published:{round_.pk}:{run.revision}"
    words = message_words(round_, key, _title(round_, run), now)
    _execute(statement("tell_branches.sql"), {**words, "run_id": run.pk})


def message_words(round_: MonthRound, key: str, title: str, now: dt.datetime) -> dict[str, Any]:
    """What tell_branches.sql must be told besides the run."""
    ops = connection.ops
    return {
        "key": key,
        "title": title,
        "link": _link("evaluations:ranking", round_.pk),
        "now": ops.adapt_datetimefield_value(now),
        "today": ops.adapt_datefield_value(local_date(now)),
        "word_colon": "：",
        "word_total": _("得分"),
        "word_marks": _("分"),
        "word_band": "，",
        "word_comma": "，",
        "word_place": _("同类第"),
        "word_of": _("名，共"),
        "word_branches": _("个"),
        "word_exempt": _("本月不参评"),
        "word_not_inspected": _("本月未检查，不排名"),
        "word_small_group": _("同类不足数，只列不排"),
        "word_stop": "。",
    }


def _tell_office(round_: MonthRound, run: RankingRun, *, drafted: int, now: dt.datetime) -> None:
    """Officers and the committee's secretaries learn what is theirs to do now: in the inbox,
    and by mail because the deadlines of a notice run from its signing."""
    title = _title(round_, run)
    body = _("共%(count)d个单位。") % {"count": run.entry_count}
    if drafted:
        body += ngettext(
            "有%(count)d份整改通知书草稿待核稿。", "有%(count)d份整改通知书草稿待核稿。", drafted
        ) % {"count": drafted}
    body += _("本期摘要%(digest)s。") % {"digest": run.digest[:16]}
    link = _link("evaluations:ranking", round_.pk)
    for user in office_of(round_.committee, today=local_date(now)):
        key = f"published:{round_.pk}:{run.revision}:office:{user.pk}"
        tell(user=user, key=key, title=title, body=body, link=link, now=now)
        mail(user=user, key=key, subject=title, body=body, now=now)


def _link(name: str, *args: Any) -> str:
    """A page's address; empty while that page is not there."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _keep(name: str, sql: str, parameters: dict[str, Any]) -> None:
    """Keep what a statement gives in a temporary table until the publication is through."""
    on_server = connection.vendor == "postgresql"
    _execute(
        f"CREATE TEMPORARY TABLE {name} {'ON COMMIT DROP' if on_server else ''} AS {sql}",
        parameters,
    )
    if on_server:
        _execute(f"ANALYZE {name}")  # or the planner guesses


def _execute(sql: str, parameters: dict[str, Any] | None = None) -> int:
    """Run one statement; how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)
