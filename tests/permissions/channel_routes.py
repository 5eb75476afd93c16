"""Routes of the anonymous channel, attachments and visits, and what to put into their gaps."""

from __future__ import annotations

from typing import Any

from feedback.models import LinkAssignment, StaffVisit, VisitPlace
from portal.attachments.checking import CheckedFile
from portal.attachments.models import Attachment
from portal.attachments.services import attach
from tests.cast import Cast

# Nobody signs in here: whoever comes is not to be known.
OPEN = {
    "feedback:anonymous",
    "feedback:anonymous-similar",
    "feedback:anonymous-receipt",
    "feedback:anonymous-add",
    "feedback:anonymous-withdraw",
    "feedback:anonymous-rate",
    "feedback:anonymous-arrived",
    "feedback:anonymous-verify",
}


def _visit(cast: Cast, house: Any) -> StaffVisit:
    """The leader has been at a team of branch A."""
    there: StaffVisit | None = StaffVisit.objects.first()
    if there is not None:
        return there
    place = VisitPlace.objects.create(
        committee=cast.city, kind="team", name="城东抢修班", branch=cast.branch_a
    )
    made: StaffVisit = StaffVisit.objects.create(
        committee=cast.city,
        led_by=cast.person(cast.leader),
        place=place,
        visited_on=cast.today,
        recorded_at=cast.now,
    )
    return made


def _link(cast: Cast, house: Any) -> LinkAssignment:
    there: LinkAssignment | None = LinkAssignment.objects.first()
    if there is not None:
        return there
    made: LinkAssignment = LinkAssignment.objects.create(
        committee=cast.city,
        leader=cast.person(cast.leader),
        kind="branch",
        branch=cast.branch_a,
        started_on=cast.today,
    )
    return made


def _place(cast: Cast, house: Any) -> VisitPlace:
    place = _visit(cast, house).place
    assert place is not None
    return place


def _attachment(cast: Cast, house: Any) -> Attachment:
    """A file of a request that somebody of branch A made by name."""
    from tests.feedback.scene import say

    there: Attachment | None = Attachment.objects.first()
    if there is not None:
        return there
    request = say(cast.secretary_a, "值班室的热水器坏了。")
    [made] = attach(
        owner=request, files=[CheckedFile("txt", b"text", "说明.txt")], actor=None, now=cast.now
    )
    return made


SAMPLES: dict[str, Any] = {
    "attachments:file": lambda cast, house: {"key": _attachment(cast, house).pk},
    "feedback:visit": lambda cast, house: {"key": _visit(cast, house).pk},
    "feedback:link-end": lambda cast, house: {"pk": _link(cast, house).pk},
    "api:visit-detail": lambda cast, house: {"pk": _visit(cast, house).pk},
    "api:visit-place-detail": lambda cast, house: {"pk": _place(cast, house).pk},
    "api:link-detail": lambda cast, house: {"pk": _link(cast, house).pk},
    "api:link-end": lambda cast, house: {"pk": _link(cast, house).pk},
}
