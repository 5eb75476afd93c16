"""Changing the text of a draft, and taking one in from a workbook.

A draft is small (some 150 rows), so a change reads the whole, changes it as a value and writes
it again; what the audit row says are the same words the page of differences says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from evaluations.models import (
    DeductionRule,
    Rubric,
    RubricImport,
    RubricVersion,
    VersionStatus,
)
from evaluations.rubric_checks import (
    Problem,
    frame_problems,
    item_problems,
    row_problems,
    section_problems,
)
from evaluations.rubric_content import (
    BandContent,
    BonusContent,
    ItemContent,
    RubricContent,
    SectionContent,
    VetoContent,
    as_texts,
    from_plain,
    to_plain,
)
from evaluations.rubric_differences import differences
from evaluations.services.rubrics import (
    check_first_month,
    content_of,
    draft_version,
    lock_version,
    refuse_frozen,
    require_drafter,
    write_content,
)
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.digests import digest
from portal.kernel.errors import DomainError, EditConflict, TransitionRefused
from portal.kernel.months import Month

PREVIEW_KEPT: Final = dt.timedelta(hours=24)

Transform = Callable[[RubricContent], RubricContent]
Piece = ItemContent | SectionContent | RubricContent


def seal(piece: Piece | None) -> str:
    """A short sign of what a form showed, so that a later save notices that somebody else
    changed the same piece. A section is sealed without its items, a whole without sections."""
    if piece is None:
        return ""
    values = asdict(piece)
    values.pop("items" if isinstance(piece, SectionContent) else "sections", None)
    return digest(as_texts(values))[:16]


def save_item(
    *,
    version_id: int,
    section_code: str,
    code: str | None,
    item: ItemContent,
    seen: str,
    actor: User,
    now: dt.datetime,
) -> RubricVersion:
    """Write ``item`` into the draft in place of the item ``code`` (None: as a new one, last in
    the section). ``seen`` is the :func:`seal` of what the form showed.

    Raises PermissionDenied, Frozen, TransitionRefused for a version in force, EditConflict when
    the item changed meanwhile, DomainError when the item is not well-formed or its code taken.
    """

    def change(content: RubricContent) -> RubricContent:
        section = content.section(section_code)
        if section is None:
            raise DomainError(_("没有%(code)s类，请刷新页面。") % {"code": section_code})
        _refuse(item_problems(item, section_code))
        if item.code != code and content.item(item.code):
            raise DomainError(_("项目编号“%(code)s”已经有了。") % {"code": item.code}, field="code")
        if code is None:
            items = (*section.items, item)
        else:
            _compare(content.item(code), seen, item, code)
            items = tuple(item if old.code == code else old for old in section.items)
        return _with_section(content, section_code, replace(section, items=items))

    return _rewrite(version_id=version_id, change=change, actor=actor, now=now)


def remove_item(
    *, version_id: int, code: str, seen: str, actor: User, now: dt.datetime
) -> RubricVersion:
    """Take an item out of the draft. Raises like :func:`save_item`."""

    def change(content: RubricContent) -> RubricContent:
        _compare(content.item(code), seen, None, code)
        return replace(
            content,
            sections=tuple(
                replace(section, items=tuple(item for item in section.items if item.code != code))
                for section in content.sections
            ),
        )

    return _rewrite(version_id=version_id, change=change, actor=actor, now=now)


def save_section(
    *,
    version_id: int,
    code: str | None,
    section: SectionContent,
    seen: str,
    actor: User,
    now: dt.datetime,
) -> RubricVersion:
    """Write name and full marks of a section (None: a new one, last). Its items stay."""

    def change(content: RubricContent) -> RubricContent:
        _refuse(section_problems(section))
        if section.code != code and content.section(section.code):
            raise DomainError(
                _("类别编号“%(code)s”已经有了。") % {"code": section.code}, field="code"
            )
        if code is None:
            return replace(content, sections=(*content.sections, replace(section, items=())))
        old = content.section(code)
        _compare(old, seen, section, code)
        items = old.items if old else ()
        if section.code != code and items:
            raise DomainError(_("类别里已有项目，编号不能再改。"), field="code")
        return _with_section(content, code, replace(section, items=items))

    return _rewrite(version_id=version_id, change=change, actor=actor, now=now)


def remove_section(
    *, version_id: int, code: str, seen: str, actor: User, now: dt.datetime
) -> RubricVersion:
    """Take an empty section out of the draft."""

    def change(content: RubricContent) -> RubricContent:
        section = content.section(code)
        _compare(section, seen, None, code)
        if section and section.items:
            raise DomainError(_("请先删除%(code)s类里的项目。") % {"code": code})
        return replace(content, sections=tuple(s for s in content.sections if s.code != code))

    return _rewrite(version_id=version_id, change=change, actor=actor, now=now)


def save_frame(
    *,
    version_id: int,
    bonus_cap: Any,
    not_due_policy: str,
    bonus_rules: Sequence[BonusContent],
    veto_rules: Sequence[VetoContent],
    bands: Sequence[BandContent],
    seen: str,
    actor: User,
    now: dt.datetime,
) -> RubricVersion:
    """Write the bonus list, vetoes and bands and the numbers around them."""

    def change(content: RubricContent) -> RubricContent:
        new = replace(
            content,
            bonus_cap=bonus_cap,
            not_due_policy=not_due_policy,
            bonus_rules=tuple(sorted(bonus_rules, key=lambda bonus: bonus.code)),
            veto_rules=tuple(sorted(veto_rules, key=lambda veto: veto.code)),
            bands=tuple(sorted(bands, key=lambda band: -band.floor)),
        )
        _refuse([*frame_problems(new), *row_problems(replace(new, sections=()))])
        _compare(content, seen, new, _("加分、否决与等次"))
        return new

    return _rewrite(version_id=version_id, change=change, actor=actor, now=now)


def date_draft(
    *, version_id: int, first_month: Month, note: str, actor: User, now: dt.datetime
) -> RubricVersion:
    """Say from which month a draft shall take effect, and why it was made."""
    require_drafter(actor)
    with transaction.atomic():
        version = _lock_draft(version_id)
        check_first_month(version, first_month)
        before = {"first_month": str(version.month), "note": version.note}
        version.first_month = first_month.first_day
        version.note = note
        version.save(update_fields=["first_month", "note"])
        after = {"first_month": str(first_month), "note": note}
        if before != after:
            record(
                code="rubric.draft_dated",
                target=version,
                actor=actor,
                now=now,
                before=before,
                after=after,
            )
    return version


def discard_draft(*, version_id: int, actor: User, now: dt.datetime) -> None:
    """Throw a draft away. The audit row keeps that it was there."""
    require_drafter(actor)
    with transaction.atomic():
        version = _lock_draft(version_id)
        record(
            code="rubric.draft_discarded",
            target=version,
            actor=actor,
            now=now,
            before={"first_month": str(version.month), "note": version.note},
        )
        version.delete()


# -- taking in a workbook -----------------------------------------------------------------------


def keep_import(
    *,
    rubric: Rubric,
    file_name: str,
    content: RubricContent,
    report: Sequence[dict[str, Any]],
    actor: User,
    now: dt.datetime,
) -> RubricImport:
    """Keep what was understood of an upload until the officer has seen it. It takes the place
    of his earlier upload for this rubric; what others left lying for a day goes too."""
    require_drafter(actor)
    with transaction.atomic():
        RubricImport.objects.filter(uploaded_at__lt=now - PREVIEW_KEPT).delete()
        kept, _created = RubricImport.objects.update_or_create(
            rubric=rubric,
            user=actor,
            defaults={
                "uploaded_at": now,
                "file_name": file_name[-120:],
                "content": to_plain(content),
                "report": list(report),
            },
        )
    return kept


def confirm_import(
    *,
    rubric: Rubric,
    first_month: Month,
    note: str,
    only_good: bool,
    actor: User,
    now: dt.datetime,
) -> RubricVersion:
    """Make a draft of the kept upload; the preview is gone afterwards, so a second press finds
    nothing and makes nothing.

    Raises PermissionDenied; DomainError when there is no preview (any more), or when rows were
    not understood and ``only_good`` does not say to go on without them.
    """
    require_drafter(actor)
    with transaction.atomic():
        kept = (
            RubricImport.objects.select_for_update()
            .filter(rubric=rubric, user=actor, uploaded_at__gte=now - PREVIEW_KEPT)
            .first()
        )
        if kept is None:
            raise DomainError(_("这份预览已经用过或已过期，请重新上传。"))
        if kept.report and not only_good:
            raise DomainError(
                _("有%(rows)d处没有读懂。请改好后重新上传，或勾选“只收读懂的行”。")
                % {"rows": sum(not line.get("follows") for line in kept.report)},
                field="only_good",
            )
        content = from_plain(kept.content)
        _refuse(row_problems(content))
        version = draft_version(
            rubric=rubric,
            first_month=first_month,
            content=content,
            note=note,
            actor=actor,
            now=now,
        )
        check_first_month(version, first_month)
        record(
            code="rubric.imported",
            target=version,
            actor=actor,
            now=now,
            after={"file": kept.file_name, "rows_left_out": len(kept.report)},
        )
        kept.delete()
    return version


# -- shared ------------------------------------------------------------------------------------


def _rewrite(*, version_id: int, change: Transform, actor: User, now: dt.datetime) -> RubricVersion:
    require_drafter(actor)
    with transaction.atomic():
        version = _lock_draft(version_id)
        old = content_of(version)
        new = change(old)
        if new == old:
            return version
        DeductionRule.objects.filter(item__version=version).delete()
        for rows in (
            version.items,
            version.sections,
            version.bonus_rules,
            version.veto_rules,
            version.bands,
        ):
            rows.all().delete()
        write_content(version, new)
        if (new.bonus_cap, new.not_due_policy) != (old.bonus_cap, old.not_due_policy):
            version.bonus_cap = new.bonus_cap
            version.not_due_policy = new.not_due_policy
            version.save(update_fields=["bonus_cap", "not_due_policy"])
        record(
            code="rubric.draft_edited",
            target=version,
            actor=actor,
            now=now,
            after={"changes": [change.text for change in differences(old, new)]},
        )
    return version


def _lock_draft(version_id: int) -> RubricVersion:
    version = lock_version(version_id)
    refuse_frozen(version)
    if version.status != VersionStatus.DRAFT:
        raise TransitionRefused(
            _("%(version)s已经生效。要改请先退回草稿，或新起一版。") % {"version": version}
        )
    return version


def _with_section(content: RubricContent, code: str, section: SectionContent) -> RubricContent:
    return replace(
        content, sections=tuple(section if s.code == code else s for s in content.sections)
    )


def _compare(old: Piece | None, seen: str, new: Piece | None, name: str) -> None:
    """Raise EditConflict when the piece is no longer what the form showed, unless it already is
    what is wanted (the button pressed twice)."""
    if seal(old) not in {seen, seal(new)}:
        raise EditConflict(
            _("%(name)s刚被别人改过，没有覆盖。请对照最新内容再改一次。") % {"name": name}
        )


def _refuse(found: Sequence[Problem]) -> None:
    if found:
        raise DomainError(found[0].message, field=found[0].field)
