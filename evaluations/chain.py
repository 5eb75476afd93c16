"""The digest chain over published months.

Each run's digest is SHA-256 over the digest before it, a header, and one canonical line per
entry and per sheet (``evaluations/sql/chain_lines.sql``). Whoever changes a published month
behind the portal's back breaks the chain from there on; the digest is printed in the bulletin,
an anchor outside the database.

On PostgreSQL the database hashes (100,000 lines never reach the worker); on SQLite, which is
this process anyway, the lines stream by. Both give the same digest.
"""

# ruff: noqa: S608 - the statements are files and constants of ours; values are parameters
from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from evaluations.models import Inspection, RankingRun
from evaluations.querysets import InspectionQuerySet
from evaluations.ranking import statement
from portal.kernel.digests import digest

# Any 64-bit number will do; it is the same for every process that adds to the chain.
_LOCK = 0x6D6F6E74685F31
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Link:
    """Where the next run goes: its sequence number and the digest it builds on."""

    sequence: int
    previous_digest: str


def lock() -> None:
    """Let one transaction at a time add to the chain. On SQLite write transactions come one
    at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # The few long statements of a publication sort a whole company, which ought to fit
            # into memory, and take less time than compiling them would.
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s), set_config('jit', 'off', true), "
                "set_config('work_mem', '64MB', true)",
                [_LOCK],
            )


def next_link() -> Link:
    """The end of the chain. The caller holds :func:`lock`."""
    last = RankingRun.objects.order_by("-sequence").values_list("sequence", "digest").first()
    return Link(last[0] + 1, last[1]) if last else Link(1, "")


def reserve_run_id() -> int:
    """The key of a run that is about to be written, so that its entries can be written and
    hashed before it and the run itself never needs an UPDATE."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(pg_get_serial_sequence('evaluations_rankingrun', 'id'))")
            return int(cursor.fetchone()[0])
    return (RankingRun.objects.aggregate(last=Max("pk"))["last"] or 0) + 1


def header(run: RankingRun) -> str:
    """What a digest says about the run itself, beside its lines."""
    published = run.published_at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return (
        f"{run.previous_digest}\n"
        f"run|{run.sequence}|{run.round_id}|{run.revision}|{published}|{run.entry_count}\n"
    )


def digest_of(run: RankingRun) -> str:
    """The digest of ``run`` from the rows that are in the database now."""
    if connection.vendor == "postgresql":
        return _hashed_by_the_database(run)
    return hash_lines(header(run), lines(run))


def hash_lines(head: str, rows: Iterator[str]) -> str:
    """SHA-256 over the head and every line with its line feed, holding one line at a time."""
    sha = hashlib.sha256(head.encode())
    for row in rows:
        sha.update(row.encode())
        sha.update(b"\n")
    return sha.hexdigest()


def lines(run: RankingRun) -> Iterator[str]:
    """The canonical lines of ``run``, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT line FROM ({statement('chain_lines.sql')}) l ORDER BY part, place",
            {"run_id": run.pk, "round_id": run.round_id},
        )
        while rows := cursor.fetchmany(_BATCH):
            for (row,) in rows:
                yield row


def _hashed_by_the_database(run: RankingRun) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encode(sha256(convert_to(%(head)s || COALESCE(string_agg("
            "line || chr(10), '' ORDER BY part, place), ''), 'UTF8')), 'hex') "
            f"FROM ({statement('chain_lines.sql')}) l",
            {"head": header(run), "run_id": run.pk, "round_id": run.round_id},
        )
        return str(cursor.fetchone()[0])


# -- verifying ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was verified. ``problem`` says what is wrong with it; empty when nothing
    is. ``digest`` is set for a run."""

    name: str
    problem: str = ""
    digest: str = ""


def length(*, sheets: bool = True) -> int:
    """How many things :func:`verify` looks at."""
    count = RankingRun.objects.count()
    return count + _published_sheets().count() if sheets else count


def verify(*, sheets: bool = True) -> Iterator[Checked]:
    """Recompute the chain from its beginning, then the seal of every published sheet, and say
    of each whether it agrees."""
    previous = ""
    runs = RankingRun.objects.select_related("round__committee").order_by("sequence")
    for number, run in enumerate(runs.iterator(chunk_size=100), start=1):
        yield Checked(str(run), _problem_of(run, number, previous), run.digest)
        previous = run.digest
    if sheets:
        yield from _verify_sheets()


def _problem_of(run: RankingRun, number: int, previous: str) -> str:
    if run.sequence != number:
        return _("链序号应是%(wanted)d，库里是%(found)d：少了一期。") % {
            "wanted": number,
            "found": run.sequence,
        }
    if run.previous_digest != previous:
        return _("它记的上一期摘要与上一期不符。")
    if run.entries.count() != run.entry_count:
        return _("名次行数不符。")
    if digest_of(run) != run.digest:
        return _("重算的摘要与存下的不符：名次或评分表被改动过。")
    return ""


def _published_sheets() -> InspectionQuerySet:
    sheets: InspectionQuerySet = Inspection.objects.done().filter(round__status="published")
    return sheets


def _verify_sheets() -> Iterator[Checked]:
    from evaluations.services.sheet_state import read_sheet, sheet_text

    sheets = (
        _published_sheets()
        .select_related("round__policy", "round__committee", "team__branch", "participant__branch")
        .select_related("participant__rubric_version")
        .order_by("round__month", "pk")
    )
    for sheet in sheets.iterator(chunk_size=200):
        state = read_sheet(sheet)
        problem = ""
        if digest(sheet_text(state)) != sheet.digest or state.score.base != sheet.score:
            problem = _("评分表的封存摘要不符：扣分被改动过。")
        yield Checked(f"{sheet.round} {sheet}", problem)
