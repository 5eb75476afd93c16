"""What a service raises when it will not do what was asked.

Pages show the message next to what was pressed, the API answers with the status given
here. Messages are Chinese sentences for the person in front of the screen.
"""

from __future__ import annotations


class DomainError(Exception):
    """A rule of the office says no. ``message`` says why, in the user's words."""

    status_code = 400
    code = "refused"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = str(message)
        self.field = field

    def __str__(self) -> str:
        return self.message


class TransitionRefused(DomainError):
    """The thing is not in a state from which this step leads on."""

    status_code = 409
    code = "wrong_state"


class EditConflict(DomainError):
    """Somebody else changed it meanwhile; nothing was overwritten."""

    status_code = 409
    code = "conflict"


class Frozen(DomainError):
    """It belongs to a published month or a version in force and can't be edited any more."""

    status_code = 409
    code = "frozen"
