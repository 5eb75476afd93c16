"""What the log keeps of the anonymous channel: nothing but failures of the portal itself, and of
those the kind and the day."""

from __future__ import annotations

import logging

from feedback.middleware import is_anonymous_path

DAY = 24 * 3600
OURS = "feedback.views.anonymous"


class NoAnonymousRequests(logging.Filter):
    """Drops the lines that Django writes about single requests ("Bad Request: /…"): each would
    say to the second when somebody was there. A crash stays as its bare kind: the message of a
    database error can quote the row."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith(OURS):
            _to_the_day(record)
            return True
        request = getattr(record, "request", None)
        if not is_anonymous_path(getattr(request, "path_info", "")):
            return True
        if record.levelno < logging.ERROR:
            return False
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else "error"
        record.msg, record.args = "the anonymous channel failed: %s", (kind,)
        record.exc_info = record.exc_text = record.stack_info = None
        _to_the_day(record)
        return True


def _to_the_day(record: logging.LogRecord) -> None:
    record.created -= record.created % DAY
    record.msecs = 0
