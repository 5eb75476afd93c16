"""The scripts a colleague types: nothing is done twice, and what is missing is named."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests import servers
from tests.infra.processes import ROOT, clean_environment

SCRIPTS = ("bootstrap", "check", "demo", "drill", "fonts", "lock", "postgres", "test", "try-clone")
# Chinese that nobody marked, put together here so that this file itself stays out of the game.
UNMARKED = "<p>{}</p>".format("未标")


@pytest.fixture(scope="module")
def house() -> ModuleType:
    spec = importlib.util.spec_from_file_location("house", ROOT / "script" / "house.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", SCRIPTS)
def test_help_is_quick_and_changes_nothing(name: str, tmp_path: Path) -> None:
    """From a tree without an environment: asking costs nothing."""
    shutil.copytree(ROOT / "script", tmp_path / "script")
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "servers.py", tmp_path / "tests")
    shutil.copy(ROOT / "tests" / "__init__.py", tmp_path / "tests")
    done = subprocess.run(
        [str(tmp_path / "script" / name), "--help"],
        cwd=tmp_path,
        env=clean_environment(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) >= 2
    assert "#" not in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["script", "tests"]


def test_bootstrap_does_nothing_where_all_is_there(tmp_path: Path) -> None:
    """The stamp decides; a changed requirements file asks for work."""
    shutil.copytree(ROOT / "script", tmp_path / "script")
    for name in ("requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path)
    calls = tmp_path / "calls"
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\necho "$*" >> {calls}\n')
    python.chmod(0o755)
    (tmp_path / ".venv" / "bin" / "uv").symlink_to(python)

    def bootstrap(*arguments: str) -> int:
        calls.write_text("")
        subprocess.run([tmp_path / "script" / "bootstrap", *arguments], check=True)
        return sum(" install " in line for line in calls.read_text().splitlines())

    assert bootstrap() == 2  # uv, then the requirements through it
    assert bootstrap() == 0
    assert bootstrap("--dev") == 2
    assert bootstrap("--dev") == 0
    assert bootstrap() == 0  # development contains what runs the portal
    with (tmp_path / "requirements.txt").open("a") as file:
        file.write("# changed\n")
    assert bootstrap() == 2


def test_postgres_without_a_command_explains_itself() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "script" / "postgres")], capture_output=True, text=True
    )
    assert done.returncode == 64
    assert "script/postgres" in done.stdout


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter(()))
    with pytest.raises(servers.ServerMissing, match=r"PostgreSQL \(initdb\)"):
        servers.postgres_programs()
    with pytest.raises(servers.ServerMissing, match=r"Redis \(redis-server\)"):
        servers.redis_program()


@pytest.mark.servers
def test_postgres_starts_both_servers_for_one_command() -> None:
    question = (
        "import os, psycopg2, redis\n"
        "database = psycopg2.connect(os.environ['PORTAL_DATABASE_URL']).cursor()\n"
        "database.execute('SHOW lc_ctype')\n"
        "print(database.fetchone()[0], redis.from_url(os.environ['PORTAL_BROKER_URL']).ping())\n"
        "raise SystemExit(3)\n"
    )
    done = subprocess.run(
        [sys.executable, str(ROOT / "script" / "postgres"), sys.executable, "-c", question],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.stdout == "C.UTF-8 True\n", done.stderr
    assert done.returncode == 3


@pytest.mark.parametrize("ci", ["true", ""])
def test_without_a_browser_journeys_are_left_out_aloud_but_never_in_ci(ci: str) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("--collect-only", "tests/infra/test_browser.py", "tests/infra/test_health.py"),
        ],
        cwd=ROOT,
        env=clean_environment(CHROMIUM="/nonexistent/chromium", CI=ci),
        capture_output=True,
        text=True,
        timeout=120,
    )
    said = done.stdout + done.stderr
    if ci:
        assert done.returncode == 4
        assert "Chromium not found at /nonexistent/chromium; with CI=true that fails." in said
    else:
        assert done.returncode == 0
        assert "left out: Chromium not found at /nonexistent/chromium: 4 browser tests" in said
        assert "test_health.py" in done.stdout


# -- the house rules see what they are for ---------------------------------------------------


def test_the_tree_keeps_the_house_rules_on_requirements(house: ModuleType) -> None:
    assert list(house.requirements()) == []


def test_a_pin_out_of_step_is_seen(
    house: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = " --hash=sha256:00"
    (tmp_path / "requirements.in").write_text("django~=5.2.19\ncelery~=5.7.0\ntqdm\n")
    (tmp_path / "requirements.txt").write_text(f"django==5.1.0{hashed}\ntqdm==4.0\n")
    (tmp_path / "requirements-dev.in").write_text("-r requirements.in\n")
    (tmp_path / "requirements-dev.txt").write_text(
        f"django==5.2.20{hashed}\ncelery==5.7.1{hashed}\ntqdm==4.0{hashed}\n"
    )
    monkeypatch.setattr(house, "ROOT", tmp_path)
    assert list(house.requirements()) == [
        "requirements.txt: django~=5.2.19 but pinned is 5.1.0; run script/lock",
        "requirements.txt: celery~=5.7.0 is missing; run script/lock",
        "requirements.txt: tqdm has no hash",
        "requirements-dev.txt: django is not 5.1.0 as in requirements.txt",
    ]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (UNMARKED, True),
        ('<a title="未标">x</a>', True),
        ('{% button label="未标" %}', True),
        ('{{ name|default:"未标" }}', True),
        ('{% translate "已标" %}', False),
        ('<a title="{% translate "已标" %}">{{ name|default:_("已标") }}</a>', False),
        ('{% button label=_("已标") %}', False),
        (
            "{% blocktranslate count n=n %}{{ n }} 件{% plural %}{{ n }} 件{% endblocktranslate %}",
            0,
        ),
        ('{{ day|date:"Y年n月j日" }} {% now "Y年" %}', False),
        ("<code>2027-02-06,休,春节</code>{# data #}", False),
        ("{# 说明 #}{% comment %}说明{% endcomment %}<!-- 说明 -->", False),
    ],
)
def test_an_unmarked_text_is_seen(
    house: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, seen: bool
) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "page.html").write_text(f"<h1>x</h1>\n{text}\n", encoding="utf-8")
    monkeypatch.setattr(house, "ROOT", tmp_path)
    monkeypatch.setattr(house, "tracked", lambda: ["templates/page.html"])
    found = list(house.words())
    assert bool(found) is bool(seen)
    assert all(line.startswith("templates/page.html:2:") for line in found)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("see https://{}.org/simple".format("py" + "pi"), True),
        ("pip install --{}-url x".format("index"), True),
        ("cd /{}/someone/portal".format("home"), True),
        ("cd /{}/main".format("work"), True),
        ("https://docs.djangoproject.com and /srv/media and branches/work/x", False),
    ],
)
def test_a_trace_of_a_machine_is_seen(
    house: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, seen: bool
) -> None:
    (tmp_path / "a.md").write_text(text)
    monkeypatch.setattr(house, "ROOT", tmp_path)
    monkeypatch.setattr(house, "tracked", lambda: ["a.md"])
    assert bool(list(house.traces())) is seen


def test_scripts_are_executable() -> None:
    for name in SCRIPTS:
        assert os.access(ROOT / "script" / name, os.X_OK)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
