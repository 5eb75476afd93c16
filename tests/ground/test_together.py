"""Querysets read together give what each gives by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import (
    Avg,
    BinaryField,
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast as As
from django.db.models.functions import TruncMonth
from django.test.utils import CaptureQueriesContext

from branches.models import Activity, Branch, Person
from evaluations.models import Deduction, EvaluationPolicy, Inspection, MonthRound, RubricItem
from portal.accounts.models import User
from portal.kernel.together import counted, counting, read_together
from portal.offline.models import GivenAnswer
from tests.cast import Cast, kept
from tests.permissions.scene import House, build, house_clock

__all__ = ["house_clock"]  # a fixture, asked for by its name


@pytest.fixture
def house(cast: Cast, house_clock: object) -> House:
    return kept("permissions: house", lambda: build(cast))


def contents(found: QuerySet[Any, Any]) -> list[Any]:
    """The rows with every loaded value and its type."""

    def of(row: Any) -> Any:
        if not hasattr(row, "_meta"):
            return row if not isinstance(row, dict) else sorted(row.items())
        values = {k: v for k, v in vars(row).items() if k != "_state"}
        return [(k, type(v), v) for k, v in sorted(values.items())] + [
            (name, of(other)) for name, other in sorted(row._state.fields_cache.items()) if other
        ]

    return [of(row) for row in found]


def same(*makers: Callable[[], QuerySet[Any, Any]]) -> list[QuerySet[Any, Any]]:
    """Each of ``makers`` read alone and all of them together, which must not differ."""
    alone = [contents(make()) for make in makers]
    together = [make() for make in makers]
    with CaptureQueriesContext(connection) as asked:
        read_together(*together)
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        assert [contents(found) for found in together] == alone
    assert not asked.captured_queries
    return together


def test_every_table_comes_back_as_it_is(house: House) -> None:
    """All that the product can keep, type by type; only tables of bytes are left out."""
    tables = [
        model
        for model in apps.get_models()
        if model._meta.managed
        and not model._meta.proxy
        and not any(isinstance(field, BinaryField) for field in model._meta.concrete_fields)
    ]
    found = same(*((lambda m=model: m._default_manager.order_by("pk")) for model in tables))
    filled = [model for model, rows in zip(tables, found, strict=True) if rows]
    assert len(filled) > 60
    kinds = {f.get_internal_type() for model in filled for f in model._meta.concrete_fields}
    assert {"DateField", "DateTimeField", "JSONField", "UUIDField"} <= kinds
    assert {"BooleanField", "TimeField"} <= kinds


def test_relations_annotations_order_and_slices(house: House) -> None:
    done = Activity.objects.filter(branch=OuterRef("pk"))
    same(
        lambda: Inspection.objects.select_related("team__branch", "participant__branch").order_by(
            "-team__number", "planned_on", "pk"
        ),
        lambda: Branch.objects.annotate(
            has=Exists(done), n=Count("memberships"), label2=Value("甲%乙")
        ).order_by("-n", "name")[1:4],
        lambda: Deduction.objects.values_list("item__code", "points").order_by("pk"),
        lambda: Deduction.objects.values("item").annotate(mean=Avg("points")).order_by("item"),
        lambda: Activity.objects.annotate(month=TruncMonth("held_on")).values_list(
            "month", flat=True
        ),
        lambda: RubricItem.objects.filter(Q(name__contains="%") | Q(full_marks__gt=Decimal("2.5"))),
        lambda: MonthRound.objects.only("pk", "status"),
        lambda: Person.objects.none(),
        lambda: Person.objects.filter(pk__in=[]),
        lambda: Branch.objects.values_list("pk", "name", named=True).order_by("-pk"),
        lambda: Branch.objects.annotate(
            open=ExpressionWrapper(Q(closed_on__isnull=True), output_field=BooleanField())
        ).values("pk", "open"),
    )


def test_known_parents_and_prefetched_children_are_there(house: House) -> None:
    teams = house.july.teams.order_by("number").prefetch_related("members")
    policies = EvaluationPolicy.objects.all()
    read_together(teams, policies)
    with CaptureQueriesContext(connection) as asked:
        assert {team.round for team in teams} == {house.july}
        assert any(list(team.members.all()) for team in teams)
    assert not asked.captured_queries


def test_numbers_keep_every_digit(cast: Cast) -> None:
    third = 0.1 + 0.2
    one = Person.objects.annotate(
        x=Value(third, output_field=FloatField()), y=As(F("pk"), FloatField()) / 3
    )
    assert {row.x for row in same(lambda: one.all(), lambda: User.objects.all())[0]} == {third}


def test_what_was_read_is_not_read_again_and_one_alone_goes_the_usual_way(cast: Cast) -> None:
    first, second = Person.objects.all(), Branch.objects.all()
    len(first)
    with CaptureQueriesContext(connection) as asked:
        read_together(first, second)
    assert len(asked) == 1
    assert "json" not in asked.captured_queries[0]["sql"]
    with CaptureQueriesContext(connection) as asked:
        read_together(first, second)
        read_together(Person.objects.none(), Branch.objects.none())
    assert not asked.captured_queries


def test_a_queryset_read_so_can_be_refined_and_read_anew(cast: Cast) -> None:
    people = Person.objects.filter(name="甲")
    read_together(people, Branch.objects.all())
    assert list(people) == []
    Person.objects.create(name="甲", committee=cast.city)
    assert [person.name for person in people.all()] == ["甲"]
    assert people.filter(committee=cast.city).count() == 1


def test_a_wide_row_passes_in_pieces(cast: Cast) -> None:
    wide = {f"n{number}": Value(number) for number in range(230)}
    row = same(
        lambda: Person.objects.values_list("committee").annotate(**wide),
        lambda: Branch.objects.all(),
    )[0][0]
    assert row == (cast.city.pk, *range(230))


def test_dates_and_times_are_dates_and_times(cast: Cast) -> None:
    moment = dt.datetime(2017, 6, 26, 8, 30, 0, 123456, tzinfo=dt.UTC)
    User.objects.filter(pk=cast.officer.pk).update(last_login=moment)
    users = User.objects.filter(pk=cast.officer.pk).values_list("last_login", flat=True)
    read_together(users, Person.objects.all())
    assert list(users) == [moment]


def test_bytes_are_refused_aloud(cast: Cast) -> None:
    with pytest.raises(ValueError, match="bytes"):
        read_together(GivenAnswer.objects.all(), Person.objects.all())


@pytest.mark.parametrize(
    "people",
    [
        lambda: Person.objects.all(),
        lambda: Person.objects.filter(name="无此人"),
        lambda: Person.objects.none(),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_counts_are_those_of_an_aggregate(
    cast: Cast, people: Callable[[], QuerySet[Any]], together: bool
) -> None:
    counts = {"every": Count("pk"), "named": Count("pk", filter=Q(name__startswith="林"))}
    row = counting(people().order_by("name"), **counts)
    if together:
        read_together(row, Branch.objects.all())
    numbers = counted(row)
    assert {name: numbers[name] for name in counts} == people().aggregate(**counts)
