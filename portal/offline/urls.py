from __future__ import annotations

from django.urls import path

from portal.offline import views

app_name = "offline"

urlpatterns = [
    path("sw.js", views.worker, name="worker"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("offline/", views.page, name="page"),
    path("offline/me/", views.me, name="me"),
    path("offline/pages/", views.pages, name="pages"),
    path("offline/queue/", views.queue, name="queue"),
]
