"""Addresses of the anonymous channel. All of them begin with ``feedback.middleware.PREFIX``, and
none carries anything of a request or a receipt."""

from __future__ import annotations

from django.urls import path

from feedback.views import anonymous

urlpatterns_anonymous = [
    path("listen/anonymous/", anonymous.AnonymousSubmit.as_view(), name="anonymous"),
    path(
        "listen/anonymous/similar/",
        anonymous.AnonymousSimilar.as_view(),
        name="anonymous-similar",
    ),
    path("listen/anonymous/receipt/", anonymous.ReceiptLookup.as_view(), name="anonymous-receipt"),
    path("listen/anonymous/receipt/add/", anonymous.AddWord.as_view(), name="anonymous-add"),
    path(
        "listen/anonymous/receipt/withdraw/",
        anonymous.Withdraw.as_view(),
        name="anonymous-withdraw",
    ),
    path("listen/anonymous/receipt/rate/", anonymous.Rate.as_view(), name="anonymous-rate"),
    path(
        "listen/anonymous/receipt/arrived/", anonymous.Arrived.as_view(), name="anonymous-arrived"
    ),
    path("listen/anonymous/verify/", anonymous.VerifyStub.as_view(), name="anonymous-verify"),
]
