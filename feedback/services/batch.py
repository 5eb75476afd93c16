"""The daily batch: what anonymous authors sent yesterday reaches the house in one go.

A message at once would say when somebody had been there. A batch is told of in office hours, once
per reader, whenever the sweep gets to it; what was sent on a Friday evening on Monday morning.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from feedback.clocks import heard_until
from feedback.models import Message as Word
from feedback.models import StaffRequest
from feedback.recipients import discipline_of, office_of, seats_of
from feedback.services.deadlines import end_pause
from feedback.services.history import add_event, locked
from feedback.services.sweep import in_office_hours
from portal.kernel.months import local_date
from portal.notifications.services import Message, tell_many

LOOK_BACK = dt.timedelta(days=14)  # longer than any holiday


def deliver(now: dt.datetime) -> str:
    """Tell offices of new anonymous requests, and handlers of what authors added before today;
    clocks that waited for it run again. May run as often as it likes: each reader is told once of
    a day's batch."""
    if not in_office_hours(now):
        return _("上班时间再送")
    today = local_date(now)
    _resume_clocks(today, now)
    messages = [*_new_ones(today), *_words(today)]
    tell_many(messages=messages, now=now)
    return _("已送") if messages else _("没有要送的")


def _new_ones(today: dt.date) -> list[Message]:
    counts = Counter(
        StaffRequest.objects.filter(
            level="anonymous",
            status="submitted",
            released_on__lte=today,
            released_on__gt=today - LOOK_BACK,
        ).values_list("committee_id", "is_sealed", "released_on")
    )
    if not counts:
        return []
    readers = {
        False: office_of({c for c, sealed, _on in counts if not sealed}, today=today),
        True: discipline_of({c for c, sealed, _on in counts if sealed}, today=today),
    }
    return [
        Message(
            user.pk,
            f"anonymous-batch:{committee}:{int(sealed)}:{on}:{user.pk}",
            _("收到匿名诉求 %(count)d 件，请受理") % {"count": count},
            "",
            reverse("feedback:sealed" if sealed else "feedback:ledger"),
        )
        for (committee, sealed, on), count in sorted(counts.items())
        for user in readers[sealed].get(committee, ())
    ]


def _resume_clocks(today: dt.date, now: dt.datetime) -> None:
    """Let clocks run again that stood still until the author would say something."""
    answered = Word.objects.filter(
        is_from_author=True,
        request__level="anonymous",
        on__lte=heard_until(today),
        on__gte=F("request__pauses__started_on"),
        request__pauses__ended_on__isnull=True,
        request__pauses__isnull=False,
    )
    for key in sorted(set(answered.values_list("request_id", flat=True))):
        with transaction.atomic():
            request = locked(key)
            if end_pause(request, today):
                request.version += 1
                request.save()
                add_event(request, "resumed", _("恢复计时"), actor=None, office="", now=now)


def _words(today: dt.date) -> list[Message]:
    """What authors added is told to those who answer it, else to the office."""
    found = set(
        Word.objects.filter(
            is_from_author=True,
            request__level="anonymous",
            request__is_sealed=False,
            on__lte=heard_until(today),
            on__gt=today - LOOK_BACK,
        ).values_list("request_id", "request__committee_id", "request__department_id", "on")
    )
    if not found:
        return []
    offices = office_of({c for _r, c, d, _on in found if d is None}, today=today)
    seats = seats_of({d for _r, _c, d, _on in found if d is not None}, today=today)
    return [
        Message(
            user.pk,
            f"request:{request}:words:{on}:{user.pk}",
            _("匿名诉求人有补充的话，请查看"),
            "",
            reverse("feedback:request", args=[request]),
        )
        for request, committee, department, on in sorted(found, key=str)
        for user in (
            offices.get(committee, ()) if department is None else seats.get(department, ())
        )
    ]
