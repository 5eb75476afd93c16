"""Addresses of similar matters and themes."""

from __future__ import annotations

from django.urls import path

from feedback.views import similar

urlpatterns_similar = [
    path("listen/similar/", similar.SimilarMatters.as_view(), name="similar"),
    path("listen/themes/", similar.Themes.as_view(), name="themes"),
]
