"""A paper as plain lines: what a search looks through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from portal.documents.official.model import Block, Form, Paper, Paragraph, Table


def plain_text(paper: Paper) -> str:
    """Number, title, addressees, body and attachments, one line each; cells stand apart."""
    lines = [paper.number, paper.name, "、".join(paper.addressees), *_lines(paper.blocks)]
    for attachment in paper.attachments:
        lines += [attachment.name, *_lines(attachment.blocks)]
    if paper.signature:
        lines.append(paper.signature.name)
    return "\n".join(line for line in lines if line)


def _lines(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.lead + block.text
        elif isinstance(block, Table):
            yield block.caption
            for row in block.rows:
                yield " ".join(cell for cell in row if cell)
        elif isinstance(block, Form):
            for entries in block.rows:
                yield " ".join(f"{entry.label} {entry.text}".strip() for entry in entries)
