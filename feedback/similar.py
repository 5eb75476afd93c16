"""Similar matters: what has been said before, while somebody types it again.

Up to ``SMALL`` requests everything is compared; above it, only those that share the rarest
pieces of what was typed, found through an index. Either way the ranking is the same (BM25,
``feedback.grams``), and the same on both databases.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _

from feedback.grams import grams, normal, ranked, weight
from feedback.keys import ALPHABET
from feedback.models import PieceCount, SimilarText, StaffRequest
from portal.kernel.months import local_date

if TYPE_CHECKING:
    from collections.abc import Sequence

SMALL = 3_000
MOST_CANDIDATES = 2_500
MOST_COMPARED = 200
MOST_SCORED = 24
SHORTEST_NUMBER = 4
LEAST_SHARE = 0.05
SHORTEST = 6  # characters typed before anything is offered
AT_ONCE = 1_000
GONE = ("declined", "withdrawn", "merged")


@dataclass(frozen=True, slots=True)
class Similar:
    """One matter that looks like what was typed. ``share``: 0 to about 1."""

    request: StaffRequest
    share: float

    @property
    def headline(self) -> str:
        return self.request.headline

    @property
    def said(self) -> str:
        """For the office: the headline, or the author's first words where there is none yet."""
        return self.request.headline or self.request.text[:40]

    @property
    def is_answered(self) -> bool:
        return self.request.status in ("replied", "closed")

    @property
    def changed(self) -> str:
        """What changed, in the board's words."""
        publication = getattr(self.request, "publication", None)
        return publication.changed if publication else ""


def similar_matters(
    text: str, committees: Collection[int] | None = None, *, most: int = 4
) -> list[Similar]:
    """Open and answered matters like ``text``, for whoever types: found by the office's own words
    alone. ``committees`` narrows to those; None means all."""
    if len(text.strip()) < SHORTEST:
        return []
    rows = SimilarText.objects.exclude(shown="").exclude(request__status__in=GONE)
    if committees is not None:
        rows = rows.filter(request__committee_id__in=committees)
    return _found(text, rows, "shown", most)


def to_handle_together(request: StaffRequest, today: dt.date, *, most: int = 5) -> list[Similar]:
    """Requests of the same committee that look like this one, for the office to merge. Anonymous
    ones from the day of their batch. Three queries."""
    rows = (
        SimilarText.objects.filter(
            request__committee_id=request.committee_id, request__released_on__lte=today
        )
        .exclude(request__status__in=(*GONE, "closed"))
        .exclude(pk=request.pk)
    )
    return _found(f"{request.headline} {request.text}", rows, "inner", most)


def _found(text: str, rows: QuerySet[SimilarText], field: str, most: int) -> list[Similar]:
    wanted = grams(text)
    if not wanted:
        return []
    texts, counts, total = _candidates(wanted, rows, field)
    best = ranked(wanted, texts, counts, total, most=most, least=LEAST_SHARE)
    requests = StaffRequest.objects.select_related("publication").in_bulk([key for key, _ in best])
    return [Similar(requests[key], share) for key, share in best if key in requests]


def _candidates(
    wanted: Iterable[str], rows: QuerySet[SimilarText], field: str
) -> tuple[dict[str, list[str]], dict[str, int], int]:
    pieces = sorted(set(wanted))
    # How rare a piece is depends on where it is looked for: what colleagues write in passing may
    # stand in no headline at all.
    column = "shown" if field == "shown" else "count"
    counted = dict(PieceCount.objects.filter(piece__in=["", *pieces]).values_list("piece", column))
    total = counted.pop("", 0)
    if total <= SMALL:
        texts = {key: text.split() for key, text in rows.values_list("pk", field)[: 2 * SMALL]}
        counts = Counter(piece for words in texts.values() for piece in set(words))
        return texts, counts, len(texts)
    sharing = _sharing(rows, field, _rarest(pieces, counted))
    best = _weighed(sharing, field, pieces, counted, total)
    texts = {key: text.split() for key, text in best.values_list("pk", field)[:MOST_COMPARED]}
    return texts, counted, total


def _weighed(
    rows: QuerySet[SimilarText],
    field: str,
    pieces: Sequence[str],
    counted: dict[str, int],
    total: int,
) -> QuerySet[SimilarText]:
    """Those that share the most of the telling pieces first: the database weighs roughly, so that
    few texts have to be fetched and compared exactly."""
    telling = sorted(pieces, key=lambda piece: (counted.get(piece, 0), piece))[:MOST_SCORED]
    weights: Any = sum(
        (
            Case(
                When(
                    **{f"{field}__contains": f" {piece} "},
                    then=Value(round(weight(piece, counted.get(piece, 1), total) * 100)),
                ),
                default=Value(0),
            )
            for piece in telling
        ),
        start=Value(0),
    )
    return rows.annotate(_weight=weights).order_by("-_weight", "pk")


def _rarest(pieces: Sequence[str], counted: dict[str, int]) -> list[str]:
    """The rarest pieces that together lead to few enough rows; at least one."""
    chosen: list[str] = []
    rows = 0
    for piece in sorted(pieces, key=lambda piece: (counted.get(piece, 0), piece)):
        rows += counted.get(piece, 0)
        if chosen and rows > MOST_CANDIDATES:
            break
        chosen.append(piece)
    return chosen


def _sharing(
    rows: QuerySet[SimilarText], field: str, pieces: Sequence[str]
) -> QuerySet[SimilarText]:
    if connection.vendor == "postgresql":
        column = f'"feedback_similartext"."{field}"'
        shares: Any = RawSQL(f"feedback_pieces({column}) && %s::text[]", [list(pieces)])  # noqa: S611
        return rows.annotate(_shares=shares).filter(_shares=True)
    found = Q()
    for piece in pieces:
        found |= Q(**{f"{field}__contains": f" {piece} "})
    return rows.filter(found)


def matching(query: str, today: dt.date) -> QuerySet[Any, Any]:
    """Keys of requests with ``query`` in what was said or in the headline, or as their number, for
    the office's ledger.

    Two Chinese characters are a piece: PostgreSQL finds them through the index. What is too new
    to have been taken apart is read along; so is everything on SQLite. A union of keys, each part
    of which has an index of its own: as one condition with OR all requests would be read.
    """
    requests = StaffRequest.objects.order_by()
    said = Q(headline__icontains=query) | Q(text__icontains=query)
    number = query.replace("-", "").upper()
    numbered = requests.none()
    if len(number) >= SHORTEST_NUMBER and not set(number) - set(ALPHABET):
        numbered = requests.filter(pk__startswith=number)
    pieces = sorted({piece for piece in grams(query) if not piece.startswith("#")})
    is_chinese = all("\u3400" <= character <= "\u9fff" for character in query)
    if connection.vendor != "postgresql" or not pieces or not is_chinese:
        return requests.filter(said).values("pk").union(numbered.values("pk"))
    # Without the table's name, which is another one inside a subquery.
    has_all: Any = RawSQL('feedback_pieces("inner") @> %s::text[]', [pieces])
    known = SimilarText.objects.annotate(_has=has_all).filter(_has=True)
    if pieces != [normal(query)]:
        known = known.filter(
            Q(request__headline__icontains=query) | Q(request__text__icontains=query)
        )
    fresh = requests.filter(said, submitted_on__gte=today - dt.timedelta(days=1))
    return known.values("pk").union(fresh.values("pk"), numbered.values("pk"))


# -- keeping up -------------------------------------------------------------------------


def keep_up(now: dt.datetime) -> str:
    """A step of the sweep: take apart what is new or has changed, count once a day."""
    today = local_date(now)
    told = 0
    while made := take_apart(today):
        told += sum(not request.is_anonymous for request in made)
    if not PieceCount.objects.filter(piece="", counted_on=today).exists():
        count_pieces(today)
    # Without the anonymous ones: the sweep runs every minute and writes down what it did, so a
    # number would say to the minute when somebody was there.
    return _("更新%(n)d件") % {"n": told}


def take_apart(today: dt.date, most: int = AT_ONCE) -> list[StaffRequest]:
    """Make the texts of up to ``most`` requests that have none or an old one; which. Anonymous ones
    from the day of their batch."""
    stale = list(
        StaffRequest.objects.filter(is_sealed=False, released_on__lte=today)
        .annotate(_made=Coalesce(F("similar_text__version"), 0))
        .exclude(_made=F("version"))
        .select_related("publication")
        .order_by("pk")[:most]
    )
    texts = []
    for request in stale:
        publication = getattr(request, "publication", None)
        shown = [request.headline]
        if publication is not None:
            shown += [publication.said, publication.changed]
        office = " ".join(shown)
        texts.append(
            SimilarText(
                request=request,
                version=request.version,
                shown=_row(office),
                inner=_row(f"{office} {request.text}"),
            )
        )
    SimilarText.objects.bulk_create(
        texts,
        update_conflicts=True,
        unique_fields=["request"],
        update_fields=["version", "shown", "inner"],
        batch_size=200,
    )
    return stale


def _row(text: str) -> str:
    pieces = " ".join(dict.fromkeys(grams(text)))
    return f" {pieces} " if pieces else ""


def count_pieces(today: dt.date) -> None:
    """Count in how many requests each piece occurs; the old counts go."""
    counts: Counter[str] = Counter()
    shown_counts: Counter[str] = Counter()
    total = 0
    rows = SimilarText.objects.values_list("inner", "shown")
    for inner, shown in rows.iterator(2_000):
        total += 1
        counts.update(set(inner.split()))
        shown_counts.update(set(shown.split()))
    counted = [PieceCount(piece="", count=total, shown=total, counted_on=today)]
    counted += [
        PieceCount(piece=piece, count=count, shown=shown_counts[piece], counted_on=today)
        for piece, count in counts.items()
        if count > 1 and len(piece) <= 40
    ]
    with transaction.atomic():
        PieceCount.objects.all().delete()
        PieceCount.objects.bulk_create(counted, batch_size=1_000)
