"""The roof: every address of the portal."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from portal import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("portal.offline.urls")),
    path("", include("portal.dashboard.urls")),
    path("account/", include("portal.accounts.urls")),
    path("", include("portal.dashboard.notifications_urls")),
    path("audit/", include("portal.dashboard.audit_urls")),
    path("attachments/", include("portal.attachments.urls")),
    path("workdays/", include("portal.dashboard.workdays_urls")),
    path("", include("branches.urls")),
    path("", include("evaluations.urls")),
    path("", include("feedback.urls")),
    path("", include("servicecrew.urls")),
    path("api/v1/", include("portal.api_urls")),
    path("admin/", admin.site.urls),
]

handler400 = "portal.dashboard.errors.bad_request"
handler403 = "portal.dashboard.errors.permission_denied"
handler404 = "portal.dashboard.errors.not_found"
handler500 = "portal.dashboard.errors.server_error"
