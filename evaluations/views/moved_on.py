"""A form came back whose step the page offers no more: somebody took it meanwhile, here or in
another window. The page as it stands then says so, and keeps what was typed in sight to be copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from portal.kernel.ui import Event
from portal.kernel.words import zh_full, zh_moment


def moved_on(gone: Sequence[forms.Form], events: Iterable[Event], refusal: str) -> dict[str, Any]:
    """What ``evaluations/rectification/refusal.html`` shows. ``gone``: the forms that came back
    and have no place on the page; ``events``: the timeline, the newest first; ``refusal``: what
    the service said, if it came to that."""
    if not gone:
        return {"refusal": refusal}
    return {
        "refusal": refusal or _sentence(events),
        "unsent": [line for form in gone for line in _typed(form)],
    }


def _sentence(events: Iterable[Event]) -> str:
    last = next((event for event in events if event.who and not event.is_promised), None)
    if last is None:
        return _("这一步现在做不了：您打开页面以后，情况有了变化。")
    return _(
        "这一步现在做不了：您打开页面以后，情况有了变化。最近一步：%(when)s %(who)s“%(what)s”。"
    ) % {
        "when": zh_moment(last.when),
        "who": last.who,
        "what": last.text,
    }


def _typed(form: forms.Form) -> list[tuple[str, str]]:
    """Label and words of every field that somebody typed into."""
    return [
        (str(field.label or ""), _day_words(text) if is_day else text)
        for field in form.visible_fields()
        if (is_day := isinstance(field.field, forms.DateField))
        or isinstance(field.field, forms.CharField)
        if (text := str(field.data or "").strip())
    ]


def _day_words(text: str) -> str:
    """A day as people write it; what is no day stays as it was typed."""
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    return zh_full(day) or text
