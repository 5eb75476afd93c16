"""A paper as PDF, set by typst. The same paper and fonts give the same bytes."""

from __future__ import annotations

import datetime as dt
import json
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from portal.documents.official import grid
from portal.documents.official.fonts import Fonts, fonts
from portal.documents.official.model import Attachment, Paper, day_words
from portal.documents.official.qr import code_svg, words_beside
from portal.documents.official.stored import stored
from portal.documents.official.titles import title_lines

_TEMPLATE = Path(__file__).with_name("official.typ")
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # a file that knew the hour would not be the same
_LANDSCAPE_CHARACTERS = int(grid.BLOCK_HEIGHT / grid.PT / grid.TITLE_PT)
_one_at_a_time = threading.Lock()  # the compiler keeps what it has set; it is not for two threads


def write_pdf(paper: Paper, author: str = "") -> bytes:
    """The bytes of the PDF, fonts embedded as subsets. Raises FontsMissing."""
    found = fonts()
    values = {
        **stored(paper),
        "name": paper.name,
        "author": author or (paper.signature.name if paper.signature else paper.mark),
        "title_lines": _lines(paper.title, paper.landscape),
        "addressees": "、".join(paper.addressees),
        "attachments": [_attachment(a, s) for a, s in _with_stored(paper)],
        "signature": paper.signature
        and {
            "name": paper.signature.name,
            "day": day_words(paper.signature.day),
            "sealed": paper.signature.sealed,
        },
        "imprint": paper.imprint
        and {
            "copies": "，".join(paper.imprint.copies_to),
            "printer": paper.imprint.printer,
            "day": day_words(paper.imprint.printed_on),
        },
        "qr": code_svg(paper.verification) if paper.verification else "",
        "qr_words": words_beside(paper.verification) if paper.verification else [],
        "fonts": found.families(),
        "title_weight": "regular" if found.face("title").is_standard else "bold",
        "grid": _numbers(),
    }
    with _one_at_a_time:
        done: bytes = _compiler(found).compile(
            sys_inputs={"paper": json.dumps(values, ensure_ascii=False, sort_keys=True)},
            format="pdf",
            timestamp=int(_EPOCH.timestamp()),
        )
    return done


def _compiler(found: Fonts) -> Any:
    return _kept(id(found.found), found.found)


@lru_cache(maxsize=1)
def _kept(identity: int, found: typst.Fonts) -> Any:
    return typst.Compiler(str(_TEMPLATE), root=str(_TEMPLATE.parent), font_paths=found)


def _lines(title: Any, landscape: bool) -> list[str]:
    return title_lines(title, _LANDSCAPE_CHARACTERS if landscape else grid.TITLE_CHARACTERS)


def _with_stored(paper: Paper) -> list[tuple[Attachment, dict[str, Any]]]:
    return list(zip(paper.attachments, stored(paper)["attachments"], strict=True))


def _attachment(attachment: Attachment, values: dict[str, Any]) -> dict[str, Any]:
    return {
        **values,
        "name": attachment.name,
        "title_lines": _lines(attachment.title, attachment.landscape),
    }


def _numbers() -> dict[str, Any]:
    return {
        "page_width": grid.PAGE_WIDTH,
        "page_height": grid.PAGE_HEIGHT,
        "top": grid.TOP,
        "left": grid.LEFT,
        "block_width": grid.BLOCK_WIDTH,
        "block_height": grid.BLOCK_HEIGHT,
        "line": grid.LINE,
        "character": grid.CHARACTER,
        "cell": grid.CELL_PT * grid.PT,
        "red_mark_top": grid.RED_MARK_TOP,
        "red_rule_below": grid.RED_RULE_BELOW,
        "page_number_below": grid.PAGE_NUMBER_BELOW,
        "letter_mark_top": grid.LETTER_MARK_TOP,
        "letter_rule_below": grid.LETTER_RULE_BELOW,
        "letter_rule_width": grid.LETTER_RULE_WIDTH,
        "letter_foot": grid.LETTER_FOOT,
        "red": grid.RED,
    }
