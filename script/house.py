"""House rules that no ready-made linter knows. Called by script/check.

* requirements.txt fits requirements.in, every line of it carries hashes, and the development
  file agrees with it;
* no tracked file names a package index or a path of somebody's machine;
* every Chinese text in a template is marked for translation; a line that holds data and no
  words (a sample, a date format in a tag) says so with ``{# data #}``.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
FOREIGN = ("static/vendor/", "tests/vendor/", "script/vendored/sha256.json")


# -- requirements ----------------------------------------------------------------------------


def wanted(name: str) -> Iterator[Requirement]:
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("-r "):
            yield from wanted(line[3:].strip())
        elif line:
            yield Requirement(line)


def pinned(name: str) -> dict[str, tuple[Version, bool]]:
    """Name -> version and whether the entry has a hash."""
    found: dict[str, tuple[Version, bool]] = {}
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[.*?\])?==([^\s;]+)(.*)", line):
            package, version, rest = match.groups()
            found[canonicalize_name(package)] = (Version(version), "--hash=sha256:" in rest)
    return found


def requirements() -> Iterator[str]:
    for name in ("requirements", "requirements-dev"):
        pins = pinned(f"{name}.txt")
        for requirement in wanted(f"{name}.in"):
            pin = pins.get(canonicalize_name(requirement.name))
            if pin is None:
                yield f"{name}.txt: {requirement} is missing; run script/lock"
            elif pin[0] not in requirement.specifier:
                yield f"{name}.txt: {requirement} but pinned is {pin[0]}; run script/lock"
        yield from (f"{name}.txt: {p} has no hash" for p, (_, hashed) in pins.items() if not hashed)
    runtime, development = pinned("requirements.txt"), pinned("requirements-dev.txt")
    for package, (version, _) in runtime.items():
        if development.get(package, (None, True))[0] != version:
            yield f"requirements-dev.txt: {package} is not {version} as in requirements.txt"


# -- traces of a machine ---------------------------------------------------------------------

TRACES = {
    "package index": re.compile(
        r"https?://[\w.-]*(?:pypi|npm|pythonhosted|artifact|nexus|mirror)|--(?:extra-)?index-url"
    ),
    "path of a machine": re.compile(r"(?<![\w.])/(?:root|work|home/\w+|Users/\w+|tmp/w)/"),
}


def tracked() -> list[str]:
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def traces() -> Iterator[str]:
    for name in tracked():
        if name.startswith(FOREIGN):
            continue
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for what, pattern in TRACES.items():
                if found := pattern.search(line):
                    yield f"{name}:{number}: {what}: {found.group()}"


# -- words in templates ----------------------------------------------------------------------

CHINESE = re.compile(r"[\u4e00-\u9fff]")
COMMENTS = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}|<!--.*?-->", re.S)
TRANSLATED = re.compile(
    r"\{%\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}"
    r"|\{%\s*trans(?:late)?\b.*?%\}"
    r"|_\((?:\"[^\"]*\"|'[^']*')\)"
    r"|\|(?:date|time):\"[^\"]*\"|\{%\s*now\b.*?%\}",
    re.S,
)
DATA = re.compile(r"^.*\{# data #\}.*$", re.M)


def _blank(match: re.Match[str]) -> str:
    return "\n" * match.group().count("\n")


def words() -> Iterator[str]:
    for name in tracked():
        if not name.endswith((".html", ".txt")) or "templates/" not in name:
            continue
        text = DATA.sub("", (ROOT / name).read_text(encoding="utf-8"))
        text = COMMENTS.sub(_blank, text)
        for number, line in enumerate(TRANSLATED.sub(_blank, text).splitlines(), 1):
            if CHINESE.search(line):
                yield f"{name}:{number}: not marked for translation: {line.strip()[:80]}"


def main() -> int:
    complaints = [*requirements(), *traces(), *words()]
    print("\n".join(complaints))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
