"""Inputs that several forms share."""

from __future__ import annotations

import pytest
from django import forms

from branches.forms.fields import SeveralField
from branches.models import Branch
from tests.cast import Cast


class Chosen(forms.Form):
    branches = SeveralField(queryset=Branch.objects.all())


def test_several_rows_are_chosen_by_their_keys(cast: Cast) -> None:
    form = Chosen({"branches": [cast.branch_a.pk, cast.branch_b.pk]})
    assert form.is_valid()
    assert set(form.cleaned_data["branches"]) == {cast.branch_a, cast.branch_b}


@pytest.mark.parametrize("key", ["9" * 30, "9" * 5000, "-" + "9" * 30, "甲", "1e400", ""])
def test_what_is_no_key_is_no_choice(cast: Cast, key: str) -> None:
    """A number beyond what the database counts to was a crash, not a sentence."""
    form = Chosen({"branches": [cast.branch_a.pk, key]})
    assert not form.is_valid()
    (sentence,) = form.errors["branches"]
    assert len(str(sentence)) < 80
