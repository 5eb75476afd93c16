"""How long does it take to replay twelve months under other rules?

    script/postgres .venv/bin/python benchmarks/what_if.py
    script/postgres .venv/bin/python benchmarks/what_if.py --organisations 3000

Builds a company in a database of its own, publishes its month as the task does, and replays that
month twelve times, with every knob turned: a rubric version, one team, corrected scores, another
share of the general branches. A page asks for the months one by one, so this is the sum of what
it waits for. Wanted: twelve months of 256 organisations under 10 s.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.publish import address, administer

MONTHS = 12


def measure(organisations: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks.big_company import NOW
    from benchmarks.big_company import build as build_company
    from evaluations.models import RubricVersion
    from evaluations.selectors.what_if import Terms, replay
    from evaluations.services.publish import publish_round

    call_command("migrate", verbosity=0)
    round_ = build_company(organisations)
    publish_round(round_id=round_.pk, actor=None, now=NOW, via="task")
    round_.refresh_from_db()
    version = RubricVersion.objects.get(rubric__subject="production")
    began = time.perf_counter()
    for _month in range(MONTHS):
        found = replay(round_, Terms(version, teams=1, basis="corrected", own_share=30))
    return {
        "seconds": time.perf_counter() - began,
        "branches": found.branches,
        "moved": found.moved,
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--organisations", type=int, default=256)
    size = parser.parse_args().organisations
    if not os.environ.get("PORTAL_DATABASE_URL", "").startswith("postgres"):
        print("needs PostgreSQL: script/postgres .venv/bin/python benchmarks/what_if.py")
        return 2
    name = f"what_if_{size}"
    administer(f"DROP DATABASE IF EXISTS {name}")
    administer(f"CREATE DATABASE {name}")
    os.environ["PORTAL_DATABASE_URL"] = address(name)
    found = measure(size)
    print(json.dumps(found))
    print(f"{MONTHS} months of {size} organisations: {found['seconds']:.1f} s")
    return 0 if found["seconds"] < 10 else 1


if __name__ == "__main__":
    sys.exit(main())
