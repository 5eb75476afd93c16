"""What a field says when it refuses what was typed, in the house's words.

Set once, on the classes themselves, so that every form and every serializer speaks alike; a field
with words of its own (``error_messages``) keeps them.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core import validators
from django.utils.translation import gettext_lazy as _
from rest_framework import relations, serializers
from rest_framework import validators as rest_validators

GAP = _("请填写这一项。")
CHOICE = _("请选一项。")
WHOLE = _("请填整数，例如 3。")
NUMBER = _("请填数字，例如 1.5。")
DAY = _("请填日期，例如 2017-06-14。")
CLOCK = _("请填时间，例如 15:30。")
MOMENT = _("请填日期和时间，例如 2017-06-14 15:30。")
GONE = _("没有这个选项，请重新选。")
FILE = _("请选择文件。")
TOO_LONG = _("请控制在%(limit_value)d字以内，现在%(show_value)d字。")
TOO_SHORT = _("至少写%(limit_value)d字，现在%(show_value)d字。")

FORM_FIELDS: dict[type[forms.Field], dict[str, Any]] = {
    forms.Field: {"required": GAP},
    forms.IntegerField: {"invalid": WHOLE},
    forms.FloatField: {"invalid": NUMBER},
    forms.DecimalField: {"invalid": NUMBER},
    forms.DateField: {"invalid": DAY},
    forms.TimeField: {"invalid": CLOCK},
    forms.DateTimeField: {"invalid": MOMENT},
    forms.FileField: {
        "required": FILE,
        "invalid": FILE,
        "missing": FILE,
        "empty": _("这个文件是空的，请换一个。"),
    },
    forms.ChoiceField: {"required": CHOICE, "invalid_choice": GONE},
    forms.MultipleChoiceField: {"invalid_choice": GONE, "invalid_list": GONE},
    forms.ModelChoiceField: {"required": CHOICE, "invalid_choice": GONE},
    forms.ModelMultipleChoiceField: {
        "invalid_list": GONE,
        "invalid_choice": GONE,
        "invalid_pk_value": GONE,
    },
}
VALIDATORS: dict[type[Any], Any] = {
    validators.MaxLengthValidator: TOO_LONG,
    validators.MinLengthValidator: TOO_SHORT,
    validators.MaxValueValidator: _("不能大于%(limit_value)s。"),
    validators.MinValueValidator: _("不能小于%(limit_value)s。"),
    validators.EmailValidator: _("请填完整的邮箱地址，例如 name@example.com。"),
    rest_validators.UniqueValidator: _("已经有了，请换一个。"),
}
DECIMALS = {
    "max_digits": _("最多填%(max)s位数字。"),
    "max_decimal_places": _("小数最多%(max)s位。"),
    "max_whole_digits": _("整数部分最多%(max)s位。"),
}
_LIMITS = {"max_value": _("不能大于{max_value}。"), "min_value": _("不能小于{min_value}。")}
REST_FIELDS: dict[type[Any], dict[str, Any]] = {
    serializers.Field: {"required": GAP, "null": GAP},
    serializers.BooleanField: {"invalid": _("请填 true 或 false。")},
    serializers.CharField: {
        "invalid": _("请填文字。"),
        "blank": GAP,
        # The limit is put in by the serializer, the length of what came by the validator.
        "max_length": _("请控制在{max_length}字以内，现在%(show_value)d字。"),
        "min_length": _("至少写{min_length}字，现在%(show_value)d字。"),
    },
    serializers.IntegerField: {"invalid": WHOLE, **_LIMITS},
    serializers.FloatField: {"invalid": NUMBER, **_LIMITS},
    serializers.DecimalField: {
        "invalid": NUMBER,
        **_LIMITS,
        "max_digits": _("最多填{max_digits}位数字。"),
        "max_decimal_places": _("小数最多{max_decimal_places}位。"),
        "max_whole_digits": _("整数部分最多{max_whole_digits}位。"),
    },
    serializers.DateField: {"invalid": DAY, "datetime": DAY},
    serializers.TimeField: {"invalid": CLOCK},
    serializers.DateTimeField: {"invalid": MOMENT, "date": MOMENT},
    serializers.ChoiceField: {"invalid_choice": _("没有“{input}”这个选项。")},
    serializers.UUIDField: {"invalid": _("编号的写法不对。")},
    serializers.ListField: {"not_a_list": _("请给一个列表。"), "empty": GAP},
    relations.PrimaryKeyRelatedField: {
        "required": GAP,
        "does_not_exist": _("没有编号为{pk_value}的这一项。"),
        "incorrect_type": _("请填编号。"),
    },
    relations.ManyRelatedField: {"not_a_list": _("请给一个列表。"), "empty": GAP},
}


def speak() -> None:
    """Give the framework's fields and validators the words above."""
    for kinds in (FORM_FIELDS, REST_FIELDS):
        for kind, words in kinds.items():
            own: Any = kind
            own.default_error_messages = {**own.default_error_messages, **words}
    for validator, message in VALIDATORS.items():
        validator.message = message
    decimals: Any = validators.DecimalValidator
    decimals.messages = {**decimals.messages, **DECIMALS}
