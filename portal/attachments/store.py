"""Where the bytes lie: under names that say nothing, in a folder that no web server shows."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

FOLDER = "attachments"
KEEP_SECONDS = 24 * 3600


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER


def write(data: bytes, extension: str) -> str:
    """Keep ``data`` and return the name it is kept under. The file is whole or not there."""
    name = secrets.token_hex(16)
    stored_as = f"{name[:2]}/{name}.{extension}"
    target = folder() / stored_as
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    half = target.with_suffix(".part")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    half.rename(target)
    return stored_as


def read(stored_as: str) -> bytes:
    return (folder() / stored_as).read_bytes()


def remove(stored_as: str) -> None:
    (folder() / stored_as).unlink(missing_ok=True)


def names_older_than(moment: float) -> Iterator[str]:
    """Every stored name whose file was last written before ``moment`` (Unix time)."""
    for path in folder().glob("??/*"):
        if path.is_file() and path.stat().st_mtime < moment:
            yield str(path.relative_to(folder()))
