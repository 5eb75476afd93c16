"""The entry of the side bar: leads to the ledger in which something waits."""

from __future__ import annotations

from django.urls import path

from evaluations.views.rectification import Rectification

urlpatterns_rectification = [
    path("rectification/", Rectification.as_view(), name="rectification"),
]
