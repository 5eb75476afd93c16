"""Quanzhou's counties as the crews name them: short, the two inner districts as one."""

from __future__ import annotations

COUNTIES = ("市区", "洛江", "泉港", "晋江", "石狮", "南安", "惠安", "安溪", "永春", "德化")
_INNER = frozenset({"鲤城", "丰泽", "泉州", "泉州市区", "城区"})


def county_of(text: str) -> str:
    """``德化县`` and ``德化`` are one county, 鲤城 and 丰泽 are 市区: else a figure by county would
    have two parts for one place. What is not Quanzhou's stays as it was written."""
    text = text.strip()
    short = text[:-1] if len(text) > 2 and text[-1] in "县市区" else text
    if text in _INNER or short in _INNER:
        return COUNTIES[0]
    return short if short in COUNTIES else text
