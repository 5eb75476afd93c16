"""A paper as JSON and back, and the digest that vouches for its words."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from typing import Any

from portal.documents.official.model import (
    Attachment,
    Block,
    Column,
    Entry,
    Form,
    Imprint,
    Layout,
    Paper,
    Paragraph,
    Signature,
    Table,
    Verification,
)

_KINDS: dict[str, type[Any]] = {"paragraph": Paragraph, "table": Table, "form": Form}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def stored(paper: Paper) -> dict[str, Any]:
    """Plain JSON values. The verification is left out: it is made from these."""
    found: dict[str, Any] = _plain(dataclasses.replace(paper, verification=None))
    return found


def restored(values: dict[str, Any], verification: Verification | None = None) -> Paper:
    """The paper that :func:`stored` had been given."""
    signature, imprint = values["signature"], values["imprint"]
    return Paper(
        **{
            **values,
            "layout": Layout(values["layout"]),
            "title": tuple(values["title"]),
            "addressees": tuple(values["addressees"]),
            "blocks": _blocks(values["blocks"]),
            "attachments": tuple(
                Attachment(tuple(a["title"]), _blocks(a["blocks"]), a["landscape"])
                for a in values["attachments"]
            ),
            "signature": signature and Signature(**{**signature, "day": _day(signature["day"])}),
            "imprint": imprint
            and Imprint(
                tuple(imprint["copies_to"]), imprint["printer"], _day(imprint["printed_on"])
            ),
            "verification": verification,
        }
    )


def digest_of(values: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON of what :func:`stored` gave, in hexadecimal."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        found = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        kind = _NAMES.get(type(value))
        return {"kind": kind, **found} if kind else found
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Layout) else value


def _blocks(values: list[dict[str, Any]]) -> tuple[Block, ...]:
    return tuple(_block(dict(value)) for value in values)


def _block(value: dict[str, Any]) -> Block:
    kind = _KINDS[value.pop("kind")]
    if kind is Table:
        value["columns"] = tuple(Column(**column) for column in value["columns"])
        value["rows"] = tuple(tuple(row) for row in value["rows"])
    if kind is Form:
        value["rows"] = tuple(tuple(Entry(**entry) for entry in row) for row in value["rows"])
    block: Block = kind(**value)
    return block


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
