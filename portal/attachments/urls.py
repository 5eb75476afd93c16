from __future__ import annotations

from django.urls import path

from portal.attachments.views import AttachmentFile

app_name = "attachments"
urlpatterns = [path("<uuid:key>/", AttachmentFile.as_view(), name="file")]
