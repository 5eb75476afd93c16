"""The cast itself: the same company every time, fresh objects, nothing left behind."""

from __future__ import annotations

import pytest

from branches.access import access_of
from branches.models import Branch, Membership, Person
from portal.audit.models import AuditEntry
from tests.cast import Cast


@pytest.mark.parametrize("turn", ["built or replayed", "replayed"])
def test_cast_is_the_same_company_every_time(cast: Cast, turn: str) -> None:
    assert [b.name for b in cast.branches] == [
        "变电运检党总支",
        "变电运维党支部",
        "变电检修党支部",
        "配电运检党支部",
        "机关第一党支部",
        "机关第二党支部",
        "机关第三党支部",
        "物资供应党支部",
        "综合能源党支部",
        "集体企业联合党支部",
    ]
    assert Membership.objects.filter(branch=cast.branch_a).count() == 12
    assert cast.secretary_of(cast.branch_a) == cast.secretary_a
    assert access_of(cast.secretary_a).secretary_branches == {cast.branch_a.pk}
    assert AuditEntry.objects.filter(code="appointment.made").exists()
    names = list(Person.objects.values_list("name", flat=True))
    assert len(names) == len(set(names))


@pytest.mark.parametrize("turn", [1, 2])
def test_cast_lets_new_rows_in_after_its_own(cast: Cast, turn: int) -> None:
    """Keys go on after the kept rows (sequences on PostgreSQL)."""
    branch = Branch.objects.create(committee=cast.city, name="新设党支部")
    assert branch.pk > cast.elsewhere.pk
    assert not access_of(cast.employee).own_branches


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_cast_survives_a_flushed_database(cast: Cast, turn: int) -> None:
    assert access_of(cast.auditor).is_auditor
    assert Person.objects.filter(appointments__post="secretary").exists()
