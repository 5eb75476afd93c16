"""One SQL statement against a slow reading of domain.md, over random small companies."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluations.models import RankingEntry, RankingRun
from evaluations.ranking import group_label, key_failures, provisional
from evaluations.selectors.what_if import Terms, replay
from tests.ranking.company import (
    NOW,
    BranchSpec,
    CompanySpec,
    ItemSpec,
    LineSpec,
    RuleSpec,
    SheetSpec,
    VersionSpec,
    build,
)
from tests.ranking.slow import slow_failures, slow_standing

MARKS = ("base", "bonus", "cap", "total", "key_marks", "previous_total")
FACTS = (
    *("visits", "open_findings", "band", "group_key", "rank", "group_size"),
    *("unranked_reason", "previous_rank"),
)

tenths = st.integers(1, 80).map(lambda n: Decimal(n) / 10)
rules = st.one_of(
    st.just(RuleSpec(None)),
    st.sampled_from(["0.2", "0.5", "1", "1.5", "2"]).map(lambda text: RuleSpec(Decimal(text))),
)
items = st.builds(
    ItemSpec,
    full=st.integers(1, 12).map(Decimal),
    key=st.booleans(),
    frequency=st.sampled_from("MMMQHYE"),
    applies_when=st.sampled_from(["", "", "", "has_committee", "has_groups"]),
    rules=st.lists(rules, min_size=2, max_size=2).map(tuple),
)
versions = st.builds(
    VersionSpec,
    items=st.lists(items, min_size=1, max_size=5).map(tuple),
    scale=st.booleans(),
    bonus_cap=st.sampled_from([Decimal(5), Decimal("1.5")]),
)


@st.composite
def sheets(draw: Callable[..., Any], item_count: int) -> SheetSpec:
    places = st.tuples(st.integers(0, item_count - 1), st.integers(0, 1))
    hit = draw(st.lists(places, unique=True, max_size=4))
    lines = tuple(
        LineSpec(
            item=item,
            rule=rule,
            count=draw(st.integers(1, 3)),
            critical=draw(st.booleans()),
            upheld_to=draw(st.sampled_from([None, None, None, 0, 1])),
            open_finding=draw(st.booleans()),
        )
        for item, rule in hit
    )
    checks = draw(
        st.dictionaries(
            st.integers(0, item_count - 1),
            st.sampled_from(["", "not_applicable", "judged"]),
            max_size=2,
        )
    )
    status = draw(st.sampled_from(["submitted", "confirmed", "confirmed", "under_way", "planned"]))
    return SheetSpec(status, lines, tuple(checks.items()))


@st.composite
def companies(draw: Callable[..., Any]) -> CompanySpec:
    rubric = tuple(draw(st.lists(versions, min_size=3, max_size=3)))
    branches: list[BranchSpec] = []
    for _ in range(draw(st.integers(1, 9))):
        # Mostly one type, so that groups are big enough to be ranked and ties happen.
        kind = draw(st.sampled_from([0, 0, 0, 0, 1, 2]))
        generals = [n for n, one in enumerate(branches) if one.general]
        general = draw(st.sampled_from([False, False, True]))
        parent = draw(st.sampled_from([None, *generals])) if generals and not general else None
        count = len(rubric[kind].items)
        vetoes = draw(
            st.lists(
                st.tuples(st.sampled_from([60, 70]), st.sampled_from([None, *range(count)])),
                max_size=2 if draw(st.integers(0, 3)) == 0 else 0,
            )
        )
        branches.append(
            BranchSpec(
                type=kind,
                general=general,
                parent=parent,
                exempt=draw(st.integers(0, 7)) == 0,
                has_committee=draw(st.booleans()),
                groups=draw(st.integers(0, 2)),
                sheets=tuple(draw(st.lists(sheets(count), max_size=3))),
                bonuses=tuple(
                    draw(st.lists(st.sampled_from([Decimal("0.5"), Decimal(1)]), max_size=3))
                ),
                vetoes=tuple(vetoes),
                previous=draw(
                    st.one_of(
                        st.none(),
                        st.tuples(tenths, st.integers(1, 9)),
                        st.just((None, None)),
                    )
                ),
            )
        )
    return CompanySpec(
        month=draw(st.sampled_from([2, 3, 5, 6, 12])),
        versions=rubric,
        branches=tuple(branches),
        own_share=draw(st.sampled_from([50, 30, 100])),
        min_group=draw(st.sampled_from([1, 2, 3])),
        by_tier=draw(st.booleans()),
        fail_percent=draw(st.sampled_from([60, 75])),
    )


@pytest.mark.django_db
@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(spec=companies())
def test_sql_ranks_as_the_rules_read(spec: CompanySpec) -> None:
    with transaction.atomic():
        built = build(spec)
        rows = {row.participant_id: row for row in provisional(built.round)}
        failures = key_failures(built.round)
        transaction.set_rollback(True)
    expected = slow_standing(spec)
    assert len(rows) == len(expected)
    for participant, line in zip(built.participants, expected, strict=True):
        row = rows[participant.pk]
        for name in (*MARKS, *FACTS):
            assert getattr(row, name) == getattr(line, name), (name, participant.branch.name)
    place = {p.pk: at for at, p in enumerate(built.participants)}
    item_place = {item.pk: at for items in built.items for at, item in enumerate(items)}
    found = {
        (place[f.participant_id], item_place[f.item_id]): (f.trigger, f.marks) for f in failures
    }
    assert found == slow_failures(spec)


# -- sentences of the domain, one by one ----------------------------------------------------


ONE_RULE = (RuleSpec(Decimal(1)), RuleSpec(None))
PLAIN = VersionSpec(
    items=(
        ItemSpec(Decimal(60), True, "M", "", ONE_RULE),
        ItemSpec(Decimal(40), False, "M", "", ONE_RULE),
    ),
    scale=False,
    bonus_cap=Decimal(5),
)


def company(*branches: BranchSpec, **more: Any) -> CompanySpec:
    return CompanySpec(month=6, versions=(PLAIN,) * 3, branches=branches, **more)


def scored(lost: int, *, item: int = 1, **more: Any) -> BranchSpec:
    """A branch with one sheet on which ``lost`` marks were taken from one item."""
    lines = (LineSpec(item=item, rule=0, count=lost),) if lost else ()
    return BranchSpec(type=0, sheets=(SheetSpec("confirmed", lines),), **more)


def ranks(spec: CompanySpec) -> list[int | None]:
    built = build(spec)
    found = {row.participant_id: row.rank for row in provisional(built.round)}
    return [found[p.pk] for p in built.participants]


@pytest.mark.django_db
def test_equal_ranks_leave_a_gap() -> None:
    assert ranks(company(scored(1), scored(2), scored(2), scored(3))) == [1, 2, 2, 4]


@pytest.mark.django_db
def test_equal_totals_are_decided_by_key_work() -> None:
    key_lost, other_lost = scored(2, item=0), scored(2, item=1)
    assert ranks(company(key_lost, other_lost, scored(9))) == [2, 1, 3]


@pytest.mark.django_db
def test_then_by_fewer_open_findings_then_by_the_bigger_rise() -> None:
    def branch(open_finding: bool, before: str) -> BranchSpec:
        line = LineSpec(item=1, rule=0, count=2, open_finding=open_finding)
        return BranchSpec(
            type=0,
            sheets=(SheetSpec("confirmed", (line,)),),
            previous=(Decimal(before), 1),
        )

    assert ranks(company(branch(True, "80"), branch(False, "90"), branch(False, "85"))) == [3, 2, 1]


@pytest.mark.django_db
def test_a_group_under_three_is_listed_and_says_why() -> None:
    built = build(company(scored(1), scored(2), BranchSpec(type=0, exempt=True), BranchSpec(0)))
    rows = provisional(built.round)
    assert [row.rank for row in rows] == [None] * 4
    assert [row.unranked_label for row in rows] == [
        "同类不足数，只列不排",
        "同类不足数，只列不排",
        "不参评",
        "本月未检查",
    ]
    assert [row.group_size for row in rows] == [2, 2, 2, 2]


@pytest.mark.django_db
def test_without_a_veto_nothing_caps_the_total() -> None:
    built = build(
        company(
            scored(0, bonuses=(Decimal(2), Decimal(4))),
            scored(0, vetoes=((60, None), (70, None))),
        )
    )
    rows = {row.participant_id: row for row in provisional(built.round)}
    free, capped = (rows[p.pk] for p in built.participants)
    assert [free.base, free.bonus, free.total] == [100, 5, 105]
    assert not free.is_capped
    assert [capped.base, capped.cap, capped.total] == [100, 60, 60]
    assert capped.band == "差"
    assert capped.is_capped


@pytest.mark.django_db
def test_groups_are_split_by_tier_only_where_each_is_big_enough() -> None:
    three_and_three = [
        *(scored(n, general=True) for n in (1, 2, 3)),
        *(scored(n) for n in (1, 2, 3)),
    ]
    assert ranks(company(*three_and_three, by_tier=True)) == [1, 2, 3, 1, 2, 3]
    assert ranks(company(*three_and_three[1:], by_tier=True)) == [2, 4, 1, 2, 4]


def test_a_group_has_a_name() -> None:
    assert group_label("production") == "生产（服务）型"
    assert group_label("general_branch:business") == "党总支·经营型"


@pytest.mark.django_db
def test_the_standing_takes_as_many_queries_for_nine_branches_as_for_three() -> None:
    def count(branches: int) -> int:
        built = build(company(*(scored(n) for n in range(branches))))
        round_ = type(built.round).objects.select_related("policy").get(pk=built.round.pk)
        with CaptureQueriesContext(connection) as queries:
            assert len(provisional(round_)) == branches
        return len(queries)

    assert count(3) == count(9) <= 3


@pytest.mark.django_db
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(spec=companies())
def test_replayed_without_a_change_a_month_is_what_was_published(spec: CompanySpec) -> None:
    with transaction.atomic():
        built = build(spec)
        rows = provisional(built.round)
        last = RankingRun.objects.order_by("-sequence").first()
        number = (last.sequence if last else 0) + 1
        run = RankingRun(
            pk=(last.pk if last else 0) + 1, round=built.round, sequence=number,
            published_at=NOW, via="test", digest="x",
        )  # fmt: skip
        fields = {f.attname for f in RankingEntry._meta.concrete_fields} - {"id", "run_id"}
        RankingEntry.objects.bulk_create(
            RankingEntry(run_id=run.pk, **{name: getattr(row, name) for name in fields})
            for row in rows
        )
        run.save(force_insert=True)
        replayed = replay(built.round, Terms())
        transaction.set_rollback(True)
    published = {row.branch_id: row for row in rows if row.total is not None}
    found = [row for group in replayed.groups for row in group.rows]
    assert {row.branch_id for row in found} == set(published)
    for row in found:
        assert row.total == published[row.branch_id].total, row.name
        assert row.rank == published[row.branch_id].rank, row.name
