"""Addresses of requests, promises, orders and sessions. Keys are random; nothing counts."""

from __future__ import annotations

from django.urls import path, register_converter

from feedback.keys import KEY_REGEX
from feedback.views import pages, sessions, steps


class KeyConverter:
    """A random key; anything else is not found."""

    regex = KEY_REGEX

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KeyConverter, "randomkey")

_REQUEST_STEPS = (
    steps.Accept,
    steps.Decline,
    steps.Settle,
    steps.Assign,
    steps.Merge,
    steps.Pause,
    steps.Resume,
    steps.AskExtension,
    steps.DecideExtension,
    steps.Supervise,
    steps.Decide,
    steps.Publish,
    steps.Reply,
    steps.Ask,
    steps.CarryOut,
    steps.Add,
    steps.Withdraw,
    steps.Rate,
)
_OTHER_STEPS = (
    steps.OrderPromised,
    steps.Deliver,
    steps.Recall,
    steps.Arrived,
    steps.ReportOrder,
    steps.StrikeOff,
)

urlpatterns_requests = [
    path("listen/", pages.Board.as_view(), name="board"),
    path("listen/say/", pages.Say.as_view(), name="say"),
    path("listen/mine/", pages.Mine.as_view(), name="mine"),
    path("listen/hands/", pages.Hands.as_view(), name="hands"),
    path("listen/ledger/", pages.Ledger.as_view(), name="ledger"),
    path("listen/ledger/excel/", pages.LedgerExcel.as_view(), name="ledger-excel"),
    path("listen/sealed/", pages.Sealed.as_view(), name="sealed"),
    path("listen/promises/", pages.Promises.as_view(), name="promises"),
    path("listen/record/", pages.Record.as_view(), name="record"),
    path("listen/confirm/", sessions.Confirm.as_view(), name="confirm"),
    path("listen/teams/<int:team_id>/", sessions.TeamArrived.as_view(), name="team-arrived"),
    path("listen/requests/<randomkey:key>/", pages.RequestPage.as_view(), name="request"),
    path("listen/requests/<randomkey:key>/said/", pages.SaidPage.as_view(), name="said"),
    path("listen/requests/<randomkey:key>/hints/", steps.Hints.as_view(), name="request-hints"),
    path("listen/requests/<randomkey:key>/me-too/", steps.MeToo.as_view(), name="me-too"),
    path("listen/requests/<randomkey:key>/name/", steps.LookAtName.as_view(), name="request-name"),
    *(
        path(
            f"listen/requests/<randomkey:key>/{view.name}/",
            view.as_view(),
            name=f"request-{view.name}",
        )
        for view in _REQUEST_STEPS
    ),
    *(
        path(
            f"listen/{view.kind}s/<randomkey:key>/{view.name}/",
            view.as_view(),
            name=f"{view.kind}-{view.name}",
        )
        for view in _OTHER_STEPS
    ),
    path("listen/sessions/", sessions.SessionList.as_view(), name="sessions"),
    path("listen/sessions/new/", sessions.SessionCreate.as_view(), name="session-create"),
    path("listen/sessions/<randomkey:key>/", sessions.SessionPage.as_view(), name="session"),
    path(
        "listen/sessions/<randomkey:key>/announce/",
        sessions.Announce.as_view(),
        name="session-announce",
    ),
    path("listen/sessions/<randomkey:key>/hold/", sessions.Hold.as_view(), name="session-hold"),
    path(
        "listen/sessions/<randomkey:key>/publish/",
        sessions.PublishResults.as_view(),
        name="session-publish",
    ),
    path(
        "listen/sessions/<randomkey:key>/cancel/", sessions.Cancel.as_view(), name="session-cancel"
    ),
    path("listen/slots/<randomkey:key>/book/", sessions.Book.as_view(), name="slot-book"),
    path("listen/slots/<randomkey:key>/unbook/", sessions.Unbook.as_view(), name="slot-unbook"),
]
