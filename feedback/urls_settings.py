"""Addresses of what the party-affairs office sets."""

from __future__ import annotations

from django.urls import path

from feedback.views import settings

urlpatterns_settings = [
    path("listen/settings/", settings.SettingList.as_view(), name="settings"),
    path("listen/settings/<slug:slug>/", settings.SettingList.as_view(), name="setting-list"),
    path("listen/settings/<slug:slug>/new/", settings.SettingEdit.as_view(), name="setting-new"),
    path(
        "listen/settings/<slug:slug>/<slug:pk>/",
        settings.SettingEdit.as_view(),
        name="setting-edit",
    ),
    path(
        "listen/settings/<slug:slug>/<slug:pk>/end/",
        settings.SettingEnd.as_view(),
        name="setting-end",
    ),
]
