"""Samples for the registers beside the records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from branches.models import CommitteeTerm, RecruitStep, RowImport, Talk
from branches.register_pages import REGISTERS
from portal.attachments.checking import check
from portal.attachments.limits import NAMED
from portal.attachments.services import attach
from tests.cast import NOW, Cast
from tests.permissions.scene import House

_Sample = Callable[[Cast, House], dict[str, Any]]
_ROWS: dict[str, Any] = {"talks": Talk, "terms": CommitteeTerm, "recruiting": RecruitStep}


def _register(slug: str) -> _Sample:
    return lambda cast, house: {"pk": cast.branch_a.pk, "slug": slug}


def _row(slug: str) -> _Sample:
    return lambda cast, house: {
        "slug": slug,
        "row": _ROWS[slug].objects.get(branch=cast.branch_a).pk,
    }


def _key(slug: str) -> _Sample:
    return lambda cast, house: {"pk": _ROWS[slug].objects.get(branch=cast.branch_a).pk}


def _paper(slug: str) -> _Sample:
    # A docx needs no fonts of the machine, so that the table is the same everywhere.
    return lambda cast, house: {"pk": house.activity.pk, "slug": slug, "form": "docx"}


def _import(kind: str) -> _Sample:
    return lambda cast, house: {"pk": cast.branch_a.pk, "kind": kind}


def _material(cast: Cast, house: House) -> dict[str, Any]:
    file = check(name="讲稿.txt", data="一、学习".encode(), profile=NAMED)
    [kept] = attach(owner=house.activity, files=[file], actor=cast.secretary_a, now=NOW)
    return {"pk": house.activity.pk, "file": kept.pk}


_REGISTERS: dict[str, _Sample] = {slug: _register(slug) for slug in REGISTERS}
_kept: _Sample = lambda cast, house: {"pk": RowImport.objects.get().pk}  # noqa: E731 - one line each
_activity: _Sample = lambda cast, house: {"pk": house.activity.pk}  # noqa: E731 - one line each
_branch: _Sample = lambda cast, house: {"pk": cast.branch_a.pk}  # noqa: E731 - one line each

RECORD_SAMPLES: dict[str, Any] = {
    "branches:record-list-file": _branch,
    # A docx needs no fonts of the machine, so that the table is the same everywhere.
    "branches:blank-attendance": lambda cast, house: {"pk": cast.branch_a.pk, "form": "docx"},
    "branches:members-file": _branch,
    "branches:study-file": _branch,
    "branches:dues": _branch,
    "branches:dues-file": _branch,
    "branches:study": _branch,
    "branches:register": _REGISTERS,
    "branches:register-file": _REGISTERS,
    "branches:register-add": _REGISTERS,
    "branches:register-take-back": {slug: _row(slug) for slug in REGISTERS},
    "branches:record-file": {slug: _paper(slug) for slug in ("minutes", "attendance")},
    "branches:handbook": lambda cast, house: {
        "pk": cast.branch_a.pk,
        "year": 2017,
        "form": "docx",
    },
    "branches:record-materials": _activity,
    "branches:record-material-remove": _material,
    "api:activity-materials": _activity,
    "api:activity-material": _material,
    "api:branch-handbook": lambda cast, house: {
        "pk": cast.branch_a.pk,
        "year": "2017",
        "form": "docx",
    },
    "api:branch-sign-in-sheet": lambda cast, house: {"pk": cast.branch_a.pk, "form": "docx"},
    "api:activity-paper": {slug: _paper(slug) for slug in ("minutes", "attendance")},
    "branches:import": {kind: _import(kind) for kind in ("roster", "dues", "records")},
    "branches:import-blank": {kind: _import(kind) for kind in ("roster", "dues", "records")},
    "branches:import-preview": lambda cast, house: {"uuid": RowImport.objects.get().pk},
    "branches:import-problems": lambda cast, house: {"uuid": RowImport.objects.get().pk},
    "api:import-detail": _kept,
    "api:import-rows": _kept,
    "api:import-accept": _kept,
    "api:import-undo": _kept,
    "branches:duty-settings": lambda cast, house: {"pk": cast.city.pk},
    "api:study-hours": _branch,
    "api:talk-take-back": _key("talks"),
    "api:term-take-back": _key("terms"),
    "api:recruit-step-take-back": _key("recruiting"),
}
