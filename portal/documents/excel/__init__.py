"""Excel out and in. Out::

    sheet = Sheet(
        name=_("台账"),
        columns=[Column(_("支部"), width=24), Column(_("得分"), Kind.MARKS)],
        rows=[(branch.name, score), ...],
        title=_("2017年6月得分"),
    )
    return xlsx_response("2017年6月得分", [sheet])        # or csv_response(name, sheet)

In::

    table = read_sheet(request.FILES["file"], required=["编号", "满分"], optional=["备注"])
    for row in table.rows:
        row.number            # the row as Excel numbers it
        row.text("编号")       # raises CellProblem(column, reason) when the cell does not fit
        row.decimal("满分")

Whatever comes from outside is checked before it is opened (:mod:`.guarding`); a text is never
written as a formula (:mod:`.writing`).
"""

from portal.documents.excel.guarding import UnreadableFile
from portal.documents.excel.reading import (
    CellProblem,
    Row,
    Table,
    read_sheet,
    read_sheets,
    stream_sheet,
)
from portal.documents.excel.writing import (
    Column,
    Kind,
    Sheet,
    csv_response,
    write_csv,
    write_workbook,
    xlsx_response,
)

__all__ = (
    "CellProblem",
    "Column",
    "Kind",
    "Row",
    "Sheet",
    "Table",
    "UnreadableFile",
    "csv_response",
    "read_sheet",
    "read_sheets",
    "stream_sheet",
    "write_csv",
    "write_workbook",
    "xlsx_response",
)
