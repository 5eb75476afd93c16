"""Hints to whoever writes a reply: would the person who asked call this an answer?

Pure text in, sentences out; nothing is refused because of them.
"""

from __future__ import annotations

import itertools
import re

from django.utils.translation import gettext as _

STOCK_PHRASES = (
    "已转相关部门",
    "高度重视",
    "积极协调",
    "进一步加强",
    "进一步完善",
    "逐步解决",
    "研究研究",
    "感谢您的关注",
    "感谢您的理解",
    "认真研究",
    "适时",
    "尽快解决",
    "统筹考虑",
    "相关部门",
)
_DATE = re.compile(
    r"\d{1,2}月|\d{1,2}[日号]|20\d\d年|本周|下周|本月|下月|月底|年底|季度|今天|明天|当天|即日|之前|以前|已于|起[，,。]"
)
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_COMMON = frozenset("的了是在有和不我们你他就都能可以要也还这那么什一个上下没希望请把给对")
LONG_SENTENCE = 70


def bigrams(text: str) -> set[str]:
    """Pairs of neighbouring characters that carry meaning."""
    found = set()
    for run in _HAN.findall(text):
        for first, second in itertools.pairwise(run):
            if first not in _COMMON and second not in _COMMON:
                found.add(first + second)
    return found


def hints(reply: str, question: str) -> list[str]:
    """What a reader would miss in ``reply`` to ``question``; empty when nothing."""
    text = reply.strip()
    if not text:
        return []
    found = []
    if not _DATE.search(text):
        found.append(_("没有写日期：什么时候起、什么时候办好？"))
    phrases = [phrase for phrase in STOCK_PHRASES if phrase in text]
    if phrases:
        found.append(_("“%(phrase)s”等于没说，换成做了什么、由谁做。") % {"phrase": phrases[0]})
    asked = bigrams(question)
    if asked and not asked & bigrams(text):
        found.append(_("没有提到对方问的事，请直接回答那一句。"))
    if "【" in text and "】" in text:
        found.append(_("模板里的【空】还没有填。"))
    if any(len(sentence) > LONG_SENTENCE for sentence in re.split(r"[。！？；\n]", text)):
        found.append(_("有一句超过%(n)d字，拆短一点更好懂。") % {"n": LONG_SENTENCE})
    return found
