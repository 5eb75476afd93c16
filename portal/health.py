"""Whether the portal is alive (``/healthz``) and whether it can work (``/readyz``).

Both answer without a sign-in and say nothing a stranger could use.
"""

from __future__ import annotations

from collections.abc import Callable

from celery import current_app as celery_app
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.kernel.models import JobHeartbeat

SWEEP = "sweep"
SWEEP_LATE_SECONDS = 300
BROKER_SECONDS = 3


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nothing else, so a database that is away restarts nobody."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, broker and the age of the last sweep; 503 with the reasons if one is bad."""
    checks: dict[str, Callable[[], str]] = {
        "database": database_trouble,
        "broker": broker_trouble,
        "sweep": sweep_trouble,
    }
    troubles = {name: check() for name, check in checks.items()}
    reasons = {name: trouble for name, trouble in troubles.items() if trouble}
    return JsonResponse(
        {
            "ready": not reasons,
            "checks": {name: "bad" if trouble else "good" for name, trouble in troubles.items()},
            "reasons": reasons,
        },
        status=503 if reasons else 200,
    )


def database_trouble() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Exception as error:  # whatever it is, it is the answer
        return f"database does not answer ({type(error).__name__})"
    return ""


def broker_trouble() -> str:
    try:
        with celery_app.connection_for_write(connect_timeout=BROKER_SECONDS) as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
            broker.default_channel  # noqa: B018 - opening it asks the server
    except Exception as error:
        return f"broker does not answer ({type(error).__name__})"
    return ""


def sweep_trouble() -> str:
    """Silence of the sweep: beat, worker or broker stopped, whatever else looks well."""
    try:
        beat = JobHeartbeat.objects.filter(name=SWEEP).first()
    except Exception as error:
        return f"last sweep unknown ({type(error).__name__})"
    if beat is None or beat.finished_at is None:
        return "no sweep has finished yet"
    age = int((timezone.now() - beat.finished_at).total_seconds())
    if age > SWEEP_LATE_SECONDS:
        return f"last sweep finished {age} seconds ago"
    return ""
