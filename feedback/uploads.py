"""Uploads of the anonymous channel stay in memory: Django would write larger ones into a
temporary file, with all that hides in them."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler

from portal.attachments.limits import MEGABYTE, SEALED

MOST_BYTES = SEALED.max_files * SEALED.max_bytes + MEGABYTE


class InMemoryOnly(MemoryFileUploadHandler):
    """Takes files of any size into memory. How large a whole post may be is asked before, by the
    view (``MOST_BYTES``)."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True
