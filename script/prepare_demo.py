"""One process that prepares the demo: migrate, static files, the company, its accounts."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def throw_away_database() -> None:
    """Remove the demo's own SQLite file and what SQLite keeps beside it."""
    from django.db import connection

    connection.close()
    file = Path(connection.settings_dict["NAME"])
    for part in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        part.unlink(missing_ok=True)


def main(accounts_file: Path) -> None:
    import django

    django.setup()

    from django.core.management import call_command

    from portal.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
    from portal.demo.build import Stage, stage

    print("Preparing the database.", flush=True)
    call_command("migrate", verbosity=0, interactive=False)
    print("Preparing the pages.", flush=True)
    call_command("collectstatic", verbosity=0, interactive=False)
    if stage() == Stage.HALF_BUILT:
        print("The last build was interrupted: starting over.", flush=True)
        throw_away_database()
        call_command("migrate", verbosity=0, interactive=False)
    if stage() == Stage.EMPTY:
        print("Building the demo company.", flush=True)
        call_command("build_demo")
    accounts_file.write_text(
        json.dumps(
            {
                "password": DEMO_PASSWORD,
                "accounts": [
                    [one.username, one.display_name, str(one.role), str(one.to_try)]
                    for one in DEMO_ACCOUNTS
                ],
            },
            ensure_ascii=False,
            indent=1,
        ),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
