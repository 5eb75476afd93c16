"""What holds for every template, whoever wrote it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portal.kernel.templatetags.ui import icon_names

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))

REFUSED = {
    "an inline style": re.compile(r"\sstyle\s*="),
    "a style element": re.compile(r"<style[\s>]"),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']"),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "an htmx handler, which needs eval": re.compile(r"\shx-on[:\-]|\shx-vals\s*=\s*[\"']js:"),
    "a script without a file": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>"),
    "an asset from elsewhere": re.compile(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//"),
    "two exclamation-happy words": re.compile(r"！"),
}


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_a_template_holds_nothing_the_content_security_policy_refuses(path: Path) -> None:
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text("utf-8"))
    found = [what for what, pattern in REFUSED.items() if pattern.search(text)]
    assert not found


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_every_icon_a_template_names_is_in_the_sprite(path: Path) -> None:
    used = set(re.findall(r"{%\s*icon\s+\"([^\"]+)\"", path.read_text("utf-8")))
    used |= set(re.findall(r"\bicon=\"([a-z0-9-]+)\"", path.read_text("utf-8")))
    assert used <= icon_names()


@pytest.mark.parametrize("path", SCRIPTS, ids=names(SCRIPTS))
def test_a_script_evaluates_no_text_and_writes_no_markup(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"\beval\(|new Function\(|innerHTML|outerHTML|document\.write", text)
    assert not re.search(r"https?://", text)


def test_every_icon_named_in_python_is_in_the_sprite() -> None:
    used: dict[str, str] = {}
    for folder in ("portal", "branches", "evaluations"):
        for path in (ROOT / folder).rglob("*.py"):
            for name in re.findall(r"\bicon=\"([^\"]+)\"", path.read_text("utf-8")):
                used[name] = str(path.relative_to(ROOT))
    assert {name: where for name, where in used.items() if name not in icon_names()} == {}
