"""Hints to whoever wrote a record, before anybody else: minutes much like earlier ones, a person
who was in two places, a picture that lies beside another record too. A hint never scores and is
shown to nobody but those who may change it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from branches.models import Absence, Activity
from branches.rosters import circle_of, roster
from portal.attachments.models import Attachment
from portal.attachments.owners import owner_type_of
from portal.kernel.months import Month
from portal.kernel.words import zh_day

NEAR = 85  # per cent of shared pieces from which minutes are called much alike
LOOK_BACK = 24  # records of the branch that are compared
SHORTEST = 40  # characters; shorter minutes are alike by nature
PIECE = 3
PICTURES_OF = dt.timedelta(days=730)  # pictures older than that are not compared
SAME_LOOK = 12  # of 256 bits that may differ: scaled, recompressed, brightened
PLAIN = 24  # fewer bits than that say too little: a white sheet looks like every white sheet


def pieces(text: str) -> frozenset[str]:
    """Every three neighbouring characters, without spaces and punctuation."""
    plain = re.sub(r"[\W_]+", "", text)
    return frozenset(plain[n : n + PIECE] for n in range(len(plain) - PIECE + 1))


def likeness(one: str, other: str) -> int:
    """How much of two texts is shared, in whole per cent (Jaccard over :func:`pieces`)."""
    left, right = pieces(one), pieces(other)
    if not left or not right:
        return 0
    return len(left & right) * 100 // len(left | right)


def hints_of(activity: Activity) -> list[str]:
    """Sentences for the author; empty when nothing is odd. Seven queries at most."""
    return [*_near_copies(activity), *_two_places(activity), *_reused_pictures(activity)]


def _words(activity: Activity) -> str:
    return f"{activity.agenda}{activity.statements}{activity.resolution}"


def _near_copies(activity: Activity) -> Iterable[str]:
    mine = _words(activity)
    if len(mine) < SHORTEST:
        return
    earlier = (
        Activity.objects.filter(branch=activity.branch_id, held_on__lte=activity.held_on)
        .exclude(pk=activity.pk)
        .order_by("-held_on", "-pk")[:LOOK_BACK]
    )
    best = max(
        ((likeness(mine, _words(other)), other) for other in earlier),
        key=lambda pair: pair[0],
        default=None,
    )
    if best is not None and best[0] >= NEAR:
        yield _("与%(day)s“%(subject)s”的内容有%(share)d%%相同，请核对是不是忘了改。") % {
            "day": zh_day(best[1].held_on),
            "subject": best[1].subject,
            "share": best[0],
        }


def _two_places(activity: Activity) -> Iterable[str]:
    """People who, by the records, sat in two meetings that began at the same minute."""
    if activity.starts_at is None:
        return
    others = list(
        Activity.objects.filter(held_on=activity.held_on, starts_at=activity.starts_at)
        .filter(
            Q(branch=activity.branch_id)
            | Q(branch__parent=activity.branch_id)
            | Q(branch__sub_branches=activity.branch_id)
        )
        .exclude(pk=activity.pk)
        .exclude(place=activity.place)
        .select_related("branch", "group")
        .prefetch_related("ticks")
        .distinct()[:3]
    )
    if not others:
        return
    here = _present(activity)
    for other in others:
        both = [name for key, name in here.items() if key in _present(other)]
        if both:
            more = _("等%(n)d人") % {"n": len(both)} if len(both) > 3 else ""
            yield _("%(who)s同一时间也记在“%(subject)s”（%(place)s），请核对到会名单。") % {
                "who": "、".join(both[:3]) + more,
                "subject": other.subject,
                "place": other.place,
            }


def looks_same(one: str, other: str) -> bool:
    """Whether two fingerprints (``portal.attachments.pictures.fingerprint``) are of the same
    picture, as far as one can tell without looking."""
    return _alike(int(one, 16), int(other, 16))


def _alike(left: int, right: int) -> bool:
    if not PLAIN <= left.bit_count() <= 256 - PLAIN:
        return False
    return (left ^ right).bit_count() <= SAME_LOOK


def _reused_pictures(activity: Activity) -> Iterable[str]:
    """Pictures that lie beside another record, of this branch or another. A record of another
    branch is not named: the author need not see into it."""
    beside = Attachment.objects.filter(owner_type=owner_type_of(activity)).exclude(fingerprint="")
    mine = list(beside.filter(owner_id=str(activity.pk)).order_by("number"))
    if not mine:
        return
    rows = (
        beside.filter(uploaded_on__gte=mine[0].uploaded_on - PICTURES_OF)
        .exclude(owner_id=str(activity.pk))
        .order_by("uploaded_at")
        .values_list("owner_id", "digest", "fingerprint")
    )
    # Read once each: a year of a company is thousands of pictures.
    others = [(owner, digest, int(look, 16)) for owner, digest, look in rows]
    looks = [(picture, int(picture.fingerprint, 16)) for picture in mine]
    found = {
        picture.shown_name: owner
        for picture, mine_look in looks
        for owner, digest, look in others
        if digest == picture.digest or _alike(look, mine_look)
    }
    records = Activity.objects.in_bulk({int(owner) for owner in found.values()})
    for name, owner in found.items():
        other = records.get(int(owner))
        if other is None:
            continue
        words: dict[str, str] = {"name": name}
        if other.branch_id == activity.branch_id:
            yield _("“%(name)s”与%(day)s“%(subject)s”的照片一样，请核对是不是放错了。") % (
                words | {"day": zh_day(other.held_on), "subject": other.subject}
            )
        else:
            yield _("“%(name)s”与其他支部%(month)s一条记录的照片一样，请核对是不是放错了。") % (
                words | {"month": Month.of(other.held_on).label}
            )


def _present(activity: Activity) -> dict[int, str]:
    duties = [tick.duty for tick in activity.ticks.all()]
    circle = circle_of(duties, activity.group)
    away = set(Absence.objects.filter(activity=activity).values_list("person_id", flat=True))
    return {
        attendee.person_id: attendee.name
        for attendee in roster(activity.branch, activity.held_on, circle, activity.group_id)
        if attendee.person_id not in away
    }
