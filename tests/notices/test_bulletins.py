"""The bulletin's way: worded, approved, signed with its number, read, voided, found again."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from evaluations.models import (
    BulletinDraft,
    BulletinReceipt,
    IssuedPaper,
    MonthRound,
    PaperBatch,
    RectificationNotice,
)
from evaluations.selectors.archive import matching
from evaluations.selectors.bulletin_page import bulletin_page
from evaluations.services import batches, bulletins, notices, rounds
from evaluations.services.papers import clear_old_papers
from evaluations.services.publish import publish_round
from portal.kernel.differences import differences
from portal.kernel.errors import DomainError, EditConflict, TransitionRefused
from portal.kernel.months import Month
from portal.notifications.models import InboxMessage
from tests.cast import Cast
from tests.documents.measure import sheets
from tests.notices.scene import PUBLISHED_AT, Provisional, Published, at

pytestmark = pytest.mark.usefixtures("on")

JUNE = Month(2017, 6)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def edit(round_: MonthRound, actor: Any, version: int = 1, **words: str) -> BulletinDraft:
    return bulletins.edit_bulletin(
        round_id=round_.pk,
        words=words,
        wording="counted",
        version=version,
        actor=actor,
        now=at(7, 3),
    )


def month_of(published: Published) -> MonthRound:
    return MonthRound.objects.get(pk=published.notice.run.round_id)


def publish(round_: MonthRound) -> None:
    publish_round(round_id=round_.pk, actor=None, now=PUBLISHED_AT, via="sweep")
    round_.refresh_from_db()


def sign(cast: Cast, round_: MonthRound, version: int = 1) -> IssuedPaper:
    return bulletins.sign_bulletin(
        round_id=round_.pk, version=version, actor=cast.leader, now=at(7, 6)
    ).paper


def text_of(cast: Cast, round_: MonthRound, part: str) -> str:
    page = bulletin_page(round_, cast.officer)
    (passage,) = (p for p in page.passages if p.part == part)
    return "\n".join(line.lead + line.text for line in passage.paragraphs)


# -- wording ----------------------------------------------------------------------------------


def test_a_part_that_was_worded_stays_and_the_others_follow_the_data(
    cast: Cast, provisional: Provisional
) -> None:
    draft = edit(provisional.round, cast.officer, next_focus="抓好迎峰度夏。\n\n  开展示范岗。 ")
    assert draft.words == {"next_focus": "抓好迎峰度夏。\n开展示范岗。"}
    assert draft.bases == {"next_focus": "（另行通知）"}
    rounds.write_words(
        round_id=provisional.round.pk,
        focus="",
        highlights="抗台保供电",
        next_focus="另有安排",
        actor=cast.officer,
        now=at(7, 3),
    )
    provisional.round.refresh_from_db()
    assert text_of(cast, provisional.round, "next_focus").startswith("抓好迎峰度夏")
    assert text_of(cast, provisional.round, "highlights") == "抗台保供电"
    outdated = bulletin_page(provisional.round, cast.officer).outdated
    assert [section.part for section in outdated] == ["next_focus"]


def test_the_generated_words_typed_again_are_not_a_wording(
    cast: Cast, provisional: Provisional
) -> None:
    edit(provisional.round, cast.officer, next_focus="抓好迎峰度夏。")
    draft = edit(provisional.round, cast.officer, version=2, next_focus="（另行通知）")
    assert draft.words == {}


def test_an_empty_part_is_refused_and_nothing_is_kept(cast: Cast, provisional: Provisional) -> None:
    with pytest.raises(bulletins.TextRefused) as refusal:
        edit(provisional.round, cast.officer, next_focus=" \n ", highlights="好" * 6001)
    assert set(refusal.value.errors) == {"next_focus", "highlights"}
    assert not BulletinDraft.objects.exists()


def test_shared_problems_can_be_worded_without_numbers(
    cast: Cast, provisional: Provisional
) -> None:
    from evaluations.selectors.bulletin_text import Part, generated_texts
    from evaluations.selectors.bulletins import SharedProblem, bulletin

    found = bulletin(provisional.round, cast.officer)
    shared = SharedProblem("production", "生产（服务）型", "A3", "党课", "没有讲稿", 5, 13)
    object.__setattr__(found, "shared", [shared])
    counted = generated_texts(found, BulletinDraft.Wording.COUNTED)[Part.PROBLEMS]
    general = generated_texts(found, BulletinDraft.Wording.GENERAL)[Part.PROBLEMS]
    owed = "多个支部同样的错，不只是支部的事，列入例会，逐条定责任部门和期限。"
    assert counted.splitlines() == [
        "（一）党课。生产（服务）型部分党支部（5个，同类共13个）没有讲稿。",
        owed,
    ]
    assert general.splitlines() == ["（一）党课。生产（服务）型部分党支部没有讲稿。", owed]
    acted = replace(shared, action="例会已定由组织科在7月20日前查原因、补制度")
    object.__setattr__(found, "shared", [acted])
    told = generated_texts(found, BulletinDraft.Wording.GENERAL)[Part.PROBLEMS]
    assert told.endswith("没有讲稿。例会已定由组织科在7月20日前查原因、补制度。")


def test_who_saved_first_is_not_overwritten(cast: Cast, provisional: Provisional) -> None:
    edit(provisional.round, cast.officer, next_focus="甲")
    with pytest.raises(EditConflict):
        edit(provisional.round, cast.officer, version=1, next_focus="乙")
    assert edit(provisional.round, cast.officer, version=1, next_focus="甲").version == 2


def test_the_editor_shows_what_was_typed_beside_its_error(
    cast: Cast, provisional: Provisional
) -> None:
    client = client_of(cast.officer)
    url = reverse("evaluations:bulletin-edit", args=[provisional.round.pk])
    page = client.get(url)
    form = page.context["form"]
    data = {name: form.get_initial_for_field(f, name) for name, f in form.fields.items()}
    answer = client.post(url, {**data, "next_focus": "", "highlights": "抗台保供电"})
    assert answer.status_code == 400
    assert "这一部分不能空着" in answer.content.decode()
    assert "抗台保供电" in answer.content.decode()
    answer = client.post(url, {**data, "next_focus": "抓好迎峰度夏。"})
    assert answer.status_code == 302
    assert BulletinDraft.objects.get().words == {"next_focus": "抓好迎峰度夏。"}
    answer = client.post(url, {**data, "version": "2", "restore": "next_focus"})
    assert answer.status_code == 302
    assert BulletinDraft.objects.get().words == {}


def test_changes_are_marked_clause_by_clause() -> None:
    pieces = differences("平均91.2分。问题21个。", "平均91.2分，稳中有升。问题21个。")
    assert [(p.kind, p.text) for p in pieces] == [
        ("gone", "平均91.2分。"),
        ("new", "平均91.2分，稳中有升。"),
        ("same", "问题21个。"),
    ]
    assert [p.kind for p in differences("一样。", "一样。")] == ["same"]


# -- approval and signature ---------------------------------------------------------------------


def test_an_approved_text_is_signed_in_the_publication(
    cast: Cast, provisional: Provisional
) -> None:
    edit(provisional.round, cast.officer, next_focus="抓好迎峰度夏。")
    bulletins.approve_bulletin(
        round_id=provisional.round.pk, version=2, actor=cast.leader, now=at(7, 4)
    )
    publish(provisional.round)
    paper = IssuedPaper.objects.get(kind="bulletin")
    assert paper.document_number == "泉电党通〔2017〕1号"
    assert paper.signed_by == cast.leader
    assert paper.kept_at == PUBLISHED_AT
    assert "抓好迎峰度夏。" in paper.text


def test_an_approval_lapses_with_a_mark_that_changes(cast: Cast, provisional: Provisional) -> None:
    from evaluations.services import appeals

    bulletins.approve_bulletin(
        round_id=provisional.round.pk, version=1, actor=cast.leader, now=at(7, 2)
    )
    appeal = appeals.file_appeal(
        deduction_id=provisional.breaches.pk,
        text="监护人在场",
        actor=cast.secretary_a,
        now=at(7, 3),
    )
    appeals.decide_appeal(
        appeal_id=appeal.pk,
        uphold=True,
        count_after=0,
        decision="照片属实",
        actor=cast.officer,
        now=at(7, 4),
    )
    assert not bulletin_page(provisional.round, cast.leader).approval_stands
    publish(provisional.round)
    assert not IssuedPaper.objects.exists()
    assert InboxMessage.objects.filter(user=cast.leader, title__contains="审签失效").exists()
    assert sign(cast, provisional.round).document_number == "泉电党通〔2017〕1号"


def test_an_approval_lapses_with_a_word_that_changes(cast: Cast, provisional: Provisional) -> None:
    bulletins.approve_bulletin(
        round_id=provisional.round.pk, version=1, actor=cast.leader, now=at(7, 2)
    )
    draft = edit(provisional.round, cast.officer, next_focus="抓好迎峰度夏。")
    assert draft.approved_by is None
    assert InboxMessage.objects.filter(user=cast.leader, title__contains="又改了文字").exists()


def test_who_worded_it_does_not_sign_it(cast: Cast, published: Published) -> None:
    edit(month_of(published), cast.officer, next_focus="抓好迎峰度夏。")
    with pytest.raises(DomainError, match="请另一位同志"):
        bulletins.sign_bulletin(
            round_id=month_of(published).pk, version=2, actor=cast.officer, now=at(7, 6)
        )
    with pytest.raises(PermissionDenied):
        bulletins.sign_bulletin(
            round_id=month_of(published).pk, version=2, actor=cast.secretary_a, now=at(7, 6)
        )
    with pytest.raises(EditConflict):
        sign(cast, month_of(published), version=1)
    assert sign(cast, month_of(published), version=2).text.count("抓好迎峰度夏。") == 1


def test_signed_once_is_signed_and_the_text_stands(cast: Cast, published: Published) -> None:
    first = sign(cast, month_of(published))
    again = bulletins.sign_bulletin(
        round_id=month_of(published).pk, version=1, actor=cast.leader, now=at(7, 7)
    )
    assert again.already
    assert again.paper == first
    with pytest.raises(TransitionRefused, match="泉电党通〔2017〕1号"):
        edit(month_of(published), cast.officer, next_focus="改一下。")
    before = text_of(cast, month_of(published), "overall")
    published.notice.branch.name = "换了名字的党支部"
    published.notice.branch.save(update_fields=["name"])
    assert text_of(cast, month_of(published), "overall") == before
    assert "换了名字" not in text_of(cast, month_of(published), "failures")


def test_a_void_number_is_not_given_again(cast: Cast, published: Published) -> None:
    sign(cast, month_of(published))
    with pytest.raises(DomainError, match="请写明为什么作废"):
        bulletins.void_bulletin(
            round_id=month_of(published).pk, reason=" ", actor=cast.officer, now=at(7, 6)
        )
    bulletins.void_bulletin(
        round_id=month_of(published).pk, reason="抄送漏了", actor=cast.officer, now=at(7, 6)
    )
    edit(month_of(published), cast.officer, next_focus="抓好迎峰度夏。")
    assert sign(cast, month_of(published), version=2).number == 2
    numbers = IssuedPaper.objects.order_by("number").values_list("number", "void_reason")
    assert list(numbers) == [(1, "抄送漏了"), (2, "")]


def test_the_signed_paper_carries_number_date_and_code(cast: Cast, published: Published) -> None:
    paper = sign(cast, month_of(published))
    url = reverse("evaluations:bulletin-file", args=[month_of(published).pk, "pdf"])
    pdf = client_of(cast.employee).get(url).content
    text = "".join(sheet.text for sheet in sheets(pdf)).replace(" ", "")
    assert paper.document_number in text
    assert "2017年7月6日" in text
    url_of_code = reverse("evaluations:verify", args=[paper.code])
    verdict = Client().get(url_of_code, {"digest": paper.digest[:16]}).content.decode()
    assert "真实，与签发时一致" in verdict
    assert paper.document_number in verdict
    assert client_of(cast.employee).get(url).content == pdf


# -- readers ----------------------------------------------------------------------------------


def test_a_branch_signs_once_that_it_has_read(cast: Cast, published: Published) -> None:
    secretary = client_of(cast.secretary_a)
    url = reverse("evaluations:bulletin", args=[month_of(published).pk])
    assert "请签阅通报" in secretary.get(url).content.decode()
    receive = reverse("evaluations:bulletin-receive", args=[month_of(published).pk])
    for _press in range(2):
        assert secretary.post(receive).status_code == 302
    assert BulletinReceipt.objects.get().branch == cast.branch_a
    page = secretary.get(url).content.decode()
    assert "请签阅通报" not in page
    assert "您的支部已签阅" in page
    readers = bulletin_page(month_of(published), cast.officer)
    assert [reader.name for reader in readers.read] == [str(cast.branch_a)]
    assert len(readers.unread) == month_of(published).participants.count() - 1
    assert client_of(cast.employee).post(receive).status_code == 404


# -- the archive --------------------------------------------------------------------------------


@pytest.fixture
def shelf(cast: Cast, published: Published) -> list[IssuedPaper]:
    notices.check_and_issue(notice_id=published.notice.pk, actor=cast.leader, now=at(7, 5, 11))
    sign(cast, month_of(published))
    return list(IssuedPaper.objects.order_by("pk"))


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("下颏", {"notice"}),
        ("〔2017〕1号", {"notice", "bulletin"}),
        ("泉电党通", {"bulletin"}),
        ("配电 下颏", {"notice"}),
        ("通报", {"bulletin"}),
        ("没有这回事", set()),
        ("泉电党通\x00", {"bulletin"}),
    ],
)
def test_two_characters_are_enough(shelf: list[IssuedPaper], query: str, kinds: set[str]) -> None:
    found = matching(IssuedPaper.objects.all(), query)
    assert {paper.kind for paper in found} == kinds


def test_everybody_finds_what_he_may_read(cast: Cast, shelf: list[IssuedPaper]) -> None:
    def kinds(user: Any) -> set[str]:
        return {paper.kind for paper in IssuedPaper.objects.visible_to(user)}

    assert kinds(cast.officer) == kinds(cast.secretary_a) == {"notice", "bulletin"}
    assert kinds(cast.secretary_b) == kinds(cast.employee) == {"bulletin"}
    assert kinds(cast.officer_elsewhere) == set()
    page = client_of(cast.employee).get(reverse("evaluations:archive"), {"q": "党建"})
    assert "泉电党通〔2017〕1号" in page.content.decode()
    assert "泉电党整" not in page.content.decode()
    api = client_of(cast.employee).get("/api/v1/papers/", {"q": "党建"}).json()
    assert [row["document_number"] for row in api["results"]] == ["泉电党通〔2017〕1号"]


def test_a_months_zip_is_the_same_twice_and_names_what_broke(
    cast: Cast, shelf: list[IssuedPaper]
) -> None:
    def made() -> tuple[PaperBatch, bytes]:
        batch = batches.ask_for_batch(
            committee=cast.city, month=JUNE, actor=cast.officer, now=at(7, 7)
        )
        batch = batches.build_batch(batch_id=batch.pk, now=at(7, 7))
        body = batches.path_of(batch).read_bytes()
        batches.path_of(batch).unlink()
        return batch, body

    batch, first = made()
    assert (batch.status, batch.done, batch.failures) == ("ready", 2, [])
    names = zipfile.ZipFile(io.BytesIO(first)).namelist()
    assert names == [
        "月度通报/泉电党通〔2017〕1号.pdf",
        "月度通报/泉电党通〔2017〕1号.docx",
        "整改通知书/泉电党整〔2017〕1号.pdf",
        "整改通知书/泉电党整〔2017〕1号.docx",
        "整改通知书/泉电党整〔2017〕1号（红头）.pdf",
        "整改通知书/泉电党整〔2017〕1号（红头）.docx",
        "目录.csv",
    ]
    other, second = made()
    assert other.pk != batch.pk
    assert second == first

    IssuedPaper.objects.filter(pk=shelf[0].pk).update(words={"letter": {}})
    broken, third = made()
    assert broken.status == "ready"
    assert [failure["number"] for failure in broken.failures] == ["泉电党整〔2017〕1号"]
    index = zipfile.ZipFile(io.BytesIO(third)).read("目录.csv").decode("utf-8-sig")
    assert "没有做成" in index
    assert len(zipfile.ZipFile(io.BytesIO(third)).namelist()) == 3


def test_a_zip_is_asked_for_watched_and_fetched(cast: Cast, shelf: list[IssuedPaper]) -> None:
    officer = client_of(cast.officer)
    asked = {"committee": cast.city.pk, "month": "2017-06"}
    answer = officer.post(reverse("evaluations:batch-new"), asked)
    batch = PaperBatch.objects.get()
    assert answer["Location"] == reverse("evaluations:batch", args=[batch.pk])
    assert "等后台开始" in officer.get(answer["Location"]).content.decode()
    assert officer.post(reverse("evaluations:batch-new"), asked)["Location"] == answer["Location"]
    batches.sweep(at(7, 8))  # the message was lost: the sweep makes it
    page = officer.get(answer["Location"]).content.decode()
    assert "已做好" in page
    fetched = officer.get(reverse("evaluations:batch-file", args=[batch.pk]))
    assert fetched["Content-Type"] == "application/zip"
    body = b"".join(fetched.streaming_content)  # type: ignore[attr-defined]
    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
    for user in (cast.secretary_a, cast.officer_elsewhere):
        assert client_of(user).get(answer["Location"]).status_code == 404
        assert client_of(user).post(reverse("evaluations:batch-new"), asked).status_code == 404


def test_after_the_years_of_keeping_only_the_register_stays(
    cast: Cast, shelf: list[IssuedPaper], settings: Any
) -> None:
    settings.PORTAL_PAPER_YEARS = 10
    assert "清理0份" in clear_old_papers(at(7, 4, year=2027))
    assert "清理2份" in clear_old_papers(at(7, 29, year=2027))
    cleared = IssuedPaper.objects.get(pk=shelf[0].pk)
    assert (cleared.words, cleared.text) == ({}, "")
    assert cleared.document_number == "泉电党整〔2017〕1号"
    page = client_of(cast.officer).get(reverse("evaluations:archive")).content.decode()
    assert "已过保存期限" in page
    file = reverse("evaluations:paper-file", args=[cleared.pk, "letter", "docx"])
    assert client_of(cast.officer).get(file).status_code == 404
    verdict = Client().get(reverse("evaluations:verify", args=[cleared.code])).content.decode()
    assert cleared.document_number in verdict
    run = shelf[1].run
    assert run is not None
    bulletin = reverse("evaluations:bulletin", args=[run.round_id])
    assert client_of(cast.officer).get(bulletin).status_code == 200
    settings.PORTAL_PAPER_YEARS = 0
    assert clear_old_papers(at(7, 29, year=2047)) == "文件长期保存"


def test_a_month_without_papers_says_so(cast: Cast, published: Published) -> None:
    assert RectificationNotice.objects.filter(status="draft").exists()
    with pytest.raises(DomainError, match="还没有签发过文件"):
        batches.ask_for_batch(committee=cast.city, month=JUNE, actor=cast.officer, now=at(7, 7))
