"""Files beside a record."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.attachments.forms import AttachmentsField
from portal.attachments.limits import NAMED


class ReasonIfLocked(forms.Form):
    """A reason, asked for only once the month is locked."""

    reason = forms.CharField(
        label=_("为什么现在才改"),
        help_text=_("本月记录已锁定，原因会留在审计记录里。"),
        max_length=200,
        error_messages={"required": _("请写明原因。")},
    )

    def __init__(self, *args: Any, is_locked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_locked:
            del self.fields["reason"]


class MaterialsForm(ReasonIfLocked):
    """加材料: photos, notes, a signed sheet."""

    materials = AttachmentsField(
        label=_("文件"),
        required=True,
        profile=NAMED,
        help_text=_(
            "照片、PDF、docx、xlsx，一条记录最多10个，每个15 MB以内。照片的定位、机型会自动去掉。"
        ),
        error_messages={"required": _("请选择文件。")},
    )
    field_order = ("materials", "reason")
