"""What can be known of the containers without a container engine.

The compose file against its schema; nobody is root and nothing is open that need not be;
and each of the portal's commands in it started for real, with the environment it gets there,
against PostgreSQL and Redis, its health check included.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from django.conf import settings
from django.db import connection

from tests.infra.processes import ROOT, Running, clean_environment, get, ready, running, until
from tests.servers import free_port

FILE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
OURS = ("web", "worker", "beat", "migrate")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_compose_file_follows_the_specification() -> None:
    schema = json.loads((ROOT / "tests/vendor/compose-spec.json").read_text(encoding="utf-8"))
    jsonschema.Draft201909Validator(schema).validate(FILE)


def test_the_parts_are_all_there() -> None:
    assert set(SERVICES) == {"proxy", "postgres", "redis", *OURS}
    assert set(FILE["volumes"]) == {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }
    for service in SERVICES.values():
        for needed in service.get("depends_on", {}):
            assert needed in SERVICES


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_is_root_or_can_become_it(name: str) -> None:
    service = SERVICES[name]
    user, group = (int(part) for part in service["user"].split(":"))
    assert user > 0
    assert group > 0
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")
    assert service.get("read_only") or name == "postgres"  # PostgreSQL writes beside its data


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_has_a_health_check(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries"} <= set(check)
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_the_schema_is_there_before_anybody_works() -> None:
    for name in ("web", "worker", "beat"):
        needs = SERVICES[name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"
    assert SERVICES["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert SERVICES["migrate"]["restart"] == "no"


def test_only_the_proxy_is_reachable_from_outside() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    assert FILE["networks"]["inside"]["internal"] is True
    outside = {name for name, service in SERVICES.items() if "outside" in service["networks"]}
    assert outside == {"proxy", "worker"}  # the worker sends the mail


def test_images_have_a_version() -> None:
    pattern = re.compile(r"^[a-z/-]+:\d+(\.\d+)*-\w+$")
    for name, service in SERVICES.items():
        if name not in OURS:
            assert pattern.match(service["image"]), service["image"]


def test_the_image_is_built_from_hashes_and_runs_as_nobody() -> None:
    stages = DOCKERFILE.split("\nFROM ")
    assert len(stages) == 4  # what stands above, build, fonts, the image
    installs = re.findall(r"pip install[^\n]*", DOCKERFILE)
    assert installs
    assert all("--require-hashes" in line for line in installs)
    last = stages[-1]
    assert "pip" not in last
    user = re.search(r"^USER (\d+):(\d+)$", last, re.M)
    assert user is not None
    assert f"{user[1]}:{user[2]}" == SERVICES["web"]["user"]
    assert "collectstatic" in stages[1]
    probe, command = (json.loads(found) for found in re.findall(r"^\s*CMD (\[.*\])$", last, re.M))
    assert ["CMD", *probe] == SERVICES["web"]["healthcheck"]["test"]
    assert command == SERVICES["web"]["command"]
    for source in re.findall(r"^COPY (?!--from)([^\n]+) \S+$", DOCKERFILE, re.M):
        for name in source.split():
            assert (ROOT / name).exists()
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".env", ".git", "var", ".venv", "deploy/certs"} <= set(ignored)


# -- the commands, for real --------------------------------------------------------------


class Deployment:
    """The portal's services of the compose file as processes of this machine."""

    def __init__(self, folder: Path, database: str, stack: ExitStack) -> None:
        self.folder = folder
        self.stack = stack
        self.port = free_port()
        self.database = database
        self.swaps = {
            "0.0.0.0:8000": f"127.0.0.1:{self.port}",
            "/tmp/beat-schedule": str(folder / "beat-schedule"),  # noqa: S108
            "/srv/media": str(folder / "media"),
            "/srv/static": str(folder / "static"),
        }

    def here(self, text: str) -> str:
        for there, instead in self.swaps.items():
            text = text.replace(there, instead)
        return text

    def environment(self, name: str) -> dict[str, str]:
        given = {key: self.here(value) for key, value in SERVICES[name]["environment"].items()}
        given["PORTAL_DATABASE_URL"] = self.database
        # A broker database of its own beside the one of the tests.
        given["PORTAL_BROKER_URL"] = settings.CELERY_BROKER_URL.rpartition("/")[0] + "/7"
        return clean_environment(
            # .env, as .env.example says it must be filled in
            PORTAL_SECRET_KEY="k7Qz-" * 15,
            PORTAL_RECEIPT_SECRET="r3Xt-" * 15,
            PORTAL_ALLOWED_HOSTS="portal.example.cn",
            PORTAL_BASE_URL="https://portal.example.cn",
            PORTAL_CSRF_TRUSTED_ORIGINS="https://portal.example.cn",
            PORTAL_PORT=str(self.port),
            PORTAL_WORKER_NAME=f"drill@{self.folder.name}",
            PORTAL_BEAT_SCHEDULE=str(self.folder / "beat-schedule"),
            **given,
        )

    def command(self, words: list[str]) -> list[str]:
        program, *rest = (self.here(str(word)) for word in words)
        return [str(Path(sys.executable).with_name(program)), *rest]

    def start(self, name: str, *more: str) -> Running:
        command = [*self.command(SERVICES[name]["command"]), *more]
        log = self.folder / f"{name}.log"
        return self.stack.enter_context(running(command, log, self.environment(name)))

    def collect_static_files(self) -> None:
        """As the image's build does, without the compression."""
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
            env={**self.environment("web"), "PORTAL_ENV": "demo"},
            cwd=ROOT,
            check=True,
        )

    def healthy(self, name: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(SERVICES[name]["healthcheck"]["test"][1:]),
            env=self.environment(name),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture
def deployment(transactional_db: None, tmp_path: Path) -> Iterator[Deployment]:
    name = f"deployment_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    url = os.environ["PORTAL_DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    try:
        with ExitStack() as stack:
            yield Deployment(tmp_path, url, stack)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.servers
@pytest.mark.drill
@pytest.mark.xdist_group("processes")
def test_every_command_starts_and_every_health_check_tells_the_truth(
    deployment: Deployment,
) -> None:
    for name in ("web", "worker", "beat"):
        early = deployment.healthy(name)
        assert early.returncode == 1, name
        assert early.stderr.strip(), "an unhealthy service says why"

    deployment.collect_static_files()
    migrate = deployment.start("migrate")
    assert migrate.process.wait(180) == 0, migrate.output

    web = deployment.start("web")
    worker = deployment.start("worker", "--hostname", f"drill@{deployment.folder.name}")
    beat = deployment.start("beat")
    for name in ("web", "worker", "beat"):
        until(lambda name=name: deployment.healthy(name).returncode == 0, f"{name} healthy")  # type: ignore[misc]

    address = f"http://127.0.0.1:{deployment.port}"
    by_proxy = {"Host": "portal.example.cn", "X_Forwarded_Proto": "https"}
    until(lambda: ready(address, **by_proxy), f"ready\n{worker.output}")
    assert get(f"{address}/admin/", **by_proxy)[0] == 302
    assert get(f"{address}/admin/", Host="portal.example.cn")[0] == 301  # to https
    assert get(f"{address}/healthz", Host="elsewhere.example.cn")[0] == 400

    # A line per request, and nothing about the person in it.
    get(f"{address}/healthz?name=someone", **by_proxy, User_Agent="curious", Referer="http://x.cn/")
    web.until_it_says("GET /healthz 200")
    for trace in ("127.0.0.1 -", "someone", "curious", "x.cn"):
        assert trace not in web.output.partition("Booting worker")[2]

    for process in (beat, worker, web):
        assert process.ask_to_stop() == 0, process.output


@pytest.mark.parametrize("arguments", [[], ["nobody"], ["web", "worker"]])
def test_a_health_check_of_nothing_explains_itself(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "deploy/healthcheck.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 64
    assert "healthcheck.py beat" in done.stderr


def test_a_stale_timetable_is_not_healthy(tmp_path: Path) -> None:
    timetable = tmp_path / "beat-schedule"
    timetable.touch()
    check = [sys.executable, "deploy/healthcheck.py", "beat"]
    environment = clean_environment(PORTAL_BEAT_SCHEDULE=str(timetable))
    assert subprocess.run(check, cwd=ROOT, env=environment).returncode == 0
    then = timetable.stat().st_mtime - 301
    os.utime(timetable, (then, then))
    done = subprocess.run(check, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "timetable written 30" in done.stderr
