"""``manage.py recompute_month``: a published month, worked out again from its bundle."""

from __future__ import annotations

import json
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evaluations import bundle
from evaluations.models import RankingRun
from portal.kernel.errors import DomainError


class Command(BaseCommand):
    help = """用 export_month 导出的数据包重算一个已通报的月份：重新校正、重新排名，
算出的摘要应与通报上印的一致。重算在内存里做，不读也不改门户的数据库；
库里正好有这一期时，顺带核对库里的摘要。

例：
  manage.py recompute_month 六月.json

退出码：0 一致；1 不一致，或文件读不懂。"""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="数据包")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            given = json.loads(options["file"].read_text(encoding="utf-8"))
            found = bundle.recompute(given)
        except (OSError, ValueError, KeyError, TypeError, DomainError) as error:
            raise CommandError(f"读不懂这个数据包：{error}", returncode=1) from error
        self.stdout.write(
            f"{given['month']} 第{given['run']['revision']}次发布：重算 {found.entries} 个单位，"
            f"其中 {found.corrected} 个有校正。"
        )
        if not found.agrees:
            raise CommandError(
                f"不一致：数据包写的是 {found.expected}，重算得 {found.digest}", returncode=1
            )
        self.stdout.write(f"摘要一致：{found.digest}")
        if RankingRun.objects.filter(digest=found.digest).exists():
            self.stdout.write("门户数据库里的这一期也是这个摘要。")
