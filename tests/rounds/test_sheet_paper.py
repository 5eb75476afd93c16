"""现场检查单: what was found, in two copies that both sides sign."""

from __future__ import annotations

import datetime as dt
import io
import re

import pdfplumber
import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from evaluations.models import Inspection
from evaluations.selectors.sheet_papers import visit_paper
from evaluations.selectors.sheets import sheets_for
from evaluations.services import sheets, signatures
from portal.accounts.models import User
from portal.documents.official import Form, Paper, Paragraph, Table, write_pdf
from portal.offline.clock import Moment
from tests.cast import NOW, Cast
from tests.month import MonthCast
from tests.rounds.test_sheet_photos import keep
from tests.rounds.test_sheets import save

pytestmark = pytest.mark.usefixtures("clock")

LATER = NOW + dt.timedelta(minutes=7)


def paper_of(user: User, visit: Inspection) -> Paper:
    return visit_paper(sheets_for(user).get(pk=visit.pk))


def boxes(paper: Paper) -> dict[str, str]:
    """What stands in the boxes of its forms, by their labels."""
    return {
        entry.label: entry.text
        for block in paper.blocks
        if isinstance(block, Form)
        for row in block.rows
        for entry in row
    }


def rows(paper: Paper) -> list[tuple[str, ...]]:
    return [tuple(r) for b in paper.blocks if isinstance(b, Table) for r in b.rows]


def sentences(paper: Paper) -> list[str]:
    return [b.lead + b.text for b in paper.blocks if isinstance(b, Paragraph)]


@pytest.fixture
def handed_in(cast: Cast, month_cast: MonthCast) -> Inspection:
    save(month_cast, cast.inspector, "D1", (1, 2), severity="major")
    return sheets.submit_sheet(
        inspection_id=month_cast.visit_a.pk,
        highlights="责任区图表清楚。",
        rest_is_fine=True,
        actor=cast.inspector,
        now=NOW,
    )


def test_it_has_every_deduction_with_severity_and_day(cast: Cast, handed_in: Inspection) -> None:
    paper = paper_of(cast.inspector, handed_in)
    finding = handed_in.findings.get()
    (line,) = handed_in.deductions.select_related("rule")
    assert paper.name == "配电运检党支部现场检查单"
    assert rows(paper) == [
        (
            "D1",
            f"1．{line.rule.text}×2：{line.fact}",
            "−4.0",
            "较重",
            f"限期整改\n{finding.due_on.month}月{finding.due_on.day}日前",
        )
    ]
    told = boxes(paper)
    assert told["得分"] == "96.0分"
    assert told["扣分"] == "1条，共4.0分"
    assert told["现场照片"] == "没有"
    assert "责任区图表清楚。" in sentences(paper)


def test_both_sides_stand_under_it_with_name_and_time(cast: Cast, handed_in: Inspection) -> None:
    told = boxes(paper_of(cast.inspector, handed_in))
    assert told["检查组签字"] == f"{cast.person(cast.inspector)}\n6月27日 10:00 提交"
    assert (told["支部签字"], told["支部异议"]) == ("", "")  # to be written by hand
    sheets.confirm_sheet(inspection_id=handed_in.pk, actor=cast.secretary_a, now=LATER)
    told = boxes(paper_of(cast.inspector, handed_in))
    assert told["支部签字"] == f"{cast.person(cast.secretary_a)}\n6月27日 10:07 确认"
    assert told["支部异议"] == "没有"


def test_an_objection_stands_on_it(cast: Cast, handed_in: Inspection) -> None:
    sheets.object_to_sheet(
        inspection_id=handed_in.pk, text="下颏带当场已系好", actor=cast.secretary_a, now=LATER
    )
    told = boxes(paper_of(cast.secretary_a, handed_in))
    assert told["支部异议"] == "下颏带当场已系好"
    assert told["支部签字"].endswith("有异议")


def test_what_was_signed_on_the_phone_stands_on_it(cast: Cast, handed_in: Inspection) -> None:
    secretary = cast.person(cast.secretary_a)
    signatures.sign_on_site(
        inspection_id=handed_in.pk,
        person_id=secretary.pk,
        made=Moment(LATER, phone=LATER),
        actor=cast.inspector,
        now=LATER,
    )
    told = boxes(paper_of(cast.inspector, handed_in))
    assert told["支部签字"] == f"{secretary}\n6月27日 10:07 当面签"


def test_photos_beside_deductions_are_counted(cast: Cast, month_cast: MonthCast) -> None:
    save(month_cast, cast.inspector, "A1", (1, 1))
    keep(month_cast, cast.inspector)
    assert boxes(paper_of(cast.inspector, month_cast.visit_a))["现场照片"] == "1张，存在系统里"


def test_before_it_is_handed_in_the_score_is_not_final(cast: Cast, month_cast: MonthCast) -> None:
    empty = paper_of(cast.inspector, month_cast.visit_a)
    assert boxes(empty)["得分"] == "没有提交，目前100.0分"
    assert "没有扣分，没有指出问题。" in sentences(empty)
    save(month_cast, cast.inspector, "D1", (1, 1))
    (row,) = rows(paper_of(cast.inspector, month_cast.visit_a))
    assert (row[0], row[2:]) == ("D1", ("−2.0", "一般", "限期整改"))


def test_it_fits_one_sheet_of_a4(cast: Cast, handed_in: Inspection) -> None:
    paper = paper_of(cast.inspector, handed_in)
    with pdfplumber.open(io.BytesIO(write_pdf(paper))) as pdf:
        assert len(pdf.pages) == 1
        assert (round(pdf.pages[0].width), round(pdf.pages[0].height)) == (595, 842)
        text = re.sub(r"\s", "", pdf.pages[0].extract_text())
    assert "检查组签字" in text
    assert "支部签字" in text


def test_who_opens_the_summary_takes_the_sheet_along(
    cast: Cast, client: Client, handed_in: Inspection
) -> None:
    address = reverse("evaluations:sheet-file", args=[handed_in.pk, "docx"])
    for user in (cast.inspector, cast.secretary_a, cast.officer):
        client.force_login(user)
        summary = client.get(reverse("evaluations:sheet-summary", args=[handed_in.pk]))
        assert address in summary.content.decode()
        for path in (address, reverse("api:sheet-paper", args=[handed_in.pk, "docx"])):
            body = Document(io.BytesIO(client.get(path).content))
            assert any("现场检查单" in p.text for p in body.paragraphs)
    client.force_login(cast.secretary_b)
    assert client.get(address).status_code == 404
