"""The Celery application. Tasks live in each app's ``tasks.py``, the timetable in schedule.py."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["portal"])  # portal/tasks.py: the package itself is no installed app


@worker_ready.connect
@beat_init.connect
def say_ready(**kwargs: Any) -> None:
    """Touch the file that whoever started this process waits for."""
    if name := os.environ.get("PORTAL_READY_FILE"):
        Path(name).touch()
