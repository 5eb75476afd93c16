"""Several querysets read in one statement.

A page that gathers a month reads a dozen small tables that have nothing to do with each other.
Each is one set-based query already; what is left is a round trip for each. :func:`read_together`
asks for all of them at once and fills the querysets as if each had been read by itself, so that
the code that walks them does not know the difference::

    visits = round_.inspections.select_related("team")
    absences = TeamAbsence.objects.filter(round=round_)
    read_together(visits, absences)

Every queryset becomes one column of the statement: an array of its rows in JSON. The rows then
take the ORM's ordinary way to instances, tuples or dictionaries.
"""

# ruff: noqa: S608 - the statements are the ORM's own; values are parameters

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet, Value
from django.utils.dateparse import parse_date, parse_datetime, parse_duration, parse_time

__all__ = ["counted", "counting", "read_together"]

# PostgreSQL takes 100 arguments to a function, SQLite 127: a wide row is an array of arrays.
_COLUMNS_A_PIECE: Final = 50


def _moment(text: str) -> dt.date | dt.datetime | None:
    """A day or a moment: which of the two, only the database knows (a day cut down to its month
    is a moment there)."""
    return parse_datetime(text) if "T" in text else parse_date(text)


# What a driver hands over ready made and JSON spells out as text or number.
_SPELLED: Final[Mapping[str, Mapping[str, Callable[[Any], Any]]]] = {
    "postgresql": {
        "DateField": _moment,
        "DateTimeField": _moment,
        "DecimalField": Decimal,
        "DurationField": parse_duration,
        "FloatField": float,
        "TimeField": parse_time,
        "UUIDField": UUID,
    },
    "sqlite": {"FloatField": float},  # its backend reads text in every other case
}


def read_together(*querysets: QuerySet[Any, Any]) -> None:
    """Read ``querysets`` in one statement of their database; what was read before is left alone.

    Meant for what one page shows: of many thousand rows the detour through JSON costs more than
    the round trips it saves.

    :raises ValueError: a queryset has a column of bytes, which JSON cannot hold, or sorts
        distinct rows by what it does not show.
    """
    fresh = [queryset for queryset in querysets if queryset._result_cache is None]
    if len(fresh) < 2:
        for queryset in fresh:
            len(queryset)
        return
    connection = connections[fresh[0].db]
    asked: list[tuple[QuerySet[Any, Any], Any]] = []
    columns: list[str] = []
    params: list[Any] = []
    for queryset in fresh:
        compiler: Any = queryset.query.get_compiler(connection=connection)
        try:
            sql, own = compiler.as_sql()
        except EmptyResultSet:  # known to be empty without asking
            _fill(queryset, compiler, [])
            continue
        columns.append(_column(sql, compiler, connection))
        params.extend(own)
        asked.append((queryset, compiler))
    if not asked:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(columns), params)
        answer = cursor.fetchone()
    for (queryset, compiler), text in zip(asked, answer, strict=True):
        _fill(queryset, compiler, list(_rows(text, compiler, connection)))


def counting(rows: QuerySet[Any, Any], **counts: Any) -> QuerySet[Any, dict[str, Any]]:
    """``rows.aggregate(...)`` of counts as a queryset, for what is read together. The numbers are
    taken out with :func:`counted`."""
    over_all: QuerySet[Any, Any] = rows.order_by().annotate(over_all=Value(1)).values("over_all")
    row: QuerySet[Any, dict[str, Any]] = over_all.annotate(**counts).values(*counts)
    return row


def counted(row: QuerySet[Any, dict[str, Any]]) -> Mapping[str, int]:
    """The numbers of :func:`counting`; zeros where there was nothing to ask."""
    return Counter(next(iter(row), {}))


def _column(sql: str, compiler: Any, connection: BaseDatabaseWrapper) -> str:
    """``sql`` as one value: the array of its rows, in its order."""
    on_postgresql = connection.vendor == "postgresql"
    if compiler.has_extra_select:
        raise ValueError("distinct rows sorted by what they do not show cannot be read together")
    names, values = [], []
    for number, (expression, _sql, _alias) in enumerate(compiler.select):
        kind = _kind(expression)
        if kind == "BinaryField":
            raise ValueError(f"bytes cannot be read together: {expression!r}")
        name = f"c{number}"
        names.append(name)
        if kind == "JSONField" and on_postgresql:
            name += "::text"  # the field's own decoder wants the text
        elif kind == "FloatField" and not on_postgresql:
            name = f"printf('%!.17g', {name})"  # JSON would keep 15 digits
        values.append(name)
    array, group = (
        ("json_build_array", "json_agg") if on_postgresql else ("json_array", "json_group_array")
    )
    pieces = ", ".join(
        f"{array}({', '.join(values[start : start + _COLUMNS_A_PIECE])})"
        for start in range(0, len(values), _COLUMNS_A_PIECE)
    )
    as_text = "::text" if on_postgresql else ""  # numbers must not pass through floats
    # The printf's percent sign must survive the driver, which sees parameters.
    row = f"{array}({pieces})".replace("%", "%%")
    return (
        f"(WITH rows_read ({', '.join(names)}) AS ({sql})"
        f" SELECT COALESCE({group}({row}){as_text}, '[]') FROM rows_read)"
    )


def _kind(expression: Any) -> str:
    kind: str = expression.output_field.get_internal_type()
    return kind


def _rows(text: str, compiler: Any, connection: BaseDatabaseWrapper) -> Iterator[list[Any]]:
    """The rows in ``text`` with every value as the driver would have given it."""
    spelled = _SPELLED[connection.vendor]
    readers = [
        (number, spelled[kind])
        for number, (expression, _sql, _alias) in enumerate(compiler.select)
        if (kind := _kind(expression)) in spelled
    ]
    # SQLite has no other numbers than floats; PostgreSQL's must not become any.
    number_of = Decimal if connection.vendor == "postgresql" else float
    for pieces in json.loads(text, parse_float=number_of):
        row = [value for piece in pieces for value in piece]
        for number, read in readers:
            if row[number] is not None:
                row[number] = read(row[number])
        yield row


def _fill(queryset: QuerySet[Any, Any], compiler: Any, rows: Sequence[Sequence[Any]]) -> None:
    """Let ``queryset`` evaluate itself over ``rows``."""
    query: Any = queryset.query
    compiler.execute_sql = lambda *_, **__: [rows]
    query.get_compiler = lambda *_, **__: compiler
    try:
        len(queryset)
    finally:
        del query.get_compiler
