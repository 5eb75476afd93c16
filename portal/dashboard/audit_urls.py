"""Addresses of the audit trail."""

from django.urls import path

from portal.dashboard import audit_views as views

app_name = "audit"
urlpatterns = [
    path("", views.entry_list, name="list"),
    path("export/", views.export, name="export"),
]
