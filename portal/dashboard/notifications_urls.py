"""Addresses of the inbox and of the machinery behind it."""

from django.urls import path

from portal.dashboard import machinery_views
from portal.notifications import calendar_views, views

app_name = "notifications"
urlpatterns = [
    path("messages/", views.Inbox.as_view(), name="inbox"),
    path("messages/read/", views.read_all, name="read-all"),
    path("messages/<int:pk>/", views.open_message, name="open"),
    path("messages/<int:pk>/read/", views.read_message, name="read"),
    path("calendar/", calendar_views.subscription, name="calendar"),
    path("calendar/renew/", calendar_views.renew, name="calendar-renew"),
    path("calendar/close/", calendar_views.close, name="calendar-close"),
    path("calendar/<str:token>.ics", calendar_views.ics, name="feed"),
    path("machinery/", machinery_views.machinery, name="machinery"),
    path("machinery/mails/<int:pk>/again/", machinery_views.resend, name="resend"),
]
