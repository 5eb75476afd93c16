"""What a start refuses, and that nothing is read from the environment in secret."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LONG_SECRET = "k7Qz-" * 15
SAFE = {
    "PORTAL_SECRET_KEY": LONG_SECRET,
    "PORTAL_RECEIPT_SECRET": "r3Xt-" * 15,
    "PORTAL_DATABASE_URL": "postgres://portal:x@127.0.0.1:1/portal",
    "PORTAL_ALLOWED_HOSTS": "portal.example.cn",
}


def start(**changes: str) -> subprocess.CompletedProcess[str]:
    """Read the settings in a process of their own, as a production start does."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "DJANGO_"))}
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from django.conf import settings as s; "
            "print(s.PORTAL_ENV, s.DEBUG, s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT);"
            "print(getattr(s, 'EMAIL_FILE_PATH', ''))",
        ],
        env={
            **inherited,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            **{k: v for k, v in {**SAFE, **changes}.items() if v != "(unset)"},
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_production_is_what_an_empty_environment_means() -> None:
    done = start()
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].split() == ["production", "False", "True", "True"]


def test_a_folder_for_mail_is_where_it_says_wherever_the_process_starts() -> None:
    done = start(PORTAL_EMAIL_URL="filemail:///srv/portal/mail")
    assert done.stdout.splitlines()[-1] == "/srv/portal/mail"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"PORTAL_DEBUG": "true"}, "PORTAL_DEBUG is on"),
        ({"PORTAL_SECRET_KEY": "(unset)"}, "PORTAL_SECRET_KEY is missing or shorter"),
        (
            {"PORTAL_SECRET_KEY": "not-a-secret-only-for-demo-and-tests"},
            "PORTAL_SECRET_KEY is missing or shorter",
        ),
        ({"PORTAL_SECRET_KEY": LONG_SECRET[:49]}, "PORTAL_SECRET_KEY is missing or shorter"),
        ({"PORTAL_DATABASE_URL": "(unset)"}, "PORTAL_DATABASE_URL is SQLite"),
        ({"PORTAL_DATABASE_URL": "sqlite:////tmp/x.sqlite3"}, "PORTAL_DATABASE_URL is SQLite"),
        ({"PORTAL_ENV": "staging"}, "PORTAL_ENV must be production, demo or test"),
        # One word is not the other word.
        (
            {"PORTAL_DEBUG": "true", "PORTAL_ALLOW_SQLITE_IN_PRODUCTION": "true"},
            "PORTAL_DEBUG is on",
        ),
    ],
)
def test_an_unsafe_start_is_refused_in_a_sentence(changes: dict[str, str], sentence: str) -> None:
    done = start(**changes)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert LONG_SECRET[:49] not in done.stderr


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        (
            {"PORTAL_DEBUG": "true", "PORTAL_ALLOW_DEBUG_IN_PRODUCTION": "true"},
            ["production", "True", "True", "True"],
        ),
        (
            {"PORTAL_DATABASE_URL": "(unset)", "PORTAL_ALLOW_SQLITE_IN_PRODUCTION": "true"},
            ["production", "False", "True", "True"],
        ),
        ({"PORTAL_HTTPS": "false"}, ["production", "False", "False", "False"]),
        ({"PORTAL_ENV": "demo"}, ["demo", "False", "False", "False"]),
    ],
)
def test_each_way_round_must_be_spelt_out(changes: dict[str, str], answer: list[str]) -> None:
    done = start(**changes)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].split() == answer


def test_every_variable_is_listed_in_the_example() -> None:
    listed = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    read = {
        name
        for source in [*(ROOT / "portal").rglob("*.py"), *(ROOT / "deploy").glob("*.py")]
        for name in re.findall(r"env(?:iron)?[\w.]*\(\s*\"(PORTAL_[A-Z_]+)\"", source.read_text())
    }
    read |= set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    inside_containers = {"PORTAL_PORT", "PORTAL_WORKER_NAME", "PORTAL_BEAT_SCHEDULE"}
    compose_itself = {"COMPOSE_PROJECT_NAME"}
    assert read - inside_containers == listed - compose_itself
