"""Hints to whoever wrote a record, before anybody else: minutes much like earlier ones, a person
who was in two places, a picture that lies beside another record too. A hint never scores and is
shown to nobody but those who may change it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from branches.models import Absence, Activity
from branches.pictures import reused
from branches.rosters import circle_of, roster
from portal.attachments.models import Attachment
from portal.kernel.words import zh_day

NEAR = 85  # per cent of shared pieces from which minutes are called much alike
LOOK_BACK = 24  # records of the branch that are compared
SHORTEST = 40  # characters; shorter minutes are alike by nature
PIECE = 3


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


def hints_of(activity: Activity, materials: Iterable[Attachment] | None = None) -> list[str]:
    """Sentences for the author; empty when nothing is odd. Seven queries at most. ``materials``:
    the files beside it, if they have been read."""
    files = Attachment.objects.of(activity) if materials is None else materials
    return [*_near_copies(activity), *_two_places(activity), *reused(activity, files)]


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


def _present(activity: Activity) -> dict[int, str]:
    duties = [tick.duty for tick in activity.ticks.all()]
    circle = circle_of(duties, activity.group)
    away = set(Absence.objects.filter(activity=activity).values_list("person_id", flat=True))
    return {
        attendee.person_id: attendee.name
        for attendee in roster(activity.branch, activity.held_on, circle, activity.group_id)
        if attendee.person_id not in away
    }
