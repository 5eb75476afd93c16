"""Samples for the papers: every kind of a notice issued and of a draft, and one form of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from evaluations.paper_files import NOTICE_PAPERS
from tests.cast import Cast
from tests.permissions.scene import House

_Sample = Callable[[Cast, House], dict[str, Any]]


def _file(state: str, slug: str) -> _Sample:
    def sample(cast: Cast, house: House) -> dict[str, Any]:
        notice = house.notice if state == "issued" else house.draft_notice
        # A docx needs no fonts of the machine, so that the table is the same everywhere.
        return {"pk": notice.pk, "slug": slug, "form": "docx"}

    return sample


_FILES: dict[str, _Sample] = {
    f"{state}-{kind.slug}": _file(state, kind.slug)
    for state in ("issued", "draft")
    for kind in NOTICE_PAPERS
}
_BULLETINS: dict[str, _Sample] = {
    "june": lambda cast, house: {"pk": house.june.pk, "form": "docx"},
    "july": lambda cast, house: {"pk": house.july.pk, "form": "docx"},
}

_SHEETS: dict[str, _Sample] = {
    "under_way": lambda cast, house: {"pk": house.visit.pk, "form": "docx"},
    "submitted": lambda cast, house: {"pk": house.submitted.pk, "form": "docx"},
}

_OF_ROUND: dict[str, _Sample] = {
    "june": lambda cast, house: {"pk": house.june.pk},
    "july": lambda cast, house: {"pk": house.july.pk},
}
_SIGNED: dict[str, _Sample] = {
    "notice": lambda cast, house: {
        "pk": house.notice.paper.pk,
        "slug": "red-head",
        "form": "docx",
    },
    "bulletin": lambda cast, house: {"pk": house.paper.pk, "slug": "red-head", "form": "docx"},
}


def _only_key(samples: dict[str, _Sample]) -> dict[str, _Sample]:
    return {
        name: lambda cast, house, sample=sample: {"pk": sample(cast, house)["pk"]}  # type: ignore[misc]
        for name, sample in samples.items()
    }


def _batch(cast: Cast, house: House) -> dict[str, Any]:
    return {"pk": house.batch.pk}


def _at_meeting(cast: Cast, house: House) -> dict[str, Any]:
    participant = house.june.participants.get(branch=cast.branch_a)
    return {"pk": house.june.pk, "participant_pk": participant.pk}


def _to_enter(cast: Cast, house: House) -> dict[str, Any]:
    return {**_at_meeting(cast, house), "kind": "rating"}


def _june_only(cast: Cast, house: House) -> dict[str, Any]:
    return {"pk": house.june.pk}


_MEETING: dict[str, Any] = {
    **{
        f"evaluations:{name}": _june_only
        for name in (
            *("meeting", "meeting-opening", "meeting-closing", "meeting-minutes"),
            *("meeting-decide", "appraisals"),
        )
    },
    "evaluations:meeting-board": lambda cast, house: {"pk": house.june.pk, "number": 1},
    **{
        f"evaluations:{name}": _at_meeting
        for name in (
            *("meeting-screen", "meeting-comment", "meeting-decide-branch"),
            *("appraisal", "appraisal-own-words"),
        )
    },
    "evaluations:appraisal-enter": _to_enter,
    **{
        f"api:meeting-{name}": _june_only
        for name in (
            *("detail", "comment", "decide", "close-decision", "appraisals", "enter"),
            "own-words",
        )
    },
    "evaluations:meeting-close-decision": lambda cast, house: {
        "pk": house.june.pk,
        "decision_pk": house.decision.pk,
    },
}
_BULLETIN_STEPS = ("approve", "sign", "void", "receive")

PAPER_SAMPLES: dict[str, Any] = {
    **_MEETING,
    "evaluations:notice-file": _FILES,
    "evaluations:bulletin-file": _BULLETINS,
    "evaluations:sheet-file": _SHEETS,
    "evaluations:verify": lambda cast, house: {"code": house.notice.paper.code},
    "notifications:feed": lambda cast, house: {"token": house.feed.token},
    "evaluations:notice-extend": lambda cast, house: {"pk": house.notice.pk},
    "evaluations:notice-add-evidence": lambda cast, house: {"pk": house.notice.pk},
    "evaluations:notice-remove-evidence": lambda cast, house: {
        "pk": house.notice.pk,
        "problem_id": house.notice.problems.order_by("pk")[0].pk,
        "file_pk": UUID(int=1),
    },
    "api:notice-extend": lambda cast, house: {"pk": house.notice.pk},
    "evaluations:bulletin-edit": {"july": _OF_ROUND["july"]},  # June's is signed: nothing to edit
    **{f"evaluations:bulletin-{step}": _OF_ROUND for step in _BULLETIN_STEPS},
    "evaluations:paper-file": _SIGNED,
    "evaluations:batch": _batch,
    "evaluations:batch-file": _batch,
    "api:bulletin-detail": _OF_ROUND,
    **{f"api:bulletin-{step}": _OF_ROUND for step in _BULLETIN_STEPS},
    "api:paper-detail": _only_key(_SIGNED),
    "api:paper-file": _SIGNED,
    "api:paper-batch-detail": _batch,
    "api:paper-batch-file": _batch,
    "api:notice-paper": _FILES,
    "api:sheet-paper": _SHEETS,
    "api:round-bulletin-paper": _BULLETINS,
}
