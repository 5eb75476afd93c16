"""现场照片: optional pictures beside the rules of a sheet, kept once, seen with the sheet."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from evaluations.models import Deduction, Inspection, RubricItem, SheetPhoto
from evaluations.services import sheet_photos, sheets
from portal.attachments.checking import check
from portal.attachments.limits import PHOTOS
from portal.attachments.models import Attachment
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, TransitionRefused
from portal.offline.clock import Moment
from portal.offline.models import GivenAnswer
from tests.attachments.files import photo
from tests.cast import NOW, Cast
from tests.month import MonthCast
from tests.notices.scene import Published, at, provisional, published

__all__ = ("provisional", "published")

pytestmark = pytest.mark.usefixtures("clock")

LATER = NOW.replace(hour=15)
TAKEN = Moment(NOW, phone=NOW)


def rule_of(month: MonthCast, code: str = "A1", number: int = 1) -> Any:
    return month.item(month.visit_a, code).rules.get(number=number)


def picture(width: int = 640) -> Any:
    return check(name="现场.jpg", data=photo(size=(width, 480)), profile=PHOTOS)


def keep(month: MonthCast, actor: Any, **more: Any) -> SheetPhoto:
    values: dict[str, Any] = {
        "photo_id": uuid.uuid4(),
        "inspection_id": month.visit_a.pk,
        "rule_id": rule_of(month).pk,
        "made": TAKEN,
        "now": NOW,
        **more,
    }
    values.setdefault("picture", picture())
    return sheet_photos.keep_photo(actor=actor, **values)


def address(month: MonthCast, photo_id: uuid.UUID, rule: Any = None) -> str:
    rule = rule or rule_of(month)
    return reverse("api:sheet-photo", args=[month.visit_a.pk, rule.pk, photo_id])


def put(client: Client, url: str, key: uuid.UUID | None = None, **more: Any) -> Any:
    headers = {"Idempotency-Key": str(key)} if key else {}
    return client.put(url, more.get("data") or photo(), "image/jpeg", headers=headers)


def take_marks(month: MonthCast, actor: Any) -> None:
    rule = rule_of(month)
    sheets.save_item(
        inspection_id=month.visit_a.pk,
        item_id=rule.item_id,
        lines=[sheets.LineInput(rule.pk, 1, "6月2日的文件没有传达")],
        override=None,
        version=0,
        actor=actor,
        now=NOW,
    )


def submit(month: MonthCast, actor: Any) -> Inspection:
    return sheets.submit_sheet(
        inspection_id=month.visit_a.pk, rest_is_fine=True, actor=actor, now=NOW
    )


def test_a_picture_sent_twice_is_kept_once(
    cast: Cast, month_cast: MonthCast, client: Client
) -> None:
    client.force_login(cast.inspector)
    photo_id, key = uuid.uuid4(), uuid.uuid4()
    first = put(client, address(month_cast, photo_id), key)
    again = put(client, address(month_cast, photo_id), key)  # the answer was lost on the way
    other_key = put(client, address(month_cast, photo_id), uuid.uuid4())  # handed in as a file
    same_picture = put(client, address(month_cast, uuid.uuid4()))
    answers = [first, again, other_key, same_picture]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert {answer.json()["id"] for answer in answers} == {str(photo_id)}
    assert Attachment.objects.count() == SheetPhoto.objects.count() == 1
    assert GivenAnswer.objects.count() == 2
    assert AuditEntry.objects.filter(code="sheet.photo_kept").count() == 1
    month_cast.visit_a.refresh_from_db()
    assert month_cast.visit_a.status == "under_way"  # the visit has begun with it


def test_what_is_no_picture_is_refused_in_words(
    cast: Cast, month_cast: MonthCast, client: Client
) -> None:
    client.force_login(cast.inspector)
    url = address(month_cast, uuid.uuid4())
    refused = put(client, url, data=b"<html>")
    assert (refused.status_code, refused.json()["field"]) == (400, "photo")
    assert "对不上" in refused.json()["detail"]
    form = client.generic("PUT", url, b"", "multipart/form-data; boundary=x")
    assert form.status_code == 400
    assert client.put(url, b"{}", "application/json").status_code == 415
    assert not SheetPhoto.objects.exists()


def test_a_program_may_send_a_form(cast: Cast, month_cast: MonthCast, client: Client) -> None:
    from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

    client.force_login(cast.inspector)
    sent = {"photo": SimpleUploadedFile("a.jpg", photo(), "image/jpeg")}
    answer = client.put(
        address(month_cast, uuid.uuid4()), encode_multipart(BOUNDARY, sent), MULTIPART_CONTENT
    )
    assert answer.status_code == 200
    listed = client.get(reverse("api:sheet-photos", args=[month_cast.visit_a.pk])).json()
    assert [row["rule"] for row in listed] == [rule_of(month_cast).pk]


@pytest.mark.parametrize(
    "role", ["secretary_a", "secretary_b", "officer", "leader", "employee", "officer_elsewhere"]
)
def test_nobody_but_the_team_adds_or_takes_away(
    cast: Cast, month_cast: MonthCast, role: str
) -> None:
    kept = keep(month_cast, cast.inspector)
    with pytest.raises(PermissionDenied):
        keep(month_cast, getattr(cast, role), picture=picture(320))
    with pytest.raises(PermissionDenied):
        sheet_photos.take_photo_away(
            photo_id=kept.pk,
            inspection_id=month_cast.visit_a.pk,
            actor=getattr(cast, role),
            now=NOW,
        )


def test_the_branch_sees_it_with_the_sheet_and_nobody_else_does(
    cast: Cast, month_cast: MonthCast, client: Client
) -> None:
    take_marks(month_cast, cast.inspector)
    kept = keep(month_cast, cast.inspector)
    file = reverse("attachments:file", args=[kept.picture_id])

    def opens(user: Any) -> bool:
        client.force_login(user)
        return bool(client.get(file).status_code == 200)

    assert opens(cast.inspector)
    assert opens(cast.officer)
    assert not opens(cast.secretary_a)  # not handed in yet
    submit(month_cast, cast.inspector)
    assert opens(cast.secretary_a)
    assert not opens(cast.secretary_b)
    assert not opens(cast.employee)
    client.force_login(cast.secretary_a)
    summary = reverse("evaluations:sheet-summary", args=[month_cast.visit_a.pk])
    assert file in client.get(summary).content.decode()
    finding = month_cast.visit_a.findings.get()
    page = client.get(reverse("evaluations:finding-detail", args=[finding.pk])).content.decode()
    assert file in page
    listed = client.get(reverse("api:finding-photos", args=[finding.pk])).json()
    assert [row["url"] for row in listed] == [file]


def test_a_sheet_without_a_picture_is_whole(cast: Cast, month_cast: MonthCast) -> None:
    take_marks(month_cast, cast.inspector)
    assert submit(month_cast, cast.inspector).status == "submitted"


def test_what_was_taken_before_the_signature_may_arrive_after_it(
    cast: Cast, month_cast: MonthCast
) -> None:
    take_marks(month_cast, cast.inspector)
    submit(month_cast, cast.inspector)
    assert keep(month_cast, cast.inspector, now=LATER).taken_at == NOW
    with pytest.raises(TransitionRefused, match="不能再加照片"):
        keep(month_cast, cast.inspector, made=Moment(LATER, LATER), picture=picture(320))
    with pytest.raises(TransitionRefused, match="不能再加照片"):
        keep(month_cast, cast.inspector, made=Moment(NOW), picture=picture(320))
    other = rule_of(month_cast, number=2)
    with pytest.raises(DomainError, match="没有扣分"):
        keep(month_cast, cast.inspector, rule_id=other.pk, picture=picture(320))


def test_a_picture_beside_nothing_goes_when_the_sheet_is_handed_in(
    cast: Cast, month_cast: MonthCast
) -> None:
    take_marks(month_cast, cast.inspector)
    kept = keep(month_cast, cast.inspector)
    keep(
        month_cast,
        cast.inspector,
        rule_id=rule_of(month_cast, number=2).pk,
        picture=picture(320),
    )
    submit(month_cast, cast.inspector)
    assert list(SheetPhoto.objects.values_list("pk", flat=True)) == [kept.pk]
    assert Attachment.objects.count() == 1


def test_taken_away_while_the_sheet_is_open_and_not_after(
    cast: Cast, month_cast: MonthCast, client: Client
) -> None:
    take_marks(month_cast, cast.inspector)
    kept = keep(month_cast, cast.inspector)
    other = keep(month_cast, cast.inspector, picture=picture(320))
    client.force_login(cast.inspector)
    for _twice in range(2):
        assert client.delete(address(month_cast, kept.pk)).status_code == 204
    assert AuditEntry.objects.filter(code="sheet.photo_removed").count() == 1
    submit(month_cast, cast.inspector)
    refused = client.delete(address(month_cast, other.pk))
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert SheetPhoto.objects.get().pk == other.pk


def test_only_so_many_and_only_beside_a_rule_of_this_sheet(
    cast: Cast, month_cast: MonthCast
) -> None:
    for n in range(sheet_photos.MOST_PHOTOS):
        keep(month_cast, cast.inspector, picture=picture(320 + n))
    with pytest.raises(DomainError, match="最多放6张"):
        keep(month_cast, cast.inspector, picture=picture(400))
    foreign = (
        RubricItem.objects.exclude(version=month_cast.visit_a.participant.rubric_version)
        .filter(rules__isnull=False)
        .first()
    )
    rule = foreign.rules.first() if foreign else None
    assert rule is not None
    with pytest.raises(DomainError, match="不属于这张评分表"):
        keep(month_cast, cast.inspector, rule_id=rule.pk)


def test_after_publication_nothing_comes(cast: Cast, published: Published) -> None:
    line = published.provisional.themed_day
    with pytest.raises(TransitionRefused, match="已通报"):
        sheet_photos.keep_photo(
            photo_id=uuid.uuid4(),
            inspection_id=published.provisional.inspection.pk,
            rule_id=line.rule_id,
            picture=picture(),
            made=Moment(at(6, 28, 14), at(6, 28, 14)),
            actor=cast.inspector,
            now=at(7, 6),
        )


def test_the_form_keeps_pictures_without_a_script(
    cast: Cast, month_cast: MonthCast, client: Client
) -> None:
    client.force_login(cast.inspector)
    rule = rule_of(month_cast)
    url = reverse("evaluations:sheet-item", args=[month_cast.visit_a.pk, rule.item_id])
    typed = {
        "version": "0",
        f"count-{rule.pk}": "1",
        f"fact-{rule.pk}": "6月2日的文件没有传达",
    }
    bad = SimpleUploadedFile("a.jpg", b"no picture", "image/jpeg")
    refused = client.post(url, {**typed, f"photo-{rule.pk}": bad})
    assert refused.status_code == 400
    assert "对不上" in refused.content.decode()
    assert "6月2日的文件没有传达" in refused.content.decode()
    good = SimpleUploadedFile("a.jpg", photo(), "image/jpeg")
    client.post(url, {**typed, "version": "1", f"photo-{rule.pk}": good})
    kept = SheetPhoto.objects.get()
    assert Deduction.objects.get().fact == "6月2日的文件没有传达"
    client.post(url, {**typed, "version": "1", "drop_photo": str(kept.pk)})
    assert not SheetPhoto.objects.exists()
    assert client.post(url, {**typed, "version": "1", "drop_photo": "x"}).status_code == 404
