"""Addresses of the working-day calendar."""

from django.urls import path

from portal.dashboard import workdays_views as views

app_name = "workdays"
urlpatterns = [
    path("", views.this_year, name="calendar"),
    path("<int:year>/", views.Year.as_view(), name="year"),
    path("<int:year>/day/", views.change_day, name="day"),
    path("<int:year>/confirm/", views.confirm, name="confirm"),
    path("<int:year>/load/", views.load, name="load"),
    path("<int:year>/notice/", views.Notice.as_view(), name="notice"),
    path("<int:year>/export/", views.export, name="export"),
]
