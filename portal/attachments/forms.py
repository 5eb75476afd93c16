"""The form field for attachments: checked where it is filled in, with the reason beside it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from portal.attachments.checking import BadFile, CheckedFile, check, clean_name
from portal.attachments.limits import NAMED, Profile


class FilesInput(forms.ClearableFileInput):
    """Several files at once, without the check box for clearing."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class AttachmentsField(forms.FileField):
    """``cleaned_data`` holds a list of CheckedFile (empty when none was chosen), ready for
    :func:`portal.attachments.services.attach`."""

    widget = FilesInput

    def __init__(self, *, profile: Profile = NAMED, **kwargs: Any) -> None:
        self.profile = profile
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("accept", profile.accept)

    def clean(self, data: Any, initial: Any = None) -> list[CheckedFile]:
        uploads = data if isinstance(data, list | tuple) else [data] if data else []
        if not uploads:
            super().clean(None, initial)  # says so where one is required
            return []
        if len(uploads) > self.profile.max_files:
            raise ValidationError(_("最多%(n)d个附件。") % {"n": self.profile.max_files})
        checked, troubles = [], []
        for upload in uploads:
            try:
                checked.append(self._check(upload))
            except BadFile as error:
                troubles.append(f"{clean_name(upload.name or '')}：{error.message}")
        if troubles:
            raise ValidationError(troubles)
        return checked

    def _check(self, upload: UploadedFile[bytes]) -> CheckedFile:
        limit = self.profile.max_bytes
        # One byte more than allowed is enough to know; the rest is not read.
        data = upload.read(limit + 1)
        return check(name=upload.name or "", data=data, profile=self.profile)
