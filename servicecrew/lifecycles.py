"""The life cycle of a turnout, as a table. Nothing else assigns its status."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.kernel.lifecycle import Lifecycle, step


class TurnoutStatus(models.TextChoices):
    DRAFT = "draft", _("草稿")
    LOGGED = "logged", _("已登记")
    CONFIRMED = "captain_confirmed", _("队长已确认")
    VERIFIED = "verified", _("已核定")
    VOID = "void", _("已作废")


TURNOUT = Lifecycle(
    TurnoutStatus,
    {
        "log": step(("draft",), "logged", "登记"),
        "confirm": step(("logged",), "captain_confirmed", "确认"),
        "verify": step(("captain_confirmed",), "verified", "核定"),
        "give_back": step(("captain_confirmed",), "logged", "退回"),
        "reopen": step(("captain_confirmed", "verified"), "logged", "更正"),
        "void": step(("draft", "logged"), "void", "作废"),
    },
)

# Published totals count what the party-affairs office has verified; an operation that is still
# going on also shows what has been logged, and says so.
COUNTED = (TurnoutStatus.VERIFIED.value,)
LOGGED = (
    TurnoutStatus.LOGGED.value,
    TurnoutStatus.CONFIRMED.value,
    TurnoutStatus.VERIFIED.value,
)
OPEN = (TurnoutStatus.DRAFT.value, TurnoutStatus.LOGGED.value, TurnoutStatus.CONFIRMED.value)
