"""The life of a rubric version from draft to in force.

The text of a draft is changed in :mod:`evaluations.services.rubric_drafts`; the rubrics the product
comes with are loaded by :mod:`evaluations.services.rubric_seed`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from evaluations.models import (
    Band,
    BonusRule,
    DeductionRule,
    MonthRound,
    Rubric,
    RubricItem,
    RubricSection,
    RubricVersion,
    VersionStatus,
    VetoRule,
)
from evaluations.permissions import may_draft_rubric
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
from evaluations.rubric_differences import differences
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, Frozen
from portal.kernel.lifecycle import Lifecycle, step
from portal.kernel.months import Month
from portal.kernel.together import read_together

VERSION = Lifecycle(
    VersionStatus,
    {
        "activate": step((VersionStatus.DRAFT,), VersionStatus.ACTIVE, "生效"),
        "withdraw": step((VersionStatus.ACTIVE,), VersionStatus.DRAFT, "退回草稿"),
    },
)


# -- reading ----------------------------------------------------------------------------------


def version_in_force(rubric: Rubric, month: Month) -> RubricVersion | None:
    """The active version of ``rubric`` with the latest first month not after ``month``."""
    return (
        rubric.versions.filter(status=VersionStatus.ACTIVE, first_month__lte=month.first_day)
        .order_by("-first_month")
        .first()
    )


def content_of(version: RubricVersion) -> RubricContent:
    """Everything ``version`` says, as one value (one query)."""
    all_rules = DeductionRule.objects.filter(item__version=version).order_by("item_id", "number")
    all_items = version.items.order_by("sort_order")
    sections = version.sections.order_by("sort_order")
    bonus_rules, veto_rules = version.bonus_rules.all(), version.veto_rules.all()
    bands = version.bands.order_by("-floor")
    read_together(all_rules, all_items, sections, bonus_rules, veto_rules, bands)
    rules: dict[int, list[RuleContent]] = {}
    for rule in all_rules:
        rules.setdefault(rule.item_id, []).append(
            RuleContent(rule.text, rule.unit, rule.points, rule.takes_all)
        )
    items: dict[int, list[ItemContent]] = {}
    for item in all_items:
        items.setdefault(item.section_id, []).append(
            ItemContent(
                code=item.code,
                name=item.name,
                name_en=item.name_en,
                full_marks=item.full_marks,
                is_key_work=item.is_key_work,
                frequency=item.frequency,
                source=item.source,
                standard=item.standard,
                evidence=item.evidence,
                applies_when=item.applies_when,
                rules=tuple(rules.get(item.pk, ())),
            )
        )
    return RubricContent(
        sections=tuple(
            SectionContent(
                code=section.code,
                name=section.name,
                name_en=section.name_en,
                full_marks=section.full_marks,
                items=tuple(items.get(section.pk, ())),
            )
            for section in sections
        ),
        bonus_rules=tuple(
            BonusContent(b.code, b.text, b.points)
            for b in sorted(bonus_rules, key=lambda bonus: bonus.code)
        ),
        veto_rules=tuple(
            VetoContent(v.code, v.text, v.cap, v.zeroes_item, v.bars_awards, v.needs_talk)
            for v in sorted(veto_rules, key=lambda veto: veto.code)
        ),
        bands=tuple(BandContent(b.name, b.floor) for b in bands),
        bonus_cap=version.bonus_cap,
        not_due_policy=version.not_due_policy,
        for_secretaries=version.rubric.is_for_secretaries,
    )


def first_free_month() -> Month | None:
    """The earliest month of which no committee has opened the round yet; None when no round
    was ever opened. A version may take effect from here on."""
    latest = MonthRound.objects.aggregate(latest=Max("month"))["latest"]
    return Month.of(latest).plus(1) if latest else None


# -- drafting and activating -------------------------------------------------------------------


def draft_version(
    *,
    rubric: Rubric,
    first_month: Month,
    actor: User | None,
    now: dt.datetime,
    source: RubricVersion | None = None,
    content: RubricContent | None = None,
    note: str = "",
) -> RubricVersion:
    """A new draft that says what ``source`` says (default: the newest active version, else the
    newest), or ``content`` when given.

    Raises PermissionDenied, and DomainError when the rubric has no version to copy.
    """
    require_drafter(actor)
    with transaction.atomic():
        rubric = Rubric.objects.select_for_update().get(pk=rubric.pk)
        if content is None:
            source = source or _newest(rubric)
            if source is None or source.rubric_id != rubric.pk:
                raise DomainError(_("这套细则还没有可以照抄的版本。"))
            content = content_of(source)
        last = rubric.versions.aggregate(last=Max("number"))["last"] or 0
        version = RubricVersion.objects.create(
            rubric=rubric,
            number=last + 1,
            first_month=first_month.first_day,
            not_due_policy=content.not_due_policy,
            bonus_cap=content.bonus_cap,
            note=note,
            created_by=actor,
            created_at=now,
        )
        write_content(version, content)
        record(
            code="rubric.drafted",
            target=version,
            actor=actor,
            now=now,
            after={
                "first_month": str(first_month),
                "copied_from": source.number if source else None,
            },
        )
    return version


def activate_version(
    *, version: RubricVersion, actor: User | None, now: dt.datetime
) -> RubricVersion:
    """Put a draft in force from its first month.

    Raises PermissionDenied; TransitionRefused when it is active already; DomainError when it
    does not add up (the first problem is the message), when a round of that month or a later
    one has opened, or when another version is in force from the same month.
    """
    require_drafter(actor)
    with transaction.atomic():
        version = lock_version(version.pk)
        before = VERSION.take(version, "activate")
        content = content_of(version)
        if wrong := problems(content):
            raise DomainError(wrong[0].message, field=wrong[0].field)
        check_first_month(version, version.month)
        version.save(update_fields=["status"])
        previous = (
            version.rubric.versions.filter(
                status=VersionStatus.ACTIVE, first_month__lt=version.first_month
            )
            .order_by("-first_month")
            .first()
        )
        record(
            code="rubric.activated",
            target=version,
            actor=actor,
            now=now,
            before={"status": before},
            after={
                "status": version.status,
                "first_month": str(version.month),
                "changes": [change.text for change in differences(content_of(previous), content)]
                if previous
                else [],
            },
        )
    return version


def withdraw_version(
    *, version: RubricVersion, reason: str, actor: User | None, now: dt.datetime
) -> RubricVersion:
    """Take a version that no round has used back into draft, so that a slip found in time can
    be mended. Raises PermissionDenied, Frozen, TransitionRefused, DomainError without a reason
    or when it is the rubric's only active version."""
    require_drafter(actor)
    if not reason.strip():
        raise DomainError(_("请写明退回草稿的原因。"), field="reason")
    with transaction.atomic():
        version = lock_version(version.pk)
        refuse_frozen(version)
        before = VERSION.take(version, "withdraw")
        others = version.rubric.versions.filter(status=VersionStatus.ACTIVE).exclude(pk=version.pk)
        if not others.exists():
            raise DomainError(_("这是唯一生效的版本，退回后就没有细则可用了。"))
        version.save(update_fields=["status"])
        record(
            code="rubric.withdrawn",
            target=version,
            actor=actor,
            now=now,
            reason=reason,
            before={"status": before},
            after={"status": version.status},
        )
    return version


def check_first_month(version: RubricVersion, first_month: Month) -> None:
    """Raise DomainError when ``version`` can't take effect from ``first_month``."""
    others = version.rubric.versions.filter(first_month=first_month.first_day)
    wrong = month_taken(version, first_month, free=first_free_month(), others=others)
    if wrong:
        raise DomainError(wrong, field="first_month")


def month_taken(
    version: RubricVersion,
    first_month: Month,
    *,
    free: Month | None,
    others: Iterable[RubricVersion],
) -> str:
    """Why ``version`` can't take effect from ``first_month``, or nothing: a round of that month
    or a later one has opened (``free``: :func:`first_free_month`), or one of the ``others`` of
    its rubric is in force from the same month."""
    if free and first_month < free:
        return _("%(opened)s的轮次已经开启，新细则最早从%(free)s起生效。") % {
            "opened": free.plus(-1).label,
            "free": free.label,
        }
    for other in others:
        if (
            other.status == VersionStatus.ACTIVE
            and other.month == first_month
            and other.pk != version.pk
        ):
            return _(
                "第%(number)d版已从%(month)s起生效，请另选起始月份，或先把那一版退回草稿。"
            ) % {
                "number": other.number,
                "month": first_month.label,
            }
    return ""


def require_drafter(actor: User | None) -> None:
    """Raise PermissionDenied for a user who may not draft. No actor is the machine (loading)."""
    if actor is not None and not may_draft_rubric(actor):
        raise PermissionDenied


def lock_version(pk: int) -> RubricVersion:
    """The version with this key; its rubric and all versions of it are locked, so that neither
    another activation nor the opening of a round passes in between."""
    rubric_id = RubricVersion.objects.values_list("rubric_id", flat=True).get(pk=pk)
    Rubric.objects.select_for_update().get(pk=rubric_id)
    rows = RubricVersion.objects.select_for_update().filter(rubric_id=rubric_id).order_by("pk")
    version: RubricVersion = next(row for row in rows if row.pk == pk)
    return version


def refuse_frozen(version: RubricVersion) -> None:
    """Raise Frozen when a round has opened with ``version``."""
    if version.is_frozen:
        raise Frozen(
            _("%(version)s已用于月度考评，不能再改。要改请新起一版，从下个月起生效。")
            % {"version": version}
        )


def _newest(rubric: Rubric) -> RubricVersion | None:
    return (
        rubric.versions.filter(status=VersionStatus.ACTIVE).order_by("-first_month").first()
        or rubric.versions.order_by("-number").first()
    )


def write_content(version: RubricVersion, content: RubricContent) -> None:
    """Insert everything ``content`` says into the empty ``version``: six statements however
    many items there are. The caller holds the transaction."""
    sections = RubricSection.objects.bulk_create(
        RubricSection(
            version=version,
            code=section.code,
            name=section.name,
            name_en=section.name_en,
            full_marks=section.full_marks,
            sort_order=order,
        )
        for order, section in enumerate(content.sections, start=1)
    )
    rows = {section.code: section for section in sections}
    pairs = [(rows[section.code], item) for section in content.sections for item in section.items]
    items = RubricItem.objects.bulk_create(
        RubricItem(
            section=row,
            version=version,
            code=item.code,
            name=item.name,
            name_en=item.name_en,
            full_marks=item.full_marks,
            is_key_work=item.is_key_work,
            frequency=item.frequency,
            source=item.source,
            standard=item.standard,
            evidence=item.evidence,
            applies_when=item.applies_when,
            sort_order=order,
        )
        for order, (row, item) in enumerate(pairs, start=1)
    )
    DeductionRule.objects.bulk_create(
        DeductionRule(
            item=row,
            number=number,
            text=rule.text,
            unit=rule.unit,
            points=rule.points,
            takes_all=rule.takes_all,
        )
        for row, (_section, item) in zip(items, pairs, strict=True)
        for number, rule in enumerate(item.rules, start=1)
    )
    BonusRule.objects.bulk_create(
        BonusRule(version=version, code=b.code, text=b.text, points=b.points)
        for b in content.bonus_rules
    )
    VetoRule.objects.bulk_create(
        VetoRule(
            version=version,
            code=v.code,
            text=v.text,
            cap=v.cap,
            zeroes_item=v.zeroes_item,
            bars_awards=v.bars_awards,
            needs_talk=v.needs_talk,
        )
        for v in content.veto_rules
    )
    Band.objects.bulk_create(
        Band(version=version, name=band.name, floor=band.floor) for band in content.bands
    )
