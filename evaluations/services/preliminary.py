"""The preliminary scores go out: each inspected branch is told its own, and until when it can
contest them.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations.models import MonthRound
from evaluations.ranking import standing_parameters, statement, with_standing
from portal.kernel.months import local_date
from portal.kernel.words import zh_date


def tell_of_preliminary(round_: MonthRound, *, now: dt.datetime) -> int:
    """Score, last day of appeals and a link to the reasons into the inbox of each inspected
    branch's secretary and deputy: one statement, however many branches. How many messages.

    Nobody is told when the window has passed already (a sweep that comes late publishes at
    once). A round sent back and closed again tells its branches again: the scores are new.
    """
    today = local_date(now)
    if today > round_.appeals_end_on:
        return 0
    head, tail = reverse("evaluations:score", args=[round_.pk, 0]).rsplit("0", 1)
    closings = round_.events.filter(step="close_inspection").count()
    ops = connection.ops
    words = {
        "key": f"preliminary:{round_.pk}:{closings}",
        "title": _("%(month)s初评已公示，有异议请申诉") % {"month": round_.label},
        "link_head": head,
        "link_tail": tail,
        "now": ops.adapt_datetimefield_value(now),
        "today": ops.adapt_datefield_value(today),
        "word_total": _("：初评"),
        "word_until": _("分。对扣分有异议的，可以逐条申诉，到%(day)s24:00为止。")
        % {"day": zh_date(round_.appeals_end_on)},
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications_inboxmessage (key, user_id, title, body, link, created_at) "
            + with_standing()
            + statement("tell_of_preliminary.sql"),
            {**standing_parameters(round_), **words},
        )
        return int(cursor.rowcount)
