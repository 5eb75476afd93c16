"""manage.py build_demo: fill an empty database with the demo company."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from portal.demo.build import MONTHS, SEED, build_demo, planned, refuse_if_not_empty, steps
from portal.kernel.errors import DomainError
from portal.kernel.months import local_date


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"日期请写成 2017-06-27 的样子，不是 {text}") from None


class Command(BaseCommand):
    help = (
        "在空库里建演示公司：组织、人员、账号、记录、轮次、评分表、通报、整改通知书。"
        "不带参数时是文档里的国网泉州供电公司（21个组织、401名党员，另有各县公司），"
        "往回12个月，本月办到一半；同样的参数每次建出同样的数据。"
        "库里已有资料时不动手，退出码为1。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--organisations",
            type=int,
            metavar="N",
            help="改建有 N 个党组织的公司（泉州实有 256 个），类型按 13:4:4 分；至少 3 个",
        )
        parser.add_argument(
            "--seed", type=int, default=SEED, help="种子，决定姓名和分数（默认 %(default)s）"
        )
        parser.add_argument(
            "--months",
            type=int,
            metavar="M",
            help=f"连同本月共几个月；默认 {MONTHS}，指定 --organisations 时默认 2",
        )
        parser.add_argument(
            "--today",
            type=_day,
            metavar="YYYY-MM-DD",
            help="演示停在哪一天的早上（默认今天）；20日前，手上的是上个月",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = None if options["today"] else timezone.now().replace(second=0, microsecond=0)
        today = local_date(now) if now else options["today"]
        organisations: int | None = options["organisations"]
        months: int = options["months"] or (MONTHS if organisations is None else 2)
        if organisations is not None and organisations < 3:
            raise CommandError("至少要 3 个党组织，三种类型各一个。")
        try:
            refuse_if_not_empty()
            plan = planned(seed=options["seed"], organisations=organisations)
            with tqdm(
                total=steps(plan, today=today, months=months),
                desc="建演示公司",
                unit="步",
                disable=None if options["verbosity"] else True,
            ) as bar:
                built = build_demo(
                    today=today,
                    now=now,
                    seed=options["seed"],
                    organisations=organisations,
                    months=months,
                    advance=bar.update,
                )
        except DomainError as refusal:
            raise CommandError(str(refusal), returncode=1) from None
        if options["verbosity"]:
            self.stdout.write(
                f"建好了：{built.organisations}个组织，{built.members}名党员，"
                f"{built.accounts}个账号，{built.visits}次检查，手上的是{built.month.label}。"
            )
