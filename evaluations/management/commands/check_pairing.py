"""``manage.py check_pairing``: judge a pairing certificate without the engine that made it."""

from __future__ import annotations

import json
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evaluations import pairing
from evaluations.pairing_certificate import plan_of, task_of
from evaluations.pairing_check import check
from evaluations.services.certificates import named_fault


class Command(BaseCommand):
    help = """校验抽签证书：每条硬规则、每组次数、放宽的次序、输入摘要，逐条重查。
校验程序与抽签程序各写各的，不共用代码。

例：
  manage.py check_pairing pairing-2017-06-1.json
  manage.py check_pairing pairing-2017-06-1.json --redraw    再按种子重抽一遍，应得同样的结果

退出码：0 全部符合；1 有不符，逐条列出。"""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="证书文件")
        parser.add_argument("--redraw", action="store_true", help="按种子重抽一遍比对")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            given = json.loads(options["file"].read_text(encoding="utf-8"))
            faults = check(given)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"读不懂这份证书：{error}", returncode=1) from error
        names = given.get("names", {})
        for fault in faults:
            self.stdout.write("不符：" + named_fault(fault, names))
        if faults:
            raise CommandError(f"共 {len(faults)} 处不符。", returncode=1)
        self.stdout.write(f"全部符合：{len(given['plan'])} 次检查，种子 {given['seed']}")
        for relaxed in given["relaxations"]:
            self.stdout.write(f"  放宽：{relaxed['step']} {relaxed['value'] or ''}".rstrip())
        for branch, count in given["unfilled"].items():
            self.stdout.write(f"  缺组：{names.get(branch, branch)} {count} 次")
        if options["redraw"]:
            again = pairing.draw(task_of(given))
            if again != plan_of(given):
                raise CommandError("按种子重抽，结果不同。", returncode=1)
            self.stdout.write("按种子重抽，结果相同。")
