"""A photo beside a deduction: taken without a signal, kept through a closed browser, sent once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from evaluations.models import SheetPhoto
from portal.attachments.services import content_of
from tests.attachments.files import SECRET, talkative_jpeg
from tests.cast import Cast
from tests.journeys.hands import item_of, press, rule_box, saved_line, upright
from tests.month import MonthCast
from tests.offline.conftest import Phone, all_ahead
from tests.offline.hands import FACT, KEPT, NEVER, bar, on_file, take

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("clock")


def test_a_photo_taken_without_a_signal_is_on_the_server_once(
    cast: Cast, month_cast: MonthCast, phones: Callable[[], Phone], tmp_path: Path
) -> None:
    visit = month_cast.visit_a
    address = f"/sheets/{visit.pk}/items/{item_of(visit, 'A1').pk}/"
    camera = tmp_path / "IMG_0614.jpg"
    camera.write_bytes(talkative_jpeg(size=(3000, 2000)))
    no_picture = tmp_path / "notes.txt"
    no_picture.write_text("no picture")
    phone = phones()
    page = phone.open()
    phone.sign_in(cast.inspector)
    page.goto("/sheets/")
    all_ahead(page)
    phone.cut()

    page.goto(address)
    take(page, NEVER, FACT)
    box = rule_box(page, NEVER)
    box.locator("[data-photo-pick]").set_input_files(no_picture)
    expect(box.locator("[data-photo-error]")).to_have_text("这不是照片，请选图片或直接拍一张。")
    box.locator("[data-photo-pick]").set_input_files(camera)
    expect(box.locator("[data-photo-error]")).to_be_hidden()
    expect(box.get_by_role("img", name="照片1，待上传")).to_be_visible()
    expect(saved_line(page)).to_have_text(KEPT)
    expect(bar(page)).to_contain_text("2 项待上传")
    upright(page)

    # A second one by mistake, taken away again: it never left the phone.
    box.locator("[data-photo-pick]").set_input_files(camera)
    box.get_by_role("button", name="去掉照片2").click()
    expect(box.locator("[data-photo]")).to_have_count(1)
    expect(bar(page)).to_contain_text("2 项待上传")

    # The phone goes into the pocket; the picture is still there, and in the queue as a file.
    phone.close()
    page = phone.open(offline=True)
    page.goto(address)
    box = rule_box(page, NEVER)
    expect(box.get_by_role("img", name="照片1，待上传")).to_be_visible()
    page.goto(f"/sheets/{visit.pk}/summary/")
    expect(page.get_by_text("照片 1 张，待上传 1 张")).to_be_visible()
    page.goto("/offline/queue/")
    expect(page.locator(".queue-picture canvas")).to_be_visible()
    upright(page)
    with page.expect_download() as download:
        press(page, "存成文件")
    file = tmp_path / "queue.json"
    download.value.save_as(file)
    assert not SheetPhoto.objects.exists()

    # Handed in from another phone first; then the first one finds its signal.
    other = phones()
    page_two = other.open()
    other.sign_in(cast.inspector)
    page_two.goto("/offline/queue/")
    page_two.get_by_label("待上传文件").set_input_files(file)
    expect(page_two.locator("[data-file-rows] .queue-picture canvas")).to_be_visible()
    press(page_two, "交上去")
    expect(bar(page_two)).to_contain_text("已全部上传")
    page.goto(address)
    phone.reach()
    expect(bar(page)).to_contain_text("已全部上传")
    kept = SheetPhoto.objects.get()
    assert (kept.rule.text, kept.taken_by) == (NEVER, cast.inspector)
    assert max(kept.picture.width or 0, kept.picture.height or 0) == 1600
    assert SECRET.encode() not in content_of(kept.picture)
    assert on_file(visit, "A1") == [(1, FACT)]
    page.reload()
    box = rule_box(page, NEVER)
    expect(box.get_by_role("link", name="照片1")).to_be_visible()

    # With a signal it may still be taken away.
    box.get_by_role("button", name="去掉照片1").click()
    expect(box.locator("[data-photo]")).to_have_count(0)
    expect(bar(page)).to_be_hidden()
    assert not SheetPhoto.objects.exists()
