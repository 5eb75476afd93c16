"""The numbers of GB/T 9704-2012 that both renderers and the tests measure by.

Lengths in millimetres, sizes in points. The standard gives the page, the block and how many
lines and characters fill it; pitches follow from these.
"""

from __future__ import annotations

from typing import Final

PT: Final = 25.4 / 72  # one point in millimetres

PAGE_WIDTH: Final = 210.0
PAGE_HEIGHT: Final = 297.0
TOP: Final = 37.0  # 天头
LEFT: Final = 28.0  # 订口
BLOCK_WIDTH: Final = 156.0
BLOCK_HEIGHT: Final = 225.0
LINES: Final = 22
CHARACTERS: Final = 28

LINE: Final = BLOCK_HEIGHT / LINES  # 10.227 mm = 28.99 pt
CHARACTER: Final = BLOCK_WIDTH / CHARACTERS  # 5.571 mm = 15.79 pt

BODY_PT: Final = 16.0  # 3号
TITLE_PT: Final = 22.0  # 2号
SMALL_PT: Final = 14.0  # 4号
CELL_PT: Final = 12.0  # 小四, in tables

RED_MARK_TOP: Final = 35.0  # below the top of the block
RED_RULE_BELOW: Final = 4.0  # below the number
PAGE_NUMBER_BELOW: Final = 7.0  # below the block
LETTER_MARK_TOP: Final = 30.0  # below the top of the page
LETTER_RULE_BELOW: Final = 4.0
LETTER_RULE_WIDTH: Final = 170.0
LETTER_FOOT: Final = 20.0  # above the bottom of the page
RED: Final = "e60012"

TITLE_CHARACTERS: Final = int(BLOCK_WIDTH / PT / TITLE_PT)  # 20 of them in a line
