"""Every field refuses in the house's words, in forms and over REST."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from portal.accounts.models import User

LONG = "字" * 12
BAD: list[tuple[Any, Any, Any, str]] = [
    (forms.CharField(), serializers.CharField(), "", "请填写这一项。"),
    (
        forms.CharField(max_length=10),
        serializers.CharField(max_length=10),
        LONG,
        "请控制在10字以内，现在12字。",
    ),
    (
        forms.CharField(min_length=20),
        serializers.CharField(min_length=20),
        LONG,
        "至少写20字，现在12字。",
    ),
    (
        forms.IntegerField(max_value=100),
        serializers.IntegerField(max_value=100),
        "101",
        "不能大于100。",
    ),
    (forms.IntegerField(), serializers.IntegerField(), "many", "请填整数，例如 3。"),
    (
        forms.DecimalField(max_digits=4, decimal_places=1),
        serializers.DecimalField(max_digits=4, decimal_places=1),
        "1.25",
        "小数最多1位。",
    ),
    (forms.DateField(), serializers.DateField(), "soon", "请填日期，例如 2017-06-14。"),
    (forms.TimeField(), serializers.TimeField(), "noon", "请填时间，例如 15:30。"),
]


@pytest.mark.parametrize(("field", "rest", "given", "said"), BAD)
def test_a_field_says_what_to_do(field: Any, rest: Any, given: str, said: str) -> None:
    with pytest.raises(forms.ValidationError) as refused:
        field.clean(given)
    assert refused.value.messages == [said]
    with pytest.raises(serializers.ValidationError) as over_rest:
        rest.run_validation(given)
    assert [str(one) for one in over_rest.value.detail] == [said]


def test_a_field_left_out_over_rest_is_asked_for() -> None:
    class Words(serializers.Serializer[Any]):
        text = serializers.CharField()
        kind = serializers.ChoiceField(choices=["a"])

    asked = Words(data={"kind": "z"})
    assert not asked.is_valid()
    assert asked.errors == {"text": ["请填写这一项。"], "kind": ["没有“z”这个选项。"]}


def test_words_of_its_own_stay_with_a_field() -> None:
    with pytest.raises(forms.ValidationError, match="请填地点。"):
        forms.CharField(error_messages={"required": "请填地点。"}).clean("")


def test_a_row_that_is_not_there_is_named_in_chinese_and_by_no_model(db: None) -> None:
    class Look(APIView):
        permission_classes = ()

        def get(self, request: Any) -> None:
            get_object_or_404(User, pk=0)

    answer = Look.as_view()(APIRequestFactory().get("/"))
    assert answer.status_code == 404
    assert answer.data["detail"] == "没有这一条，或者您看不到它。"
