"""Files beside a record: optional, for whoever sees it, and a picture used twice is hinted at."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, ImageDraw, ImageEnhance
from rest_framework.test import APIClient

from branches.hints import hints_of
from branches.models import Activity
from branches.pictures import looks_same, reused
from branches.services.materials import add_materials, remove_material
from branches.services.records import delete_activity
from evaluations.services import rubric_seed
from portal.attachments.checking import CheckedFile, check
from portal.attachments.limits import NAMED
from portal.attachments.models import Attachment
from portal.attachments.pictures import fingerprint
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError
from tests.branches.test_record_pages import page, signed
from tests.branches.test_records import save
from tests.cast import FIRST_MONTH, NOW, Cast

MAY = dt.date(2017, 5, 25)
PHOTO_WORDS = "照片一样"


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """It is 27 June 2017, 10:00; May is locked."""
    with time_machine.travel(NOW, tick=False):
        yield


def scene(seed: int, size: tuple[int, int] = (1200, 900)) -> Image.Image:
    """A room with people in it, as far as a machine can tell."""
    image = Image.new("RGB", size, (200, 205, 210))
    draw = ImageDraw.Draw(image)
    for n in range(40):
        x = (seed * 7919 + n * 193) % (size[0] - 120)
        y = (seed * 104729 + n * n * 61) % (size[1] - 160)
        shade = (seed * 31 + n * 53) % 200
        draw.rectangle((x, y, x + 110, y + 150), fill=(shade, (shade * 3) % 255, 90))
    return image


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def checked(data: bytes, name: str = "现场.jpg") -> CheckedFile:
    return check(name=name, data=data, profile=NAMED)


def beside(cast: Cast, activity: Activity, data: bytes, **more: Any) -> list[Attachment]:
    return add_materials(
        activity=activity,
        files=[checked(data)],
        actor=more.pop("actor", cast.secretary_a),
        now=NOW,
        **more,
    )


def upload(data: bytes, name: str = "现场.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


# -- files -------------------------------------------------------------------------------------


def test_a_record_needs_no_file_and_takes_some(cast: Cast) -> None:
    activity = save(cast)
    client = signed(cast.secretary_a)
    detail = reverse("branches:record-detail", args=[activity.pk])
    assert "没有材料也照样算数" in page(client, detail)
    add = reverse("branches:record-materials", args=[activity.pk])
    notes = upload("一、安规".encode(), "讲稿.txt")
    assert client.post(add, {"materials": [upload(jpeg(scene(1))), notes]}).status_code == 302
    text = page(client, detail)
    assert "材料 2 个" in text
    assert "现场.jpg" in text
    assert "讲稿.txt" in text
    assert AuditEntry.objects.get(code="record.material_added").after["files"] == [
        "现场.jpg",
        "讲稿.txt",
    ]


def test_whoever_sees_the_record_sees_its_files_and_nobody_else(cast: Cast) -> None:
    [file] = beside(cast, save(cast), jpeg(scene(1)))
    address = reverse("attachments:file", args=[file.pk])
    for user, status in ((cast.secretary_a, 200), (cast.officer, 200), (cast.secretary_b, 404)):
        assert signed(user).get(address).status_code == status
    text = page(signed(cast.officer), reverse("branches:record-detail", args=[file.owner_id]))
    assert "现场.jpg" in text
    assert "加材料" not in text


def test_only_those_who_write_the_record_add_and_take_away(cast: Cast) -> None:
    activity = save(cast)
    [file] = beside(cast, activity, jpeg(scene(1)))
    with pytest.raises(PermissionDenied):
        beside(cast, activity, jpeg(scene(2)), actor=cast.officer)
    remove = reverse("branches:record-material-remove", args=[activity.pk, file.pk])
    assert signed(cast.officer).post(remove).status_code == 403
    assert signed(cast.secretary_b).post(remove).status_code == 404
    assert "去掉“现场.jpg”" in page(signed(cast.secretary_a), remove)
    assert signed(cast.secretary_a).post(remove).status_code == 302
    assert not Attachment.objects.exists()


def test_the_same_file_twice_is_kept_once(cast: Cast) -> None:
    activity = save(cast)
    beside(cast, activity, jpeg(scene(1)))
    assert beside(cast, activity, jpeg(scene(1))) == []
    assert Attachment.objects.count() == 1


def test_a_file_that_can_not_be_taken_says_why_beside_the_field(cast: Cast) -> None:
    add = reverse("branches:record-materials", args=[save(cast).pk])
    client = signed(cast.secretary_a)
    answer = client.post(add, {"materials": [upload(b"\xff\xd8\xff broken")]})
    assert "打不开" in answer.content.decode()
    assert "请选择文件。" in client.post(add).content.decode()
    assert not Attachment.objects.exists()


def test_after_the_lock_a_file_is_a_late_entry_with_a_reason(cast: Cast) -> None:
    activity = save(cast, held_on=MAY, late_reason="记录人住院")
    with pytest.raises(DomainError, match="2017年5月的记录已锁定"):
        beside(cast, activity, jpeg(scene(1)))
    add = reverse("branches:record-materials", args=[activity.pk])
    client = signed(cast.secretary_a)
    assert "为什么现在才改" in page(client, add)
    client.post(add, {"materials": [upload(jpeg(scene(1)))], "reason": "签到表刚找到"})
    file = Attachment.objects.get()
    assert AuditEntry.objects.get(code="record.material_added").reason == "签到表刚找到"
    with pytest.raises(DomainError):
        remove_material(activity=activity, attachment_id=file.pk, actor=cast.secretary_a, now=NOW)


def test_files_go_with_their_record(cast: Cast) -> None:
    activity = save(cast)
    beside(cast, activity, jpeg(scene(1)))
    delete_activity(activity=activity, reason="记重了", actor=cast.secretary_a, now=NOW)
    assert not Attachment.objects.exists()


def test_the_rubric_says_which_paper_costs_marks(cast: Cast) -> None:
    rubric_seed.load_rubrics(
        source=rubric_seed.seed_source(), first_month=FIRST_MONTH, actor=None, now=NOW
    )
    lecture = save(cast, duties=("party_lecture",))
    plain = save(cast, duties=("safety_talk",), subject="安全讲评")
    client = signed(cast.secretary_a)
    text = page(client, reverse("branches:record-detail", args=[lecture.pk]))
    assert "党课要有讲稿：考评细则写明“无讲稿或课件”要扣分。" in text
    assert "要扣分" not in page(client, reverse("branches:record-detail", args=[plain.pk]))


# -- the REST twin -------------------------------------------------------------------------------


def test_the_api_takes_lists_and_removes_them(cast: Cast) -> None:
    activity = save(cast)
    client = APIClient()
    client.force_authenticate(cast.secretary_a)
    address = reverse("api:activity-materials", args=[activity.pk])
    answer = client.post(address, {"materials": [upload(jpeg(scene(1)))]}, format="multipart")
    assert answer.status_code == 200
    [file] = client.get(address).json()
    assert (file["name"], file["width"]) == ("现场.jpg", 1200)
    assert client.post(address, {}, format="multipart").status_code == 400
    one = reverse("api:activity-material", args=[activity.pk, file["id"]])
    for reason in ("%00", "长" * 201):
        assert "reason" in client.delete(f"{one}?reason={reason}").json()
    assert client.delete(one).status_code == 204
    assert client.delete(one).status_code == 204  # gone already is gone
    assert client.get(address).json() == []
    client.force_authenticate(cast.officer)
    refused = client.post(address, {"materials": [upload(jpeg(scene(1)))]}, format="multipart")
    assert refused.status_code == 403


# -- a picture used twice ------------------------------------------------------------------------


def test_scaled_recompressed_or_brightened_it_is_still_the_same_picture() -> None:
    first = scene(1)
    look = fingerprint(jpeg(first))
    again = (
        jpeg(first, quality=40),
        jpeg(first.resize((640, 480))),
        jpeg(ImageEnhance.Brightness(first).enhance(1.1)),
    )
    assert all(looks_same(look, fingerprint(other)) for other in again)
    others = [fingerprint(jpeg(scene(seed))) for seed in range(2, 30)]
    assert not any(looks_same(look, other) for other in others)


def test_white_sheets_are_not_called_the_same() -> None:
    white = fingerprint(jpeg(Image.new("RGB", (800, 1100), "white")))
    assert not looks_same(white, white)


def test_a_reused_picture_is_hinted_at_to_the_author_alone(cast: Cast) -> None:
    earlier = save(cast, held_on=dt.date(2017, 6, 5))
    beside(cast, earlier, jpeg(scene(1)))
    later = save(cast, held_on=dt.date(2017, 6, 16), subject="主题党日")
    beside(cast, later, jpeg(scene(1).resize((640, 480)), quality=60))
    [hint] = hints_of(later)
    assert hint == "“现场.jpg”与6月5日“学规矩、保安全”的照片一样，请核对是不是放错了。"
    address = reverse("branches:record-detail", args=[later.pk])
    assert PHOTO_WORDS in page(signed(cast.secretary_a), address)
    assert PHOTO_WORDS not in page(signed(cast.officer), address)
    beside(cast, fresh := save(cast, held_on=dt.date(2017, 6, 20), subject="党课"), jpeg(scene(2)))
    assert hints_of(fresh) == []


def test_a_picture_of_another_branch_is_hinted_at_without_naming_the_record(cast: Cast) -> None:
    theirs = save(
        cast,
        actor=cast.secretary_b,
        branch=cast.branch_b,
        chair=cast.person(cast.secretary_b),
        recorder=cast.person(cast.secretary_b),
        subject="别人的主题",
    )
    beside(cast, theirs, jpeg(scene(1)), actor=cast.secretary_b)
    mine = save(cast, held_on=dt.date(2017, 6, 16))
    beside(cast, mine, jpeg(scene(1)))
    [hint] = hints_of(mine)
    assert "与其他支部2017年6月一条记录的照片一样" in hint
    assert "别人的主题" not in hint


def test_pictures_are_compared_when_added_and_not_when_the_page_is_opened(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    earlier = save(cast, held_on=dt.date(2017, 6, 5))
    beside(cast, earlier, jpeg(scene(1)))
    later = save(cast, held_on=dt.date(2017, 6, 16), subject="主题党日")
    beside(cast, later, jpeg(scene(1)))
    files = list(Attachment.objects.of(later))
    for _n in range(3):
        beside(cast, save(cast, held_on=dt.date(2017, 6, 20)), jpeg(scene(2)))
    with django_assert_num_queries(2):  # the pairs, and the records they lie beside
        [hint] = reused(later, files)
    assert PHOTO_WORDS in hint
    # The author of the earlier one hears of it too, until the later picture is taken away.
    assert len(list(reused(earlier, Attachment.objects.of(earlier)))) == 1
    remove_material(activity=later, attachment_id=files[0].pk, actor=cast.secretary_a, now=NOW)
    assert not list(reused(earlier, Attachment.objects.of(earlier)))
