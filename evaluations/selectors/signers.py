"""Who may put his name under a sheet for the inspected branch."""

from __future__ import annotations

from django.db.models import QuerySet

from branches.models import Person
from evaluations.models import Inspection


def signers_of(inspection: Inspection) -> QuerySet[Person]:
    """Secretary and deputy of the inspected branch, in this order, those in office."""
    return (
        Person.objects.filter(
            appointments__branch_id=inspection.inspected_branch_id,
            appointments__post_id__in=("secretary", "deputy_secretary"),
            appointments__ended_on__isnull=True,
        )
        .select_related("user")
        .order_by("appointments__post__sort_order", "pk")
    )
