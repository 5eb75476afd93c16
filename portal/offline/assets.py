"""The portal's own static files that every page needs, and one word for all of them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static

WORKER = "js/offline/worker.js"
FOLDERS = ("css/", "js/", "icons/", "vendor/bootstrap/", "vendor/htmx/")
KINDS = (".css", ".js", ".svg", ".png")


@cache
def names() -> tuple[str, ...]:
    """Stylesheets, scripts and icons of the shell, without the heavy chart library."""
    found = {
        name
        for finder in finders.get_finders()
        for name, _storage in finder.list([])
        if name.startswith(FOLDERS) and name.endswith(KINDS)
    }
    return tuple(sorted(found))


@cache
def version() -> str:
    """Changes when any of them changes: the service worker then renews itself."""
    digest = hashlib.sha256()
    for name in names():
        path = finders.find(name)
        digest.update(name.encode() + b"\0" + Path(str(path)).read_bytes())
    return digest.hexdigest()[:12]


def addresses() -> list[str]:
    return [static(name) for name in names() if name != WORKER]
