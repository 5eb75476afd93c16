"""``manage.py export_month``: the bundle of a published month, for ``recompute_month``."""

from __future__ import annotations

import json
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evaluations import bundle
from evaluations.models import RankingRun
from portal.kernel.months import Month


class Command(BaseCommand):
    help = """把一个已通报的月份导出成数据包：细则、各单位当月情况、评分表、到发布时已复核的申诉、
近12个月各组打分、上月名次。不含事实文字和姓名以外的个人资料。

例：
  manage.py export_month 2017-06 六月.json
  manage.py export_month 2017-06 六月.json --committee 晋江公司党委 --revision 1

退出码：0 已导出；1 没有这个月的通报。"""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", help="月份，如 2017-06")
        parser.add_argument("file", type=Path, help="写到哪个文件")
        parser.add_argument("--committee", help="党委名称；不写为最高一级")
        parser.add_argument("--revision", type=int, help="第几次发布；不写为最近一次")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            month = Month.parse(options["month"])
        except ValueError:
            raise CommandError("月份请写成 2017-06 的样子。", returncode=1) from None
        runs = RankingRun.objects.filter(round__month=month.first_day)
        if options["committee"]:
            runs = runs.filter(round__committee__name=options["committee"])
        if options["revision"]:
            runs = runs.filter(revision=options["revision"])
        run = runs.order_by(
            "round__committee__sort_order", "round__committee_id", "-revision"
        ).first()
        if run is None:
            raise CommandError(f"{month.label}没有通报。", returncode=1)
        text = json.dumps(bundle.export(run), ensure_ascii=False, indent=0)
        options["file"].write_text(text + "\n", encoding="utf-8")
        self.stdout.write(f"已导出 {run}：{options['file']}，摘要 {run.digest}")
