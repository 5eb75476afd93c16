"""What beat calls. The work itself is registered by the apps."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from portal.kernel import sweep
from portal.notifications.services import send_digests_once

logger = logging.getLogger(__name__)


@shared_task(name="portal.sweep", expires=55)
def run_sweep() -> None:
    """Do whatever is due. A sweep that waited in the queue longer than a minute is let go:
    the next one does the same."""
    for result in sweep.run(now=timezone.now()):
        if result.ok:
            logger.info("sweep: %s: %s", result.name, result.outcome)


@shared_task(name="portal.daily_digest")
def daily_digest() -> None:
    """Mail everybody what is to be done today, unless that happened already."""
    send_digests_once(now=timezone.now())
