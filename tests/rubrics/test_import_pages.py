"""Excel out and in through the browser: nothing is written before the officer says so."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from evaluations.models import RubricImport, RubricVersion
from evaluations.services.rubrics import content_of
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def officer(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"evaluations:rubric-{name}", args=args)


def exported(client: Client, version: RubricVersion) -> bytes:
    response = client.get(url("workbook", version.pk))
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    return response.content


def changed(body: bytes, cells: dict[str, Any]) -> bytes:
    """The workbook with cells of the sheet 考评项目 changed."""
    book = openpyxl.load_workbook(io.BytesIO(body))
    for place, value in cells.items():
        book["考评项目"][place] = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def upload(client: Client, version: RubricVersion, body: bytes, name: str = "细则.xlsx") -> Any:
    return client.post(url("import", version.rubric_id), {"file": SimpleUploadedFile(name, body)})


def test_out_and_in_again_makes_an_identical_draft(officer: Client, first: RubricVersion) -> None:
    response = upload(officer, first, exported(officer, first))
    preview = url("import-preview", first.rubric_id)
    assert response["Location"] == preview
    text = officer.get(preview).content.decode()
    assert "每一行都读懂了" in text
    assert "内容完全相同。" in text
    assert first.rubric.versions.count() == 1
    response = officer.post(preview, {"first_month": "2017-07", "note": "照抄"})
    version = first.rubric.versions.get(number=2)
    assert response["Location"] == url("edit", version.pk)
    assert content_of(version) == content_of(first)
    again = officer.post(preview, {"first_month": "2017-07", "note": "照抄"}, follow=True)
    assert "已经用过或已过期" in again.content.decode()
    assert first.rubric.versions.count() == 2


def test_a_broken_row_is_shown_with_row_column_and_reason(
    officer: Client, first: RubricVersion
) -> None:
    body = changed(exported(officer, first), {"D5": "六分", "I6": "改过的要求"})
    upload(officer, first, body)
    preview = url("import-preview", first.rubric_id)
    text = officer.get(preview).content.decode()
    report = RubricImport.objects.get().report
    assert report[0]["sheet"] == "考评项目"
    assert (report[0]["row"], report[0]["column"]) == (5, "满分")
    assert report[0]["reason"] == "“六分”不是数字"
    for words in ("没读懂的行", report[0]["reason"], "只收读懂的行", "A3 考评要求由"):
        assert words in text
    assert "有 1 处没读懂" in text  # its rules go along and are no further faults
    assert "A2 没读懂，不算删除" in text
    assert "删除" not in text.split("与现行版的不同")[1].replace("不算删除", "")
    assert '<button class="btn btn-primary" type="submit">存成草稿' not in text
    response = officer.post(preview, {"first_month": "2017-07"})
    assert response.status_code == 400
    assert "没有读懂" in response.content.decode()
    assert first.rubric.versions.count() == 1
    officer.post(preview, {"first_month": "2017-07", "only_good": "on"})
    version = first.rubric.versions.get(number=2)
    codes = [item.code for item in content_of(version).items]
    assert "A2" not in codes
    assert len(codes) == 26


def test_a_month_that_is_taken_is_said_beside_the_field(
    officer: Client, first: RubricVersion
) -> None:
    upload(officer, first, exported(officer, first))
    preview = url("import-preview", first.rubric_id)
    response = officer.post(preview, {"first_month": "2017-01"})
    assert response.status_code == 400
    assert "第1版已从2017年1月起生效" in response.content.decode()
    assert RubricImport.objects.exists()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff\xd8\xff\xe0 a picture", "这不是 Excel 工作簿（.xlsx）。"),
        (b"PK\x03\x04broken", "文件已损坏"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused_beside_the_field(
    officer: Client, first: RubricVersion, body: bytes, reason: str
) -> None:
    response = upload(officer, first, body)
    assert response.status_code == 400
    assert reason in response.content.decode()
    assert not RubricImport.objects.exists()


def test_an_empty_form_asks_for_a_file(officer: Client, first: RubricVersion) -> None:
    assert officer.post(url("import", first.rubric_id)).status_code == 400


def test_hostile_cells_are_shown_as_text(officer: Client, first: RubricVersion) -> None:
    hostile = '<img src=x onerror="alert(1)">'
    body = changed(exported(officer, first), {"C4": hostile, "D5": hostile})
    upload(officer, first, body, name=f"{hostile}.xlsx")
    text = officer.get(url("import-preview", first.rubric_id)).content.decode()
    assert "<img" not in text
    assert "&lt;img src=x" in text


def test_a_preview_belongs_to_him_who_uploaded(
    cast: Cast, officer: Client, first: RubricVersion
) -> None:
    upload(officer, first, exported(officer, first))
    other = Client()
    other.force_login(cast.officer_elsewhere)
    preview = url("import-preview", first.rubric_id)
    assert other.get(preview).status_code == 403
    assert other.post(preview, {"first_month": "2017-07"}).status_code == 403
    assert officer.get(url("import-preview", first.rubric_id + 1))["Location"] == url(
        "import", first.rubric_id + 1
    )
    assert first.rubric.versions.count() == 1
