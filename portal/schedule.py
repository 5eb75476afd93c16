"""The timetable of Celery beat.

Beat only wakes the sweep and the digest. *What* is due is asked of the database by the
sweep itself, so a beat that lost its schedule file, or slept through a night, skips nothing.
"""

import datetime as dt

from celery.schedules import crontab, schedule

LONG_AGO = dt.datetime(2017, 6, 1, tzinfo=dt.UTC)  # the first sweep comes with the start

BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    "sweep": {"task": "portal.sweep", "schedule": schedule(60.0), "last_run_at": LONG_AGO},
    "daily-digest": {
        "task": "portal.daily_digest",
        "schedule": crontab(hour="8", minute="0", day_of_week="mon-sun"),
    },
}
