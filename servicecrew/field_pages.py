"""What a crew needs on the phone in the storm: the three buttons and the turnouts still owed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.offline import keeping
from servicecrew.access import crews_of
from servicecrew.models import Operation
from servicecrew.selectors.captain import captain_home

if TYPE_CHECKING:
    from portal.accounts.models import User

MOST_FORMS = 5
MOST_OPERATIONS = 2


def plug_in() -> None:
    """Called once by ``ServicecrewConfig.ready``."""
    keeping.register_pages("crew", crew_pages)


def crew_pages(user: User) -> Iterator[keeping.FieldPage]:
    """The buttons for whoever serves in a crew, and what goes on with its map; captains also the
    forms they owe."""
    if not crews_of(user).serves:
        return
    home = captain_home(user=user, now=timezone.now())
    turnouts = [row.turnout for row in home.owed[:MOST_FORMS]]
    if home.turnout is not None:
        turnouts.insert(0, home.turnout)
    under_way = Operation.objects.visible_to(user).open().order_by("-started_on", "-pk")
    yield keeping.FieldPage(
        url=reverse("servicecrew:home"),
        title=_("出队"),
        hint=home.crew.name if home.crew else "",
        further=[
            *(
                reverse("servicecrew:turnout-edit", args=[turnout.uuid])
                for turnout in (turnouts if home.leads else ())
            ),
            *(
                reverse("servicecrew:operation", args=[pk])
                for pk in under_way.values_list("pk", flat=True)[:MOST_OPERATIONS]
            ),
        ],
    )
