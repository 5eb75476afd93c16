"""What the tests of rubrics share: the seed in force since January 2017, as rows and values."""

from __future__ import annotations

import datetime as dt

import pytest

from evaluations.models import Rubric, RubricVersion
from evaluations.rubric_content import RubricContent
from evaluations.services.rubric_seed import load_rubrics, seed_content, seed_source
from portal.kernel.months import SHANGHAI, Month
from tests.cast import Cast

NOW = dt.datetime(2017, 6, 27, 10, 0, tzinfo=SHANGHAI)
JANUARY = Month(2017, 1)
JULY = Month(2017, 7)


@pytest.fixture
def seed_values() -> dict[str, RubricContent]:
    """The branch rubrics as values, without the database."""
    return {entry["code"]: seed_content(entry) for entry in seed_source()["rubrics"]}


@pytest.fixture
def rubrics(cast: Cast) -> dict[str, Rubric]:
    """The rubrics by code, in force; the cast is there too."""
    load_rubrics(source=seed_source(), first_month=JANUARY, actor=None, now=NOW)
    return {rubric.code: rubric for rubric in Rubric.objects.order_by("pk")}


@pytest.fixture
def first(rubrics: dict[str, Rubric]) -> RubricVersion:
    """Version 1 of the production rubric, in force and used by no round."""
    return rubrics["PROD"].versions.get()
