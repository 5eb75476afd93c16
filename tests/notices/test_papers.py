"""The notice on paper: kept when signed, the same ever after, and vouched for in public."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from evaluations.models import IssuedPaper, RectificationNotice
from evaluations.paper_files import NOTICE_PAPERS
from evaluations.selectors.papers import notice_paper, verification_of
from evaluations.services import notices
from portal.documents.official import Layout
from tests.cast import Cast
from tests.documents.measure import sheets
from tests.notices.scene import Published, answers, at

pytestmark = pytest.mark.usefixtures("on")


@pytest.fixture
def signed(cast: Cast, published: Published) -> RectificationNotice:
    return notices.check_and_issue(
        notice_id=published.notice.pk, actor=cast.leader, now=at(7, 5, 11)
    )


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def file_of(client: Client, notice: RectificationNotice, slug: str, form: str) -> Any:
    return client.get(reverse("evaluations:notice-file", args=[notice.pk, slug, form]))


def words_of(data: bytes) -> str:
    """All text of a docx, tables included."""
    return "".join(node.text or "" for node in Document(io.BytesIO(data)).element.iter())


def verify(code: str, **query: str) -> Any:
    return Client().get(reverse("evaluations:verify", args=[code]), query)


def test_the_pdf_of_a_signed_notice_says_what_was_signed(
    cast: Cast, signed: RectificationNotice
) -> None:
    answer = file_of(client_of(cast.secretary_a), signed, "red-head", "pdf")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    text = "".join(sheet.text for sheet in sheets(answer.content)).replace(" ", "")
    assert signed.document_number in text
    assert "6月固定日为9日" in text
    assert f"请你支部于{signed.due_on:%Y}年7月12日前完成整改" in text
    assert "2017年7月5日" in text


@pytest.mark.parametrize("kind", NOTICE_PAPERS, ids=lambda kind: kind.slug)
def test_every_paper_comes_as_docx(cast: Cast, signed: RectificationNotice, kind: Any) -> None:
    answer = file_of(client_of(cast.officer), signed, kind.slug, "docx")
    assert answer.status_code == 200
    assert signed.document_number in words_of(answer.content)


def test_the_answer_sheet_says_what_was_done_and_what_was_found(
    cast: Cast, signed: RectificationNotice
) -> None:
    """Once the notice is closed: dates on one line, the verdict, by whom and when."""
    notices.acknowledge_notice(notice_id=signed.pk, actor=cast.secretary_a, now=at(7, 6))
    signed.refresh_from_db()
    notices.respond_to_notice(
        notice_id=signed.pk,
        answers=answers(signed),
        version=signed.version,
        actor=cast.secretary_a,
        now=at(7, 6, 12),
    )
    sheet = sheets(file_of(client_of(cast.officer), signed, "answer", "pdf").content)[0]
    assert "合格" not in sheet.text
    notices.accept_response(notice_id=signed.pk, actor=cast.officer, now=at(7, 10))
    sheet = sheets(file_of(client_of(cast.officer), signed, "answer", "pdf").content)[0]
    assert sheet.text.count("合格") == 2
    assert sheet.text.count(cast.officer.display_name) == 2
    assert "核验日期2017年7月10日" in sheet.text
    lines = ["".join(glyph.text for glyph in line) for line in sheet.lines()]
    assert sum("2017年7月4日" in line for line in lines) == 2


def test_the_talk_record_is_one_page(cast: Cast, signed: RectificationNotice) -> None:
    answer = file_of(client_of(cast.officer), signed, "talk", "pdf")
    assert len(sheets(answer.content)) == 1


def test_a_draft_has_no_number_no_date_and_no_code(cast: Cast, published: Published) -> None:
    paper = notice_paper(published.notice, Layout.LETTER)
    assert paper.number.endswith("〔2017〕　号")
    assert paper.signature is not None
    assert paper.signature.day is None
    assert paper.verification is None
    assert not IssuedPaper.objects.exists()


def test_a_reprint_is_the_same_file_whatever_has_changed_since(
    cast: Cast, signed: RectificationNotice
) -> None:
    officer = client_of(cast.officer)
    first = {form: file_of(officer, signed, "letter", form).content for form in ("pdf", "docx")}
    signed.branch.name = "换了名字的党支部"
    signed.branch.save(update_fields=["name"])
    RectificationNotice.objects.filter(pk=signed.pk).update(due_on=dt.date(2017, 7, 19))
    for form, content in first.items():
        assert file_of(officer, signed, "letter", form).content == content


def test_the_code_on_the_paper_leads_to_a_page_that_calls_it_true(
    signed: RectificationNotice,
) -> None:
    url = urlsplit(verification_of(signed.paper).url)
    answer = Client().get(url.path, {k: v[0] for k, v in parse_qs(url.query).items()})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "真实，与签发时一致" in page
    for said in (signed.document_number, "2017年7月5日", str(signed.branch), signed.paper.digest):
        assert said in page


def test_the_page_says_nothing_else(cast: Cast, signed: RectificationNotice) -> None:
    page = verify(signed.paper.code).content.decode()
    for problem in signed.problems.select_related("item"):
        assert problem.facts not in page
        assert problem.item.name not in page
    assert str(cast.leader) not in page
    assert f"/notices/{signed.pk}" not in page


def test_a_wrong_digest_a_changed_row_and_a_withdrawn_notice_are_told_apart(
    cast: Cast, signed: RectificationNotice
) -> None:
    kept = signed.paper
    assert "与签发时不一致" in verify(kept.code, digest="0" * 16).content.decode()
    assert "与签发时不一致" in verify(kept.code, digest=kept.digest[:6]).content.decode()
    assert "真实" in verify(kept.code, digest=kept.digest[:16].upper()).content.decode()
    notices.withdraw_notice(
        notice_id=signed.pk, reason="事实有误", actor=cast.leader, now=at(7, 5, 15)
    )
    page = verify(kept.code, digest=kept.digest[:16]).content.decode()
    assert "已作废，编号不再使用" in page
    words = {**kept.words, "letter": {**kept.words["letter"], "number": "泉电党整〔2017〕9号"}}
    IssuedPaper.objects.filter(pk=kept.pk).update(words=words)
    assert "与签发时不一致" in verify(kept.code).content.decode()


@pytest.mark.django_db
def test_an_unknown_code_is_not_found_and_says_so() -> None:
    answer = verify("0000000000000000")
    assert answer.status_code == 404
    assert "查无此件" in answer.content.decode()


def test_a_withdrawn_notice_says_on_paper_that_it_is_void(
    cast: Cast, signed: RectificationNotice
) -> None:
    notices.withdraw_notice(
        notice_id=signed.pk, reason="事实有误", actor=cast.leader, now=at(7, 5, 15)
    )
    answer = file_of(client_of(cast.officer), signed, "letter", "docx")
    assert "已作废，编号不再使用" in words_of(answer.content)


def test_the_api_gives_the_same_file(cast: Cast, signed: RectificationNotice) -> None:
    secretary = client_of(cast.secretary_a)
    path = f"/api/v1/notices/{signed.pk}/papers/letter.pdf/"
    answer = secretary.get(path, headers={"Accept": "application/pdf"})
    assert answer.status_code == 200
    assert answer.content == file_of(secretary, signed, "letter", "pdf").content
    assert secretary.get(path.replace("letter", "talk")).status_code == 404


def test_the_bulletin_is_a_paper_with_every_type_and_the_failures(
    cast: Cast, signed: RectificationNotice
) -> None:
    round_ = signed.run.round
    address = reverse("evaluations:bulletin-file", args=[round_.pk, "docx"])
    words = words_of(client_of(cast.employee).get(address).content)
    assert "关于2017年6月份党支部党建工作考评情况的通报" in words.replace("\n", "")
    for part in ("一、总体情况", "二、分类排名", "五、重点工作落实不力的支部", "得分明细"):
        assert part in words
    assert signed.document_number in words
    pdf = client_of(cast.employee).get(address.replace("docx", "pdf"))
    assert pdf.content.startswith(b"%PDF")


def test_without_fonts_the_page_says_what_to_do(
    cast: Cast, signed: RectificationNotice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.documents.official import FontsMissing, files

    def none(paper: Any) -> bytes:
        raise FontsMissing

    monkeypatch.setattr(files, "write_pdf", none)
    address = reverse("evaluations:notice-file", args=[signed.pk, "letter", "pdf"])
    answer = client_of(cast.officer).get(address, follow=True)
    assert "请先下载 Word 版" in answer.content.decode()
    api = client_of(cast.officer).get(f"/api/v1/notices/{signed.pk}/papers/letter.pdf/")
    assert api.status_code == 503


def test_the_page_on_fonts_names_what_stands_in(cast: Cast) -> None:
    page = client_of(cast.employee).get(reverse("evaluations:papers")).content.decode()
    for name in ("方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "156 × 225 mm"):
        assert name in page
