"""Addresses of 书记听您说."""

from __future__ import annotations

from feedback.urls_anonymous import urlpatterns_anonymous
from feedback.urls_requests import urlpatterns_requests
from feedback.urls_settings import urlpatterns_settings
from feedback.urls_similar import urlpatterns_similar
from feedback.urls_visits import urlpatterns_visits

app_name = "feedback"
urlpatterns = [
    *urlpatterns_anonymous,
    *urlpatterns_similar,
    *urlpatterns_requests,
    *urlpatterns_settings,
    *urlpatterns_visits,
]
