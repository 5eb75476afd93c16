"""A duty as pages draw it: the cell of a matrix, the address of its proof and of what to do."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from branches.duty_facts import DutyCell, DutyState
from branches.duty_rules import Rule
from branches.models import Duty
from portal.kernel import ui


def proof_address(cell: DutyCell, branch_id: int) -> str:
    """Where what proves the duty stands: the record, or the register. Empty without any."""
    if cell.activity_id:
        return reverse("branches:record-detail", args=[cell.activity_id])
    if cell.rule.register:
        return register_address(cell, branch_id)
    if cell.duty == Duty.GROUP_STUDY and cell.is_fulfilled:
        return reverse("branches:study", args=[branch_id]) + f"?month={cell.month}"
    return ""


def register_address(cell: DutyCell, branch_id: int) -> str:
    """The register that proves the duty, in the cell's month."""
    if cell.rule.register == "dues":
        return reverse("branches:dues", args=[branch_id]) + f"?month={cell.month}"
    return reverse("branches:register", args=[branch_id, cell.rule.register])


def action_address(cell: DutyCell, branch_id: int) -> str:
    """Where the duty is done: a form that is filled in as far as the portal can."""
    if cell.state == DutyState.TO_VERIFY and cell.activity_id:
        return reverse("branches:record-detail", args=[cell.activity_id])
    if cell.rule.register:
        return register_address(cell, branch_id)
    address = reverse("branches:record-create", args=[branch_id]) + f"?duty={cell.duty.value}"
    if len(cell.missing_group_ids) == 1:
        address += f"&group={cell.missing_group_ids[0]}"
    return address


def action_word(cell: DutyCell) -> str:
    """The button's words."""
    if cell.state == DutyState.TO_VERIFY:
        return _("去补上")
    return _("去登记") if cell.rule.register else _("去记录")


def duty_columns(rules: Sequence[Rule]) -> list[ui.Column]:
    """The heads of a matrix: code, short name, and how often when not monthly."""
    words = {"Q": _("季"), "H": _("半年"), "Y": _("年"), "E": _("届")}
    return [
        ui.Column(
            code=rule.item_code,
            lines=[rule.short, *([words[rule.frequency]] if rule.frequency in words else [])],
            is_key=rule.is_key,
            title=rule.label,
        )
        for rule in rules
    ]


def duty_cell(cell: DutyCell, branch_id: int) -> ui.Cell:
    """A duty's state as the matrix draws it: tick, a dash for what does not apply, the day or 未到
    for what is not due yet, else a chip with word and days."""
    url = proof_address(cell, branch_id)
    label = cell.rule.label
    words = f"{label}：{cell.note}" if cell.note else label
    if cell.state == DutyState.DONE:
        return ui.Cell("done", hidden=f"{label}：{cell.state.label}", url=url)
    if cell.state == DutyState.LATE_ENTRY:
        return ui.Cell("makeup", _("补录"), hidden=label, url=url)
    if cell.state == DutyState.OVERDUE:
        return ui.Cell("late", _("逾 %(n)d 天") % {"n": abs(cell.days)}, hidden=words, url=url)
    if cell.state == DutyState.DUE_SOON:
        word = _("剩 %(n)d 天") % {"n": abs(cell.days)} if cell.days else _("今天")
        return ui.Cell("soon", word, hidden=words, url=url)
    if cell.state == DutyState.TO_VERIFY:
        return ui.Cell("doing", _("待核"), hidden=words, url=url)
    if cell.state == DutyState.NOT_DUE and cell.counts and cell.due_on:
        word = _("%(n)d日") % {"n": cell.due_on.day}
        return ui.Cell("na", word, hidden=f"{label}：{cell.state.label}")
    word = _("未到") if cell.state == DutyState.NOT_DUE else ""
    return ui.Cell("na", word, hidden=f"{label}：{cell.state.label}")
