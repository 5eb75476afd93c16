"""A month's signed papers as one zip: asked for by a person, made by a worker.

The same month gives the same bytes: entries carry the day of signing, in the order of the index.
A paper that can't be made is named with its reason, and the others go on.
"""

from __future__ import annotations

import datetime as dt
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

from celery import current_app
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.models import Committee
from evaluations.models import IssuedPaper, PaperBatch, PaperKind
from evaluations.selectors.papers import kept_paper
from portal.accounts.models import User
from portal.audit.services import record
from portal.documents.excel import Column, Sheet, write_csv
from portal.documents.official import FileForm, Layout, paper_bytes
from portal.kernel.errors import DomainError
from portal.kernel.months import Month, local_date

logger = logging.getLogger(__name__)

FOLDER = "paper-batches"
KEPT_FOR = dt.timedelta(days=7)
ABANDONED_AFTER = dt.timedelta(minutes=5)
LAYOUTS = {
    PaperKind.NOTICE: (Layout.LETTER, Layout.RED_HEAD),
    PaperKind.BULLETIN: (Layout.RED_HEAD,),
}


def ask_for_batch(
    *, committee: Committee, month: Month, actor: User, now: dt.datetime
) -> PaperBatch:
    """Have the zip of a month made. One that is being made, or was made and still holds every
    paper, is given again.

    Raises PermissionDenied for anybody who does not oversee the committee, DomainError for a
    month without a signed paper.
    """
    if committee.pk not in access_of(actor).overseen_committees:
        raise PermissionDenied
    with transaction.atomic():
        Committee.objects.select_for_update().get(pk=committee.pk)
        papers = _papers(committee.pk, month.first_day)
        if not papers.exists():
            raise DomainError(_("%(month)s还没有签发过文件。") % {"month": month.label})
        standing: PaperBatch | None = (
            PaperBatch.objects.filter(committee=committee, month=month.first_day)
            .exclude(status=PaperBatch.Status.BROKEN)
            .first()
        )
        if standing is not None and (
            standing.status != PaperBatch.Status.READY
            or (standing.asked_at >= _last_change(papers) and path_of(standing).is_file())
        ):
            return standing
        batch: PaperBatch = PaperBatch.objects.create(
            committee=committee,
            month=month.first_day,
            asked_by=actor,
            asked_at=now,
            touched_at=now,
            total=papers.count(),
        )
        record(
            code="papers.exported",
            target=batch,
            actor=actor,
            now=now,
            after={"committee": committee.pk, "month": str(month), "papers": batch.total},
        )
        transaction.on_commit(lambda: _wake(batch.pk), robust=True)
    return batch


def build_batch(*, batch_id: int, now: dt.datetime) -> PaperBatch:
    """Make the zip. Safe to call twice: a batch that somebody else is making is left alone."""
    with transaction.atomic():
        batch: PaperBatch = PaperBatch.objects.select_for_update().get(pk=batch_id)
        if batch.status == PaperBatch.Status.READY or (
            batch.status == PaperBatch.Status.RUNNING and batch.touched_at > now - ABANDONED_AFTER
        ):
            return batch
        batch.status, batch.touched_at = PaperBatch.Status.RUNNING, now
        batch.done, batch.failures = 0, []
        batch.save()
    try:
        _write(batch)
        batch.status = PaperBatch.Status.READY
    except OSError:
        logger.exception("batch %s could not be written", batch.pk)
        batch.status = PaperBatch.Status.BROKEN
    batch.touched_at = timezone.now()
    batch.save()
    return batch


def sweep(now: dt.datetime) -> str:
    """What a lost message or a dead worker left behind is made now; old files go."""
    made = 0
    for batch in PaperBatch.objects.abandoned(now - ABANDONED_AFTER):
        build_batch(batch_id=batch.pk, now=now)
        made += 1
    gone = 0
    for batch in PaperBatch.objects.filter(touched_at__lt=now - KEPT_FOR).exclude(file_name=""):
        path_of(batch).unlink(missing_ok=True)
        batch.file_name = ""
        batch.save(update_fields=["file_name"])
        gone += 1
    if not (made or gone):
        return _("没有要做的文件包")
    return _("做了%(made)d个文件包，清了%(gone)d个") % {"made": made, "gone": gone}


def path_of(batch: PaperBatch) -> Path:
    """Where the zip lies. An empty name leads to a file that is not there."""
    return Path(settings.MEDIA_ROOT) / FOLDER / (batch.file_name or "-")


def batch_response(batch: PaperBatch) -> HttpResponseBase | None:
    """The zip as a download; None while it is not there, or no longer."""
    path = path_of(batch)
    if batch.status != PaperBatch.Status.READY or not path.is_file():
        return None
    name = _("%(committee)s%(month)s文件.zip") % {
        "committee": batch.committee.name,
        "month": Month.of(batch.month).label,
    }
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name)
    response["Cache-Control"] = "private, no-store"
    return response


# -- inside -----------------------------------------------------------------------------------


def _papers(committee_id: int, month: dt.date) -> QuerySet[IssuedPaper]:
    kept = IssuedPaper.objects.filter(cleared_at__isnull=True)
    return kept.filter(committee_id=committee_id, month=month).order_by(
        "kind", "issuer_code", "year", "number"
    )


def _last_change(papers: QuerySet[IssuedPaper]) -> dt.datetime:
    """When the newest paper was signed or voided."""
    moments = [moment for pair in papers.values_list("kept_at", "voided_at") for moment in pair]
    return max(moment for moment in moments if moment is not None)


def _wake(batch_id: int) -> None:
    current_app.send_task("evaluations.build_batch", kwargs={"batch_id": batch_id})


def _write(batch: PaperBatch) -> None:
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    batch.total = _papers(batch.committee_id, batch.month).count()
    lines = []
    with NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
        try:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
                for paper in _papers(batch.committee_id, batch.month).iterator(chunk_size=20):
                    lines.append(_add(zipped, batch, paper))
                    batch.done += 1
                    batch.touched_at = timezone.now()
                    batch.save(update_fields=["done", "total", "failures", "touched_at"])
                _put(zipped, _("目录.csv"), _index(lines), batch.month)
            file.flush()
            batch.file_name = f"{batch.pk}.zip"
            Path(file.name).replace(path_of(batch))
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _add(zipped: zipfile.ZipFile, batch: PaperBatch, paper: IssuedPaper) -> tuple[str, ...]:
    """The paper's files, and its line of the index."""
    signed_on = local_date(paper.kept_at)
    names = []
    try:
        for name, body in list(_files(paper)):
            _put(zipped, name, body, signed_on)
            names.append(name)
        wrong = ""
    except Exception as error:
        logger.exception("paper %s could not be made", paper.pk)
        wrong = str(error)[:200] or type(error).__name__
        batch.failures = [*batch.failures, {"number": paper.document_number, "reason": wrong}]
    return (
        paper.document_number,
        paper.title,
        str(paper.branch) if paper.branch_id else _("各党总支、党支部"),
        f"{signed_on:%Y-%m-%d}",
        _("作废：%(reason)s") % {"reason": paper.void_reason} if paper.is_void else "",
        "；".join(names),
        _("没有做成：%(reason)s") % {"reason": wrong} if wrong else "",
    )


def _files(paper: IssuedPaper) -> Iterator[tuple[str, bytes]]:
    kind = PaperKind(paper.kind)
    for layout in LAYOUTS[kind]:
        drawn = kept_paper(paper, layout)
        label = _("（红头）") if len(LAYOUTS[kind]) > 1 and layout is Layout.RED_HEAD else ""
        for form in (FileForm.PDF, FileForm.DOCX):
            yield f"{kind.label}/{paper.document_number}{label}.{form}", paper_bytes(drawn, form)


def _put(zipped: zipfile.ZipFile, name: str, body: bytes, day: dt.date) -> None:
    entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    zipped.writestr(entry, body)


def _index(lines: list[tuple[str, ...]]) -> bytes:
    heads = (_("文号"), _("标题"), _("主送"), _("签发日期"), _("作废"), _("文件"), _("说明"))
    columns = tuple(Column(head) for head in heads)
    return write_csv(Sheet(name=_("目录"), columns=columns, rows=lines))
