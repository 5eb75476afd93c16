"""Bringing in rosters, dues and past records from a workbook: looked at first, undone if wrong.

A file of the usual size is read and written while the person waits; a large one by the worker, in
chunks that are each one transaction, so that 50,000 rows need little memory, progress can be seen,
and a worker that dies is followed by one that goes on at the next row (``RowImport.cursor``).
"""

from __future__ import annotations

import datetime as dt
import io
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ProtectedError, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from branches.models import Branch, ImportKind, ImportRow, ImportStage, RowImport
from branches.permissions import may_edit_organisation, may_record
from branches.rosters import kept_rosters
from branches.services.import_writers import UNDOERS, WRITERS, tried, written
from branches.workbooks import read_rows
from portal.audit.services import record
from portal.documents.excel import UnreadableFile
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import local_date

if TYPE_CHECKING:
    from portal.accounts.models import User

logger = logging.getLogger(__name__)

FOLDER = "row-imports"
AT_ONCE_BYTES = 60_000  # a file up to this size, some hundreds of rows, is read at once
AT_ONCE_ROWS = 1_000  # so many rows are written at once
CHUNK = 500
ABANDONED_AFTER = dt.timedelta(minutes=5)
KEPT_FOR = dt.timedelta(days=1)  # files that nobody came to read
TASK_SECONDS, SWEEP_SECONDS = 420.0, 20.0


def may_import(actor: User, branch: Branch, kind: str) -> bool:
    """Rosters are the officers' business, dues and records the secretary's."""
    if kind == ImportKind.ROSTER:
        return may_edit_organisation(actor, branch.committee)
    return may_record(actor, branch)


def _allowed(actor: User, branch: Branch, kind: str) -> None:
    if not may_import(actor, branch, kind):
        raise PermissionDenied(_("名册由党群部导入，党费和记录由本支部书记、副书记导入。"))


# -- the person's turn ---------------------------------------------------------------------------


def keep_import(
    *,
    uuid: UUID,
    branch: Branch,
    kind: ImportKind,
    filename: str,
    body: bytes,
    actor: User,
    now: dt.datetime,
) -> RowImport:
    """Keep a file and have it read: at once when it is small, else by the worker.

    Raises PermissionDenied; UnreadableFile for a small file that can't be read (a large one says
    so on its page); DomainError for one without a row.
    """
    _allowed(actor, branch, kind)
    small = len(body) <= AT_ONCE_BYTES
    with transaction.atomic():
        kept: RowImport = RowImport.objects.create(
            uuid=uuid,
            branch=branch,
            kind=kind,
            filename=filename[:120],
            created_by=actor,
            created_at=now,
            touched_at=now if small else None,
        )
        if small:
            _read(kept, body)
            _try(kept, now, float("inf"))
        else:
            _store(kept, body)
            transaction.on_commit(lambda: _wake(uuid), robust=True)
    return kept


def accept_import(*, uuid: UUID, only_good: bool, actor: User, now: dt.datetime) -> RowImport:
    """Write the rows, or have them written when they are many. With bad ones among them nothing is
    written unless ``only_good`` asks for the rest. A second press finds it done or under way."""
    with transaction.atomic():
        kept: RowImport = RowImport.objects.select_for_update(of=("self",)).get(pk=uuid)
        _allowed(actor, kept.branch, kept.kind)
        if kept.stage == ImportStage.UNDONE:
            raise TransitionRefused(_("这次导入已撤销，请重新上传。"))
        if kept.stage in {ImportStage.WRITING, ImportStage.WRITTEN}:
            return kept
        if kept.stage != ImportStage.READY:
            raise TransitionRefused(_("文件还没有读完，请等一等。"))
        good = kept.rows.filter(is_good=True).count()
        bad = kept.total - good
        if bad and not only_good:
            raise DomainError(_("还有%(n)d行要改。改好再传，或只导入好的行。") % {"n": bad})
        if not good:
            raise DomainError(_("没有可以导入的行。"))
        kept.stage, kept.cursor = ImportStage.WRITING, 0
        kept.accepted_by, kept.accepted_at = actor, now
        kept.touched_at = None
        kept.save()
        record(
            code="import.accepted",
            target=kept,
            actor=actor,
            now=now,
            after={"kind": kept.kind, "rows": good, "left_out": bad},
        )
        if good <= AT_ONCE_ROWS:
            _write(kept, float("inf"))
        else:
            transaction.on_commit(lambda: _wake(uuid), robust=True)
    return kept


def undo_import(*, uuid: UUID, actor: User, now: dt.datetime) -> RowImport:
    """Take everything back that came in and was not changed since. Raises TransitionRefused when
    something has been built on it: then people put it right one by one."""
    with transaction.atomic():
        kept: RowImport = RowImport.objects.select_for_update(of=("self",)).get(pk=uuid)
        _allowed(actor, kept.branch, kept.kind)
        if kept.stage == ImportStage.UNDONE:
            return kept
        if kept.stage == ImportStage.WRITING:
            raise TransitionRefused(_("还在写入，写完才能撤销。"))
        if kept.stage != ImportStage.WRITTEN:
            raise TransitionRefused(_("这次导入还没有写入，不用撤销。"))
        try:
            with transaction.atomic():
                count = UNDOERS[ImportKind(kept.kind)](kept)
        except ProtectedError:
            raise TransitionRefused(
                _("导入的人已经用在别的记录里，不能整批撤销，请逐个办理转出。")
            ) from None
        kept.stage, kept.undone_at = ImportStage.UNDONE, now
        kept.save(update_fields=["stage", "undone_at"])
        record(
            code="import.undone",
            target=kept,
            actor=actor,
            now=now,
            after={"kind": kept.kind, "rows": count},
        )
    return kept


# -- the machine's turn --------------------------------------------------------------------------


def run_import(*, uuid: UUID, now: dt.datetime, seconds: float = TASK_SECONDS) -> RowImport:
    """Take an import as far as it goes in about ``seconds``. Safe to call twice: one that somebody
    else is at is left alone, one that was left lying is gone on with where it stands."""
    with transaction.atomic():
        kept: RowImport = RowImport.objects.select_for_update(of=("self",)).get(pk=uuid)
        held = kept.touched_at is not None and kept.touched_at > now - ABANDONED_AFTER
        if not kept.is_at_work or held:
            return kept
        kept.touched_at = now
        kept.save(update_fields=["touched_at"])
    until = time.monotonic() + seconds
    try:
        if kept.stage == ImportStage.READING:
            _read(kept, _path(kept).read_bytes())
        if kept.stage == ImportStage.TRYING:
            _try(kept, now, until)
        if kept.stage == ImportStage.WRITING:
            _write(kept, until)
    except _Overtaken:
        logger.info("import %s is gone on with by somebody else", kept.pk)
    except UnreadableFile as refusal:
        _give_up(kept, refusal.message)
    except FileNotFoundError:
        _give_up(kept, _("文件没有找到，请重新上传。"))
    except Exception:
        if kept.stage == ImportStage.WRITING:
            raise  # nothing of the chunk was written; the sweep goes on with it
        logger.exception("import %s could not be read", kept.pk)
        _give_up(kept, _("读这个文件时出了错，请告诉系统管理员。"))
    # Let go, unless it is a person's turn already, or somebody else's.
    _ours(kept).update(touched_at=None)
    if kept.stage != ImportStage.READING:
        _path(kept).unlink(missing_ok=True)
    return kept


class _Overtaken(Exception):
    """This import was left lying so long that somebody else went on with it: nothing more of ours
    may be kept."""


def _give_up(kept: RowImport, why: str) -> None:
    """Nobody can read it; unless somebody else went on with it meanwhile and could."""
    with transaction.atomic():
        if _ours(kept).update(stage=ImportStage.UNREADABLE, failure=why[:200]):
            kept.stage, kept.failure = ImportStage.UNREADABLE, why[:200]
            kept.rows.all().delete()


def sweep(now: dt.datetime) -> str:
    """What a lost message, a dead worker or a spent hour left behind goes on; files that nobody
    will read go away."""
    went_on = 0
    for kept in RowImport.objects.left_behind(now - ABANDONED_AFTER)[:3]:
        if kept.touched_at is not None or _is_old(kept, now):
            try:
                left = run_import(uuid=kept.pk, now=now, seconds=SWEEP_SECONDS).is_at_work
            except Exception:  # one that can't go on does not hold up the others
                logger.exception("import %s could not be gone on with", kept.pk)
                continue
            if left:
                _wake(kept.pk)  # the rest is more than a sweep should take
            went_on += 1
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    oldest = (now - KEPT_FOR).timestamp()
    for path in folder.glob("*.xlsx"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
    return _("接着做了%(n)d个导入") % {"n": went_on} if went_on else _("没有要接着做的导入")


def _is_old(kept: RowImport, now: dt.datetime) -> bool:
    """A fresh one has a message of its own under way; give that a minute."""
    return (kept.accepted_at or kept.created_at) < now - dt.timedelta(minutes=1)


def _read(kept: RowImport, body: bytes) -> None:
    """Cells to rows. Begins from the first row each time: it takes seconds."""
    height, rows = read_rows(
        ImportKind(kept.kind), kept.branch, io.BytesIO(body), local_date(kept.created_at)
    )
    with transaction.atomic():
        kept.rows.all().delete()
        _touch(kept, total=height)
    found, chunk = 0, []
    for row in rows:
        chunk.append(
            ImportRow(
                row_import=kept,
                number=row.number,
                words=row.words[:200],
                is_good=not row.problems,
                problems=[list(problem) for problem in row.problems],
                plain=row.plain,
            )
        )
        found += 1
        if len(chunk) >= CHUNK:
            with transaction.atomic():
                ImportRow.objects.bulk_create(chunk)
                _touch(kept, cursor=found)
            chunk.clear()
    if not found:
        raise UnreadableFile(_("表里没有数据行。"), field="file")
    with transaction.atomic():
        ImportRow.objects.bulk_create(chunk)
        _touch(kept, stage=ImportStage.TRYING, total=found, cursor=0)


def _try(kept: RowImport, now: dt.datetime, until: float) -> None:
    """Good rows are tried out and taken back, so that the reason a person reads is the one the
    rules would give. Dues are checked as they are read: a year of them is thousands of rows."""
    kind = ImportKind(kept.kind)
    while kind != ImportKind.DUES and (rows := _next(kept)):
        with kept_rosters():  # a trial leaves nobody a member
            for row in rows:
                if problem := tried(kind, kept.branch, row.plain, kept.created_by, now):
                    row.is_good, row.problems = False, [["", problem]]
        wrong = [row for row in rows if not row.is_good]
        with transaction.atomic():
            ImportRow.objects.bulk_update(wrong, ["is_good", "problems"])
            _touch(kept, cursor=rows[-1].number)
        if time.monotonic() > until:
            return
    _touch(kept, stage=ImportStage.READY, cursor=0)


def _write(kept: RowImport, until: float) -> None:
    """Chunk by chunk, each with the mark of how far it came. A row that no longer fits (somebody
    left meanwhile) is left out with its reason; the others go on."""
    writer = WRITERS[ImportKind(kept.kind)]
    assert kept.accepted_by is not None and kept.accepted_at is not None  # noqa: S101, PT018
    while rows := _next(kept):
        with transaction.atomic():
            if not _ours(kept).select_for_update(of=("self",)).exists():
                raise _Overtaken
            written(writer, kept.branch, rows, kept.accepted_by, kept.accepted_at)
            ImportRow.objects.bulk_update(rows, ["made", "is_good", "problems"])
            _touch(kept, cursor=rows[-1].number)
        if time.monotonic() > until:
            return
    _touch(kept, stage=ImportStage.WRITTEN)


def _next(kept: RowImport) -> list[ImportRow]:
    """The next good rows that the stage has not dealt with."""
    return list(kept.rows.filter(is_good=True, number__gt=kept.cursor).order_by("number")[:CHUNK])


def _ours(kept: RowImport) -> QuerySet[RowImport]:
    """The import, if it stands where we left it; nothing, if somebody else was at it since."""
    return RowImport.objects.filter(
        pk=kept.pk, stage=kept.stage, cursor=kept.cursor, touched_at=kept.touched_at
    )


def _touch(kept: RowImport, **changes: Any) -> None:
    """Note how far it came, in one transaction with the rows that say so. Raises _Overtaken."""
    changes["touched_at"] = timezone.now()
    if not _ours(kept).update(**changes):
        raise _Overtaken
    for name, value in changes.items():
        setattr(kept, name, value)


def _path(kept: RowImport) -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER / f"{kept.pk}.xlsx"


def _store(kept: RowImport, body: bytes) -> None:
    path = _path(kept)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    path.write_bytes(body)


def _wake(uuid: UUID) -> None:
    current_app.send_task("branches.run_import", kwargs={"uuid": str(uuid)})
