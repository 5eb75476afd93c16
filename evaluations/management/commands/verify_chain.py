"""``manage.py verify_chain``: recompute every digest of every published month."""

from __future__ import annotations

import sys
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evaluations import chain

WIDTH = 30


class Command(BaseCommand):
    help = """逐期重算摘要，核对已发布的月份有没有被改动过。

每期通报的摘要 = SHA-256（上期摘要 + 本期各单位名次行 + 本期各评分表的封存摘要），印在通报上。
本命令从数据库现有的行重算，与存下的比对；再逐张重算评分表的封存摘要。绕过门户直接改库，
从被改的那一期起对不上。最后一期的摘要请与纸质通报上印的核对：那是库外的凭据。

例：
  manage.py verify_chain
  manage.py verify_chain --no-sheets      只核对各期，不逐张核对评分表（快）

退出码：0 全部相符；1 对不上，输出第一处。"""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-sheets", action="store_true", help="不逐张核对评分表")

    def handle(self, *args: Any, **options: Any) -> None:
        total = chain.length(sheets=not options["no_sheets"])
        digest, runs = "", 0
        for number, link in enumerate(chain.verify(sheets=not options["no_sheets"]), start=1):
            self._progress(number, total)
            if link.problem:
                self._progress(None, total)
                raise CommandError(f"对不上：{link.name}。{link.problem}", returncode=1)
            if link.digest:
                digest, runs = link.digest, runs + 1
        self._progress(None, total)
        if not runs:
            self.stdout.write("还没有发布过通报。")
            return
        self.stdout.write(f"全部相符：{runs} 期通报，共核对 {total} 项。")
        self.stdout.write(f"最后一期摘要：{digest}")

    def _progress(self, done: int | None, total: int) -> None:
        """A bar on the terminal; nothing in a log file."""
        if not sys.stderr.isatty():
            return
        if done is None:
            self.stderr.write("\r" + " " * (WIDTH + 30) + "\r", ending="")
        elif done % 20 == 0 or done == total:
            full = WIDTH * done // max(total, 1)
            bar = "█" * full + "░" * (WIDTH - full)
            self.stderr.write(f"\r{bar} {done}/{total}", ending="")
