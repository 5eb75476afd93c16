"""The rubrics this product comes with: read from the seed file and put in force once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from evaluations.models import (
    AppliesWhen,
    Rubric,
    RubricSubject,
    RubricVersion,
    VersionStatus,
)
from evaluations.rubric_checks import problems
from evaluations.rubric_content import (
    BandContent,
    BonusContent,
    ItemContent,
    RubricContent,
    RuleContent,
    SectionContent,
    VetoContent,
)
from evaluations.services.rubrics import write_content
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError
from portal.kernel.months import Month

SEED_FILE: Final = Path(__file__).resolve().parent.parent / "data" / "rubrics.json"
# Items that only some branches owe, by name (domain.md 2.3, "本项不涉及").
APPLIES_WHEN: Final = {
    "支部委员会会议": AppliesWhen.HAS_COMMITTEE,
    "党小组会": AppliesWhen.HAS_GROUPS,
}
# Bonus, veto and bands of every branch rubric (domain.md 2.2).
BONUS_CAP: Final = Decimal(5)
BONUS_RULES: Final = (
    BonusContent("J1", "获省级及以上表彰", Decimal(2)),
    BonusContent("J2", "经验在市公司推广", Decimal(1)),
    BonusContent("J3", "抢险救灾中表现突出（每次）", Decimal(1)),
    BonusContent("J4", "党课获奖", Decimal(1)),
    BonusContent("J5", "自查发现并自行整改问题", Decimal("0.5")),
)
VETO_RULES: Final = (
    VetoContent("V1", "发生负主要责任的安全事件", Decimal(60), bars_awards=True),
    VetoContent("V2", "党员因违纪违法受处分", Decimal(60), bars_awards=True),
    VetoContent("V3", "发生重大舆情或意识形态事件", Decimal(60), bars_awards=True),
    VetoContent("V4", "弄虚作假（假记录、假出队）", Decimal(60), zeroes_item=True),
    VetoContent("V5", "拒不整改，或同一严重问题连续三个月出现", Decimal(70), needs_talk=True),
)
BANDS: Final = (
    BandContent("好", Decimal(90)),
    BandContent("较好", Decimal(80)),
    BandContent("一般", Decimal(70)),
    BandContent("差", Decimal(0)),
)


def seed_source() -> dict[str, Any]:
    """The rubrics this product comes with."""
    source: dict[str, Any] = json.loads(SEED_FILE.read_text(encoding="utf-8"))
    return source


def load_rubrics(
    *, source: Mapping[str, Any], first_month: Month, actor: User | None, now: dt.datetime
) -> list[Rubric]:
    """Put the rubrics of ``source`` (see :func:`seed_source`) in force from ``first_month``.

    Safe to run again: a rubric that exists is left as it is, whatever was changed in it
    since. Raises DomainError when one does not add up, and then loads none. Returns all
    rubrics of the source.
    """
    wanted = [
        *((entry, _seed_subject(entry), seed_content(entry)) for entry in source["rubrics"]),
        *(
            (entry, _seed_subject(entry), seed_secretary_content(entry))
            for entry in source.get("secretary", ())
        ),
    ]
    for entry, _subject, content in wanted:
        if wrong := problems(content):
            raise DomainError(f"{entry['name_zh']}：{wrong[0].message}")
    loaded = []
    with transaction.atomic():
        existing = {rubric.subject: rubric for rubric in Rubric.objects.select_for_update()}
        for entry, subject, content in wanted:
            rubric = existing.get(subject)
            if rubric is None:
                rubric = Rubric.objects.create(
                    subject=subject,
                    code=entry["code"],
                    name=f"{entry['name_zh']}考评细则"
                    if "评价" not in entry["name_zh"]
                    else entry["name_zh"],
                )
                version = RubricVersion.objects.create(
                    rubric=rubric,
                    number=1,
                    first_month=first_month.first_day,
                    status=VersionStatus.ACTIVE,
                    not_due_policy=content.not_due_policy,
                    bonus_cap=content.bonus_cap,
                    created_by=actor,
                    created_at=now,
                )
                write_content(version, content)
                record(
                    code="rubric.loaded",
                    target=version,
                    actor=actor,
                    now=now,
                    after={"first_month": str(first_month), "items": len(list(content.items))},
                )
            loaded.append(rubric)
    return loaded


def _seed_subject(entry: Mapping[str, Any]) -> str:
    return {
        "PROD": RubricSubject.PRODUCTION.value,
        "MGMT": RubricSubject.MANAGEMENT.value,
        "BUSI": RubricSubject.BUSINESS.value,
        "SEC_FULL": RubricSubject.SECRETARY_FULL.value,
        "SEC_PART": RubricSubject.SECRETARY_PART.value,
    }[entry["code"]]


def seed_content(entry: Mapping[str, Any]) -> RubricContent:
    """A branch rubric of the seed file as a value."""
    return RubricContent(
        sections=tuple(
            SectionContent(
                code=section["code"],
                name=section["name_zh"],
                name_en=section["name_en"],
                full_marks=_marks(section["full_marks"]),
                items=tuple(_seed_item(item) for item in section["items"]),
            )
            for section in entry["sections"]
        ),
        bonus_rules=BONUS_RULES,
        veto_rules=VETO_RULES,
        bands=BANDS,
        bonus_cap=BONUS_CAP,
    )


def _seed_item(item: Mapping[str, Any]) -> ItemContent:
    return ItemContent(
        code=item["code"],
        name=item["name_zh"],
        name_en=item["name_en"],
        full_marks=_marks(item["full_marks"]),
        is_key_work=item["is_key_work"],
        frequency=item["frequency"],
        source=item["source"],
        standard=item["standard"],
        evidence=item["evidence"],
        applies_when=APPLIES_WHEN.get(item["name_zh"], AppliesWhen.ALWAYS),
        rules=tuple(
            RuleContent(
                text=rule["text"],
                unit=rule["unit"],
                points=None if rule["takes_all"] else _marks(rule["points"]),
                takes_all=rule["takes_all"],
            )
            for rule in item["deductions"]
        ),
    )


def seed_secretary_content(entry: Mapping[str, Any]) -> RubricContent:
    """One section; an item's rule is a sentence, so it is its standard."""
    items = tuple(
        ItemContent(
            code=item["code"],
            name=item["name_zh"],
            name_en=item["name_en"],
            full_marks=_marks(item["full_marks"]),
            source=item["source"],
            standard=item["rule"],
        )
        for item in entry["items"]
    )
    full = sum((item.full_marks for item in items), Decimal(0))
    return RubricContent(
        sections=(SectionContent("S", "履职评价", full, "Duties of the secretary", items),),
        bands=BANDS,
        for_secretaries=True,
    )


def _marks(value: float | str) -> Decimal:
    return Decimal(str(value))
