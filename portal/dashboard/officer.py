"""Officers land on the round: where it stands, who is missing, the next step. Leaders land on the
135 board."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from portal.dashboard import homes


def plug_in() -> None:
    """Called once by ``DashboardConfig.ready``."""
    homes.register("officer", suits=lambda a: a.is_officer, view=round_home, order=30)
    homes.register("leader", suits=lambda a: a.is_leader, view=board_home, order=40)


def board_home(request: HttpRequest) -> HttpResponseBase:
    return redirect("dashboard:board")


def round_home(request: HttpRequest) -> HttpResponseBase:
    return redirect("evaluations:rounds")
