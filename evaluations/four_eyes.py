"""Who checks whose words (核稿): another officer than the one who wrote them, where there is one.

The office reviews, the committee's secretary signs (domain.md 4, sign-off). An office of one is
not stopped by a colleague it does not have: he checks his own words, says why, and somebody else
signs; only where nobody else is there at all does he sign as well. Words of the machine are
nobody's own, so that whoever comes first may check them and sign in one go.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from evaluations.models import RectificationNotice
from evaluations.recipients import checkers_and_signers
from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Eyes:
    """How one user stands to one notice that is not signed.

    ``wrote``: the words are his. ``checker``: an officer who may check instead of him.
    ``signer``: anybody who may sign instead of him. Names are "" when nobody is there; nobody is
    looked for unless he wrote it.
    """

    wrote: bool = False
    checked: bool = False
    checker: str = ""
    signer: str = ""

    @property
    def needs_reason(self) -> bool:
        """He has to check his own words and says why."""
        return self.wrote and not self.checker

    def why_not_check(self) -> str:
        """Why he leaves the check to a colleague, or "" when he may check."""
        if self.wrote and self.checker:
            return _("事实是您改写的，请由另一位同志核稿（如%(name)s）。") % {"name": self.checker}
        return ""

    def why_not_sign(self, *, in_one_go: bool = False) -> str:
        """Why he leaves the signature to another, or "" when he may sign."""
        if self.wrote and self.signer and (self.checked or in_one_go):
            return _("改写和核稿都是您，请由另一位同志签发（如%(name)s）。") % {"name": self.signer}
        return ""


def eyes_of(notice: RectificationNotice, user: User, today: dt.date) -> Eyes:
    """How ``user`` stands to the words of ``notice``. Asks nothing when he did not write them."""
    if notice.edited_by_id != user.pk:
        return Eyes()
    checkers, signers = checkers_and_signers(notice.branch, today=today)
    officers = [other for other in checkers if other.pk != user.pk]
    leaders = [other for other in signers if other.pk != user.pk]
    return Eyes(
        wrote=True,
        checked=notice.checked_by_id == user.pk,
        checker=str(officers[0]) if officers else "",
        signer=str((leaders + officers)[0]) if leaders or officers else "",
    )
