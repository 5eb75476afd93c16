"""Celery tasks of the monthly work. Each makes one service call and is safe to run twice; what
they carry are keys, the truth is read from the database."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from evaluations.services.batches import build_batch as build
from evaluations.services.publish import publish_round as publish
from evaluations.services.sweep import sweep_rounds
from portal.accounts.models import User


@shared_task(name="evaluations.publish_round")
def publish_round(*, round_id: int, actor_id: int | None = None, reason: str = "") -> None:
    """Publish a month. The same message thirty times publishes it once."""
    actor = User.objects.get(pk=actor_id) if actor_id is not None else None
    publish(round_id=round_id, actor=actor, now=timezone.now(), via="task", reason=reason)


@shared_task(name="evaluations.sweep_rounds")
def sweep() -> None:
    """Take every due round further now, without waiting for the next sweep."""
    sweep_rounds(now=timezone.now())


@shared_task(name="evaluations.build_batch")
def build_batch(*, batch_id: int) -> None:
    """Make the zip of a month's papers. The same message twice makes it once."""
    build(batch_id=batch_id, now=timezone.now())
