"""Runs alone in a process (see ``pdf_room``): a PDF comes in on stdin; on stdout goes a line of
JSON, then, when drawing, a PDF made of pictures. Imports nothing of the portal."""

from __future__ import annotations

import io
import json
import resource
import sys
import time

MEMORY = 1 << 30
CPU_SECONDS = 20
DOTS_PER_POINT = 150 / 72
MOST_PIXELS = 4_000_000  # A4 at 150 dpi has 2.2 million


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    import pypdfium2

    verb, most = sys.argv[1], int(sys.argv[2])
    document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    pages = len(document)
    if pages == 0:
        return 1
    body = b""
    if verb == "draw" and pages <= most:
        body = draw(document)
    else:
        document[0].get_size()
    sys.stdout.buffer.write(json.dumps({"pages": pages}).encode() + b"\n" + body)
    sys.stdout.buffer.flush()
    return 0


def draw(document) -> bytes:  # type: ignore[no-untyped-def]
    """The pages as JPEG pictures in a new PDF that carries no name and no date."""
    drawn = []
    for page in document:
        width, height = page.get_size()
        scale = min(DOTS_PER_POINT, (MOST_PIXELS / max(width * height, 1)) ** 0.5)
        drawn.append(page.render(scale=scale).to_pil().convert("RGB"))
    out = io.BytesIO()
    never = time.gmtime(0)
    first, *rest = drawn
    first.save(
        out,
        "PDF",
        save_all=True,
        append_images=rest,
        resolution=150,
        quality=85,
        creationDate=never,
        modDate=never,
        producer="",
    )
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
