"""Celery tasks of the records. Each makes one service call and is safe to run twice."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from branches.services.imports import run_import as run


@shared_task(name="branches.run_import")
def run_import(*, uuid: str) -> None:
    """Read, try out or write a workbook, as far as it goes in one task."""
    run(uuid=UUID(uuid), now=timezone.now())
