"""What may be uploaded, and how much of it.

``NAMED`` is for people who sign in: office files as well, the name of the file is kept.
``SEALED`` is for what is said to the secretary, with a name or without: only what can be copied
without anything that leads to its author (``docs/adr/0025-uploads-are-copied-not-kept.md``).
"""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024

LONGEST_SIDE = 2560  # pixels; a photo is scaled down to it
MAX_PIXELS = 64_000_000  # above what phones make; asked before anything is decoded
MAX_PDF_PAGES = 60
MAX_PDF_PAGES_SEALED = 10
MAX_TEXT_CHARACTERS = 200_000

# Archives (docx and xlsx are zip files), asked before and while they are opened.
MAX_ARCHIVE_ENTRIES = 2_000
MAX_ARCHIVE_BYTES = 80 * MEGABYTE
MAX_ARCHIVE_RATIO = 120  # XML of a large sheet comes to about 40

IMAGES = ("jpg", "jpeg", "png", "webp")
OFFICE = ("docx", "xlsx")
TEXTS = ("txt", "csv")


@dataclass(frozen=True, slots=True)
class Profile:
    """One set of rules. ``max_bytes`` is for one file, ``max_files`` for one object."""

    extensions: tuple[str, ...]
    max_bytes: int
    max_files: int
    is_sealed: bool

    @property
    def accept(self) -> str:
        """For the ``accept`` attribute of the file input."""
        return ",".join(f".{extension}" for extension in self.extensions)


NAMED = Profile((*IMAGES, "pdf", *OFFICE, *TEXTS), 15 * MEGABYTE, 10, is_sealed=False)
PHOTOS = Profile(IMAGES, 15 * MEGABYTE, 10, is_sealed=False)
SEALED = Profile((*IMAGES, "pdf", "txt"), 10 * MEGABYTE, 3, is_sealed=True)
