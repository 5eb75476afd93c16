"""Celery tasks of the outbox. Safe to run twice, and beside each other."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from portal.notifications.services import deliver_due


@shared_task(name="notifications.deliver")
def deliver(*, limit: int = 200) -> None:
    """Send what is due now."""
    deliver_due(now=timezone.now(), limit=limit)
