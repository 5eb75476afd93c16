"""Count every turnout anew and put the monthly tally right, if it was wrong."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from servicecrew.tallies import recount


class Command(BaseCommand):
    help = "重新清点出队：按逐行的口径核对月度计数，不一致的改正。一致时退出码为 0。"

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            wrong = recount()
        if wrong:
            self.stderr.write(f"有{wrong}处月度计数与逐行清点不一致，已改正。")
            raise SystemExit(1)
        self.stdout.write("月度计数与逐行清点一致。")
