"""``manage.py import_workdays``: load China's working-day calendar."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.kernel.errors import DomainError
from portal.workdays.services import import_years


class Command(BaseCommand):
    help = """把国家法定节假日和调休上班日读进工作日历（来源：已安装的 holidays 包）。

新建的数据库已经自带 2016 至 2027 年；每年国务院办公厅发布下一年的通知、升级 holidays
包之后，再运行一次即可。已经核定的年份保持不动，除非加 --overwrite。
通知尚未收进 holidays 包的年份只按惯例推算，页面上会提示“待核定”。

例：
  manage.py import_workdays --first 2016 --last 2027
  manage.py import_workdays --first 2027 --last 2027 --overwrite

退出码：0 完成；1 年份范围不对。"""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--first", type=int, required=True, help="起始年份，例如 2016")
        parser.add_argument("--last", type=int, required=True, help="结束年份，例如 2027")
        parser.add_argument(
            "--overwrite", action="store_true", help="已核定的年份也重新读入（会丢掉手工改动）"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            years = import_years(
                first=options["first"],
                last=options["last"],
                overwrite=options["overwrite"],
                actor=None,
                now=timezone.now(),
                via="command",
            )
        except DomainError as error:
            raise CommandError(error.message, returncode=1) from error
        for year in years:
            state = "已核定" if year.is_confirmed else "推算，待核定"
            action = "保持不动" if year.left else "已读入"
            self.stdout.write(
                f"{year.year}  {action}  放假 {year.holidays} 天，调休上班 "
                f"{year.makeup_days} 天  {state}"
            )
