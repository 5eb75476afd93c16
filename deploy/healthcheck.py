"""What the containers' health checks ask. Exit code 0 is healthy; a sentence says why not.

python deploy/healthcheck.py web      the process answers /healthz
python deploy/healthcheck.py worker   this worker answers a ping through the broker
python deploy/healthcheck.py beat     the timetable was written in the last five minutes
"""

from __future__ import annotations

import os
import sys
import time
import urllib.request
from pathlib import Path

TIMETABLE_SECONDS = 300  # beat writes it every three minutes


def web() -> str:
    hosts = os.environ.get("PORTAL_ALLOWED_HOSTS", "localhost").split(",")
    port = os.environ.get("PORTAL_PORT", "8000")
    question = urllib.request.Request(
        f"http://127.0.0.1:{port}/healthz", headers={"Host": hosts[0].strip().lstrip(".")}
    )
    with urllib.request.urlopen(question, timeout=5) as answer:  # noqa: S310 - own address
        return "" if answer.status == 200 else f"status {answer.status}"


def worker() -> str:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from celery.utils.nodenames import default_nodename

    from portal.celery import app

    name = default_nodename(os.environ.get("PORTAL_WORKER_NAME", ""))
    answers = app.control.ping(destination=[name], timeout=5)
    return "" if answers else f"{name} does not answer"


def beat() -> str:
    timetable = Path(os.environ.get("PORTAL_BEAT_SCHEDULE", "/tmp/beat-schedule"))  # noqa: S108
    # Depending on Python's dbm it is one file of this name or several with an ending.
    written = [file.stat().st_mtime for file in timetable.parent.glob(f"{timetable.name}*")]
    if not written:
        return f"{timetable} is not there"
    age = time.time() - max(written)
    return "" if age < TIMETABLE_SECONDS else f"timetable written {age:.0f} seconds ago"


def main() -> int:
    checks = {"web": web, "worker": worker, "beat": beat}
    check = checks.get(sys.argv[1] if len(sys.argv) == 2 else "")
    if check is None:
        print(__doc__, file=sys.stderr)
        return 64
    try:
        trouble = check()
    except Exception as error:
        trouble = f"{type(error).__name__}: {error}"
    if trouble:
        print(trouble, file=sys.stderr)
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main())
