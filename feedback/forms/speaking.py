"""Saying something, and writing down what somebody else said."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from branches.models import Person
from feedback.forms.fields import Area, ServiceForm, words
from feedback.keys import new_key
from feedback.models import Category, Kind, Level, Source
from feedback.models.requests import MAX_TEXT
from feedback.receipts import new_nonce
from feedback.services.submitting import Said, Speaker
from portal.attachments.forms import AttachmentsField
from portal.attachments.limits import SEALED

LEVEL_LINES = {
    Level.NAMED: _("书记办公室和承办部门都知道您，可以直接联系您。"),
    Level.CONFIDENTIAL: _("只有书记办公室知道您。每次查看您的姓名都有记录，您能看到。"),
    Level.ANONYMOUS: _(
        "谁都不知道。不记姓名、电话、网络地址，凭查询码看进展。查询码丢了找不回来。"
    ),
}


class _Words(ServiceForm):
    """What both forms ask."""

    text = forms.CharField(
        label=_("想说什么"),
        help_text=_("写清地点、时间和希望怎么改，处理会更快。"),
        max_length=MAX_TEXT,
        widget=Area(5, **{"data-count": "1"}),
        error_messages={
            "required": _("请写下想说的事。"),
            "max_length": _("请控制在%(limit_value)d字以内，现在是%(show_value)d字。"),
        },
    )
    kind = forms.ChoiceField(label=_("是哪一类"))
    category = forms.ChoiceField(label=_("关于哪方面"), required=False)
    level = forms.ChoiceField(
        label=_("让谁知道您是谁"),
        choices=Level.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选让谁知道您是谁。")},
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        self.kinds = list(Kind.objects.filter(is_active=True))
        fields["kind"].choices = [(kind.pk, kind.name) for kind in self.kinds]
        fields["kind"].widget.choices = fields["kind"].choices
        fields["category"].choices = [
            ("", _("不选也行")),
            *Category.objects.filter(is_active=True).values_list("code", "name"),
        ]
        if not self.is_bound:
            self.initial.setdefault("key", new_key())

    @property
    def doors(self) -> list[Kind]:
        """Kinds that are not handled here, with the door that is right for them."""
        return [kind for kind in self.kinds if kind.is_sealed]

    @property
    def levels(self) -> list[tuple[str, Any, Any]]:
        return [(level.value, level.label, LEVEL_LINES[level]) for level in Level]

    @property
    def said(self) -> Said:
        given = self.cleaned_data
        return Said(
            text=given["text"],
            level=given["level"],
            kind=given["kind"],
            category=given["category"],
            key=given["key"],
        )


class SayForm(_Words):
    """说一件事. Photos are copied as those of the anonymous channel are: a name that the handling
    department is not to know stands in no file."""

    photos = AttachmentsField(
        label=_("照片"),
        profile=SEALED,
        help_text=_("会自动去掉照片里的时间、地点信息和文件名；PDF会变成图片。"),
    )
    # For the anonymous door, should the author choose it: one form, one request. By chance, kept
    # nowhere, and not the ``key``, under which a named request would stand.
    nonce = forms.CharField(widget=forms.HiddenInput, required=False, max_length=32)
    field_order = ("text", "kind", "category", "level", "photos")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["nonce"] = new_nonce()


class RecordForm(_Words):
    """代记一件: what somebody said at a reception day, by telephone, in a letter."""

    source = forms.ChoiceField(label=_("从哪里听到"))
    name = forms.CharField(
        label=_("谁说的"),
        max_length=40,
        required=False,
        help_text=_("没有账号的也可以，写姓名即可；不愿留名，下面选“完全匿名”。"),
    )
    person = forms.CharField(
        label=_("工号"), max_length=20, required=False, help_text=_("填了工号，本人能自己看进展。")
    )
    contact = forms.CharField(label=_("联系方式"), max_length=60, required=False)
    answer_at_once = words(_("当场答复"), rows=2, required=False)
    field_order = (
        "text",
        "source",
        "name",
        "person",
        "contact",
        "level",
        "kind",
        "category",
        "answer_at_once",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["text"].label = _("说了什么")
        fields["text"].help_text = _("记原话。不必写姓名。")
        fields["level"].label = _("让谁知道是谁说的")
        fields["source"].choices = [
            choice for choice in Source.choices if choice[0] != Source.ONLINE
        ]

    def clean_person(self) -> Person | None:
        number = self.cleaned_data["person"].strip()
        if not number:
            return None
        found = Person.objects.filter(staff_no=number).select_related("user").first()
        if found is None:
            raise forms.ValidationError(_("没有这个工号。不填也可以，只写姓名。"))
        return found

    @property
    def speaker(self) -> Speaker:
        given = self.cleaned_data
        person = given.get("person")
        return Speaker(
            person=person,
            name=given["name"] or (person.name if person else ""),
            contact=given["contact"],
        )
