"""Rows, bytes, permission and the download."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from branches.models import Branch
from portal.attachments import owners, services
from portal.attachments.checking import check
from portal.attachments.forms import AttachmentsField
from portal.attachments.limits import NAMED, SEALED, Profile
from portal.attachments.models import Attachment
from portal.kernel.errors import DomainError
from tests.attachments import files
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def branches_have_attachments(monkeypatch: pytest.MonkeyPatch) -> None:
    """For these tests a branch owns attachments; its visible_to decides."""
    monkeypatch.setattr(owners, "_owners", dict(owners._owners))
    owners.register_owner(
        Branch,
        lambda user, key: bool(
            user.is_authenticated and Branch.objects.visible_to(user).filter(pk=key).exists()
        ),
    )


def keep(
    cast: Cast, branch: Branch, profile: Profile = NAMED, name: str = "现场.jpg"
) -> Attachment:
    checked = check(name=name, data=files.talkative_jpeg(), profile=profile)
    [attachment] = services.attach(
        owner=branch, files=[checked], actor=cast.secretary_a, now=NOW, profile=profile
    )
    return attachment


def test_it_is_a_download_that_nobody_sniffs_or_caches(cast: Cast, client: Client) -> None:
    attachment = keep(cast, cast.branch_a)
    client.force_login(cast.secretary_a)
    response = client.get(reverse("attachments:file", args=[attachment.pk]))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert "sandbox" in response["Content-Security-Policy"]
    assert files.SECRET.encode() not in response.content


def test_a_strangers_attachment_does_not_exist(cast: Cast, client: Client) -> None:
    path = reverse("attachments:file", args=[keep(cast, cast.branch_a).pk])
    assert client.get(path).status_code == 302  # to the sign-in page
    client.force_login(cast.officer_elsewhere)
    assert client.get(path).status_code == 404
    client.force_login(cast.secretary_a)
    assert client.get(reverse("attachments:file", args=[uuid.uuid4()])).status_code == 404


def test_an_owner_nobody_registered_can_have_none(cast: Cast) -> None:
    checked = check(name="a.txt", data=b"text", profile=NAMED)
    with pytest.raises(LookupError):
        services.attach(owner=cast.city, files=[checked], actor=None, now=NOW)


def test_bytes_lie_under_a_name_that_says_nothing(cast: Cast) -> None:
    attachment = keep(cast, cast.branch_a)
    path = Path(settings.MEDIA_ROOT) / "attachments" / attachment.stored_as
    assert path.is_file()
    assert str(attachment.pk) not in attachment.stored_as
    assert attachment.name == "现场.jpg"
    assert path.stat().st_mode & 0o007 == 0


def test_of_a_sealed_one_only_the_date_is_kept(cast: Cast) -> None:
    before = set(Path(settings.MEDIA_ROOT).rglob("*"))
    attachment = keep(cast, cast.branch_a, SEALED)
    attachment.refresh_from_db()
    assert (attachment.name, attachment.uploaded_at, attachment.uploaded_by) == ("", None, None)
    assert (attachment.digest, attachment.fingerprint) == ("", ""), "no named copy equals it"
    assert attachment.uploaded_on == NOW.date()
    assert attachment.shown_name == "照片1.jpg"
    assert set(Path(settings.MEDIA_ROOT).rglob("*")) == before
    assert services.content_of(attachment)[:3] == b"\xff\xd8\xff"
    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.filter(pk=attachment.pk).update(uploaded_at=NOW)


def test_there_is_a_most(cast: Cast) -> None:
    for _number in range(SEALED.max_files):
        keep(cast, cast.branch_a, SEALED)
    with pytest.raises(DomainError, match="最多3个附件"):
        keep(cast, cast.branch_a, SEALED)
    assert [a.number for a in Attachment.objects.of(cast.branch_a)] == [1, 2, 3]


def test_leftovers_go_after_a_day_and_nothing_else(cast: Cast) -> None:
    kept = keep(cast, cast.branch_a)
    with transaction.atomic():
        lost = keep(cast, cast.branch_a)
        transaction.set_rollback(True)
    folder = Path(settings.MEDIA_ROOT) / "attachments"
    assert (folder / lost.stored_as).is_file()
    moment = dt.datetime.now(dt.UTC)
    services.sweep_leftovers(moment)
    assert (folder / lost.stored_as).is_file()
    old = (moment - dt.timedelta(days=2)).timestamp()
    for attachment in (kept, lost):
        os.utime(folder / attachment.stored_as, (old, old))
    services.sweep_leftovers(moment)
    assert not (folder / lost.stored_as).exists()
    assert (folder / kept.stored_as).is_file()


@pytest.mark.django_db(transaction=True)
def test_removed_bytes_go_with_the_commit(cast: Cast, client: Client) -> None:
    attachment = keep(cast, cast.branch_a)
    path = Path(settings.MEDIA_ROOT) / "attachments" / attachment.stored_as
    key = attachment.pk
    services.remove(attachments=[attachment])
    assert not path.exists()
    client.force_login(cast.secretary_a)
    assert client.get(reverse("attachments:file", args=[key])).status_code == 404


class _Form(forms.Form):
    photos = AttachmentsField(profile=SEALED, label="照片")


def _sent(*names: str) -> _Form:
    uploads: list[UploadedFile[Any]] = [
        SimpleUploadedFile(name, files.photo(), "image/jpeg") for name in names
    ]
    return _Form({}, MultiValueDict({"photos": [*uploads]}))


def test_the_field_says_which_file_and_why() -> None:
    form = _sent("a.jpg", "b.svg", "c.gif")
    assert not form.is_valid()
    assert [str(e).split("：")[0] for e in form.errors["photos"]] == ["b.svg", "c.gif"]
    assert "最多3个" in _sent("1.jpg", "2.jpg", "3.jpg", "4.jpg").errors["photos"][0]
    form = _sent("a.jpg", "b.jpg")
    assert form.is_valid(), form.errors
    assert len(form.cleaned_data["photos"]) == 2
    assert _sent().is_valid()
    assert 'accept=".jpg,.jpeg,.png,.webp,.pdf,.txt"' in str(_sent()["photos"])
    assert "multiple" in str(_sent()["photos"])
