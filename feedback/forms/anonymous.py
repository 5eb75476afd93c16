"""Forms of the anonymous channel."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from branches.models import Committee
from feedback import receipts
from feedback.models import Category, Kind, Solved
from feedback.models.requests import MAX_TEXT
from feedback.receipts import Receipt
from feedback.services.submitting import Said
from portal.attachments.forms import AttachmentsField
from portal.attachments.limits import SEALED
from portal.kernel.errors import DomainError


class AnonymousForm(forms.Form):
    """说一件事（完全匿名）."""

    text = forms.CharField(
        label=_("想说什么"),
        help_text=_(
            "写清地点、时间和希望怎么改，处理会更快。不想让人猜到您，就别写只有您知道的细节。"
        ),
        max_length=MAX_TEXT,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 6, "data-count": "1", "autocomplete": "off"}),
        error_messages={
            "required": _("请写下想说的事。"),
            "max_length": _("请控制在%(limit_value)d字以内，现在是%(show_value)d字。"),
        },
    )
    kind = forms.ModelChoiceField(
        label=_("是什么"), queryset=Kind.objects.none(), empty_label=None, required=True
    )
    category = forms.ModelChoiceField(
        label=_("关于哪方面"),
        queryset=Category.objects.none(),
        required=False,
        empty_label=_("不选也行"),
    )
    committee = forms.ModelChoiceField(
        label=_("说给哪里的书记听"), queryset=Committee.objects.none(), empty_label=None
    )
    photos = AttachmentsField(
        label=_("照片或附件"),
        profile=SEALED,
        help_text=_(
            "照片只留画面，拍摄时间、地点、手机型号和文件名都去掉；PDF会变成图片。"
            "画面里的人和物去不掉，请自己看一眼。"
        ),
    )
    nonce = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["kind"].queryset = Kind.objects.filter(is_active=True)
        fields["category"].queryset = Category.objects.filter(is_active=True)
        listening = Committee.objects.filter(departments__is_active=True, is_active=True).distinct()
        fields["committee"].queryset = listening
        if not self.is_bound:
            self.initial["nonce"] = receipts.new_nonce()
            self.initial["kind"] = "suggestion"
        self.committees = list(listening)
        if len(self.committees) == 1:
            fields["committee"].widget = forms.HiddenInput()
            self.initial.setdefault("committee", self.committees[0].pk)

    @property
    def said(self) -> Said:
        category = self.cleaned_data["category"]
        return Said(
            text=self.cleaned_data["text"],
            level="anonymous",
            kind=self.cleaned_data["kind"].pk,
            category=category.pk if category else "",
        )


class ReceiptForm(forms.Form):
    """凭查询码查看."""

    code = forms.CharField(
        label=_("查询码"),
        required=False,
        max_length=80,
        help_text=_("回执上的24个字符加最后1个校验符。大小写、横线、空格都不要紧。"),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "class": "code-input",
            }
        ),
    )

    def clean_code(self) -> Receipt:
        try:
            return receipts.read(self.cleaned_data["code"])
        except DomainError as error:
            raise forms.ValidationError(error.message) from None


class WordForm(forms.Form):
    """补充一句."""

    text = forms.CharField(
        label=_("想补充或回答的话"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={
            "required": _("请写要补充的话。"),
            "max_length": _("请控制在%(limit_value)d字以内，现在是%(show_value)d字。"),
        },
    )


class RateForm(forms.Form):
    """评价."""

    solved = forms.ChoiceField(
        label=_("解决了没有"),
        choices=Solved,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选解决了没有。")},
    )
    is_answered = forms.TypedChoiceField(
        label=_("答到点上了吗"),
        choices=[("1", _("答到了")), ("0", _("没答到"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        error_messages={"required": _("请选答到点上了没有。")},
    )
    comment = forms.CharField(
        label=_("还想说"),
        required=False,
        max_length=500,
        help_text=_("要求重办的话，请写明哪里没有办好。"),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )
    again = forms.BooleanField(label=_("要求重办一次"), required=False)


class ArrivedForm(forms.Form):
    """东西到了没有."""

    promise = forms.CharField(widget=forms.HiddenInput(), max_length=32)
    arrived = forms.TypedChoiceField(
        label=_("收到了吗"),
        choices=[("1", _("收到了")), ("0", _("还没有"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        error_messages={"required": _("请选收到了没有。")},
    )
    note = forms.CharField(label=_("哪里还没收到"), required=False, max_length=200)


class StubForm(forms.Form):
    """核对回执存根."""

    number = forms.CharField(label=_("存根号"), max_length=40)
    on = forms.DateField(
        label=_("日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请填日期，例如 2017-06-14")},
    )
    signature = forms.CharField(label=_("签名"), max_length=40)

    @property
    def is_genuine(self) -> bool:
        on: dt.date = self.cleaned_data["on"]
        return receipts.is_genuine(
            number=self.cleaned_data["number"], on=on, signature=self.cleaned_data["signature"]
        )
