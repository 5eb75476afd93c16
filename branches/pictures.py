"""A picture that lies beside another record too: found once, when it is added, and said to whoever
wrote the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from branches.models import Activity, PictureTwin
from portal.attachments.models import Attachment
from portal.attachments.owners import owner_type_of
from portal.kernel.months import Month
from portal.kernel.words import zh_day

PICTURES_OF = dt.timedelta(days=730)  # pictures older than that are not compared
AT_A_TIME = 2_000
SAME_LOOK = 12  # of 256 bits that may differ: scaled, recompressed, brightened
PLAIN = 24  # fewer bits than that say too little: a white sheet looks like every white sheet


def looks_same(one: str, other: str) -> bool:
    """Whether two fingerprints (``portal.attachments.pictures.fingerprint``) are of the same
    picture, as far as one can tell without looking."""
    return _alike(int(one, 16), int(other, 16))


def _alike(left: int, right: int) -> bool:
    if not PLAIN <= left.bit_count() <= 256 - PLAIN:
        return False
    return (left ^ right).bit_count() <= SAME_LOOK


def note_twins(activity: Activity, added: Sequence[Attachment]) -> None:
    """Compare pictures that were just added with those of two years beside other records, and keep
    what looks the same. Two queries, however many are compared."""
    looks = [(file, int(file.fingerprint, 16)) for file in added if file.fingerprint]
    if not looks:
        return
    others = (
        Attachment.objects.filter(
            owner_type=owner_type_of(activity),
            uploaded_on__gte=looks[0][0].uploaded_on - PICTURES_OF,
        )
        .exclude(fingerprint="")
        .exclude(owner_id=str(activity.pk))
        .values_list("pk", "digest", "fingerprint")
    )
    found = []
    for key, digest, words in others.iterator(chunk_size=AT_A_TIME):
        look = int(words, 16)
        found += [
            PictureTwin(picture=file, twin_id=key)
            for file, mine in looks
            if digest == file.digest or _alike(look, mine)
        ]
    PictureTwin.objects.bulk_create(found)


def reused(activity: Activity, materials: Iterable[Attachment]) -> Iterable[str]:
    """A sentence for each of the record's pictures that lies beside another record, of this branch
    or another. A record of another branch is not named: the author need not see into it."""
    mine = {file.pk: file for file in materials if file.fingerprint}
    if not mine:
        return
    pairs = PictureTwin.objects.filter(Q(picture__in=mine) | Q(twin__in=mine))
    found = {}
    for pair in pairs.select_related("picture", "twin").order_by("pk"):
        own, other = pair.picture, pair.twin
        if own.pk not in mine:
            own, other = other, own
        found[own.shown_name] = other.owner_id
    records = Activity.objects.in_bulk({int(owner) for owner in found.values()})
    for name, owner in found.items():
        record = records.get(int(owner))
        if record is None:
            continue
        words: dict[str, str] = {"name": name}
        if record.branch_id == activity.branch_id:
            yield _("“%(name)s”与%(day)s“%(subject)s”的照片一样，请核对是不是放错了。") % (
                words | {"day": zh_day(record.held_on), "subject": record.subject}
            )
        else:
            yield _("“%(name)s”与其他支部%(month)s一条记录的照片一样，请核对是不是放错了。") % (
                words | {"month": Month.of(record.held_on).label}
            )
