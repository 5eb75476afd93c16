"""Forms of the bulletin: the editor, and why one is void."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from evaluations.models import BulletinDraft
from evaluations.selectors.bulletin_text import Part, Section


class BulletinForm(forms.Form):
    """The six parts, each with a fingerprint of what it read when the page was drawn: a part that
    comes back as it went out was left alone, and goes on following the data."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    wording = forms.ChoiceField(
        label=_("共性问题的写法"), choices=BulletinDraft.Wording.choices, widget=forms.RadioSelect
    )

    def __init__(
        self,
        sections: Sequence[Section],
        draft: BulletinDraft | None,
        data: QueryDict | None = None,
    ) -> None:
        initial: dict[str, Any] = {
            "version": draft.version if draft else 1,
            "wording": draft.wording if draft else BulletinDraft.Wording.COUNTED,
        }
        for section in sections:
            initial[section.part] = section.text
            initial[f"was-{section.part}"] = _fingerprint(section.text)
        super().__init__(data, initial=initial)
        for section in sections:
            self.fields[section.part] = forms.CharField(
                label=section.heading,
                required=False,
                strip=False,
                help_text=_("三张排名表跟在后面，由数据生成，不能手改。")
                if section.part is Part.RANKINGS
                else _("一行一段。"),
                widget=forms.Textarea(attrs={"rows": _rows(section.text)}),
            )
            self.fields[f"was-{section.part}"] = forms.CharField(
                required=False, widget=forms.HiddenInput
            )

    @property
    def changed_words(self) -> dict[str, str]:
        """The parts that the officer really changed."""
        values = self.cleaned_data
        return {
            str(part): values[part]
            for part in Part
            if part in self.data and _fingerprint(values[part]) != values[f"was-{part}"]
        }

    def refuse(self, errors: dict[str, str]) -> None:
        for name, text in errors.items():
            self.add_error(name, text)

    def take_over(self, version: int) -> None:
        """After a conflict: the next save is meant against what now stands."""
        self.data = {**self.data, "version": str(version)}


class VoidForm(forms.Form):
    reason = forms.CharField(
        label=_("作废原因"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


def _rows(text: str) -> int:
    """Lines of some 40 characters, within what fits a screen."""
    return min(24, max(3, sum(1 + len(line) // 40 for line in text.splitlines()) + 1))


def _fingerprint(text: str) -> str:
    """Of a text as a browser sends it back: line ends and the space around lines don't count."""
    plain = "\n".join(line.strip() for line in text.splitlines() if line.strip())
    return hashlib.sha256(plain.encode()).hexdigest()[:16]
