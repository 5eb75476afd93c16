"""Text as files can hold it."""

from __future__ import annotations

import dataclasses
import enum
import re
from typing import Any, Final

# XML knows no other control characters than tab and the two line ends. A text pasted from a word
# processor has some: its line break inside a paragraph is a vertical tab.
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def printable(text: str) -> str:
    """``text`` without the characters that an XML file cannot hold."""
    return _UNPRINTABLE.sub("", text)


def all_printable(value: Any) -> Any:
    """``value`` with every text in it printable: dataclasses, lists and tuples are gone through."""
    if isinstance(value, str):
        return value if isinstance(value, enum.Enum) else printable(value)
    if isinstance(value, list | tuple):
        return type(value)(all_printable(one) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [field.name for field in dataclasses.fields(value) if field.init]
        return dataclasses.replace(value, **{n: all_printable(getattr(value, n)) for n in fields})
    return value
