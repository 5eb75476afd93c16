"""Addresses of visits."""

from __future__ import annotations

from django.urls import path

from feedback import urls_requests  # noqa: F401 - registers the converter of random keys
from feedback.views import visits

urlpatterns_visits = [
    path("listen/visits/", visits.VisitList.as_view(), name="visits"),
    path("listen/visits/new/", visits.VisitCreate.as_view(), name="visit-create"),
    path("listen/visits/coverage/", visits.Coverage.as_view(), name="visit-coverage"),
    path("listen/visits/links/", visits.Links.as_view(), name="links"),
    path("listen/visits/links/<int:pk>/end/", visits.LinkEnd.as_view(), name="link-end"),
    path("listen/visits/<randomkey:key>/", visits.VisitDetail.as_view(), name="visit"),
]
