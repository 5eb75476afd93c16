"""A file as the answer to a request: named in Chinese, never shown in place, never kept."""

from __future__ import annotations

import re
from urllib.parse import quote

from django.http import HttpResponse

_NOT_IN_FILE_NAME = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')


def download(body: bytes, name: str, content_type: str) -> HttpResponse:
    """``body`` as a download called ``name``."""
    response = HttpResponse(body, content_type=content_type)
    name = _NOT_IN_FILE_NAME.sub("_", name)
    # The plain name for very old programs, the real one beside it (RFC 6266).
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("_") or "export"
    response["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
