"""The ledger of requests as a workbook. Never a name: who said it is asked on the page, one logged
look at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from feedback.models import StaffRequest
from feedback.selectors.standing import standing
from portal.documents.excel import Column, Kind, Sheet


def ledger_sheet(rows: Sequence[StaffRequest], today: dt.date) -> Sheet:
    """One line per request, as the page words it."""
    return Sheet(
        name=_("诉求台账"),
        title=_("职工诉求台账"),
        notes=[_("截至%(day)s，共%(n)d件。不含姓名。") % {"day": today, "n": len(rows)}],
        columns=[
            Column(_("编号"), width=12),
            Column(_("提交"), Kind.DATE),
            Column(_("来源"), width=14),
            Column(_("类型"), width=8),
            Column(_("类别"), width=16),
            Column(_("标题"), Kind.LONG_TEXT, width=34),
            Column(_("说了什么"), Kind.LONG_TEXT, width=50),
            Column(_("承办"), width=14),
            Column(_("答复期限"), Kind.DATE),
            Column(_("首次答复"), Kind.DATE),
            Column(_("办结"), Kind.DATE),
            Column(_("状态"), width=20),
            Column(_("结果"), width=10),
        ],
        rows=[
            (
                row.number,
                row.submitted_on,
                row.get_source_display(),
                str(row.kind),
                str(row.category or ""),
                row.headline,
                row.text,
                str(row.department or ""),
                row.reply_due_on,
                row.replied_on,
                row.closed_on,
                standing(row, today).text,
                row.get_outcome_display() if row.outcome else "",
            )
            for row in rows
        ],
    )
