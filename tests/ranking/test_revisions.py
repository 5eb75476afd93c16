"""A corrected month says in words what the new revision changed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from evaluations.selectors.revisions import revisions_of
from evaluations.services.publish import republish_round
from portal.kernel.months import SHANGHAI
from tests.cast import Cast
from tests.ranking.worked import Worked, publish, uphold_later

pytestmark = pytest.mark.django_db

LATER = dt.datetime(2017, 7, 20, 9, 0, tzinfo=SHANGHAI)


def test_a_month_published_once_has_nothing_to_say(worked: Worked) -> None:
    publish(worked.round)
    assert revisions_of(worked.round) == []


def test_the_new_revision_names_who_changed_from_what_to_what(
    cast: Cast, client: Client, worked: Worked
) -> None:
    first = publish(worked.round)
    uphold_later(worked.deduction("D1"), 0, cast.officer)
    second = republish_round(
        round_id=worked.round.pk, reason="申诉成立", actor=cast.officer, now=LATER
    ).run
    (revision,) = revisions_of(worked.round)
    assert (revision.number, revision.reason) == (2, "申诉成立")
    moved = [
        entry
        for entry in second.entries.select_related("branch")
        if entry.total != first.entries.get(branch=entry.branch).total
    ]
    assert moved
    for entry in moved:
        (told,) = [c for c in revision.changes if c.startswith(f"{entry.branch}：")]
        assert f"改为{entry.total:.1f}" in told
    assert revision.unchanged + len(revision.changes) == second.entry_count
    client.force_login(cast.secretary_a)
    for name in ("ranking", "bulletin"):
        page = client.get(reverse(f"evaluations:{name}", args=[worked.round.pk])).content.decode()
        assert "第 2 次发布更正了什么" in page
        assert revision.changes[0] in page
