"""``manage.py close_month``: take a month through every step that is left, up to publication."""

from __future__ import annotations

from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from branches.models import Committee
from evaluations.lifecycles import RoundStatus
from evaluations.models import MonthRound
from evaluations.services.publish import what_is_missing
from evaluations.services.sweep import advance_once, steps_left
from portal.kernel.errors import DomainError
from portal.kernel.months import Month

REFUSED, USAGE = 1, 2


def month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        raise ArgumentTypeError(f"月份请写成 2017-06 的样子，不是 {text}") from None


class Command(BaseCommand):
    help = """把一个月办完：开始互查、结束互查公示初评、发布通报，还差哪步办哪步。

平时由每分钟一次的 sweep 按日历自动办；本命令供手工补办。与按钮、定时任务用的是同一个
发布函数，多运行几遍、几处同时运行都没有坏处：已经发布的月份会说“已经发布”，退出码仍是 0。
没到日历上的日子就办，要用 --reason 写明原因，原因会记进轮次经过和审计记录。

例：
  manage.py close_month --month 2017-06 --dry-run           只说还差什么，不办
  manage.py close_month --month 2017-06                     办到发布
  manage.py close_month --month 2017-06 --committee 晋江公司党委 --reason 台风停工，提前办结

退出码：0 已发布（包括早已发布）；1 有党委没办成，原因见输出；2 参数不对。"""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--month", type=month, required=True, metavar="年-月", help="哪个月，例如 2017-06"
        )
        parser.add_argument("--committee", metavar="党委", help="只办这个党委（写全名）")
        parser.add_argument("--reason", default="", metavar="原因", help="早于日历办理的原因")
        parser.add_argument("--dry-run", action="store_true", help="只说会办什么，不办")

    def handle(self, *args: Any, **options: Any) -> None:
        rounds = self._rounds(options["month"], options["committee"])
        refused = 0
        for round_ in rounds:
            self.stdout.write(f"{round_.committee} {round_.label}")
            if round_.is_published:
                self.stdout.write(f"  已经发布（{self._when(round_)}）")
                continue
            for sentence in what_is_missing(round_):
                self.stdout.write(f"  注意：{sentence}")
            if options["dry_run"]:
                for label in steps_left(round_):
                    self.stdout.write(f"  将办：{label}")
                continue
            refused += not self._close(round_, options["reason"])
        if refused:
            raise CommandError(f"{refused} 个党委没有办成。", returncode=REFUSED)

    def _rounds(self, wanted: Month, committee: str | None) -> list[MonthRound]:
        rounds = MonthRound.objects.filter(month=wanted.first_day).select_related(
            "committee", "policy"
        )
        if committee is not None:
            if not Committee.objects.filter(name=committee).exists():
                known = "、".join(Committee.objects.values_list("name", flat=True))
                raise CommandError(f"没有“{committee}”。现有：{known}", returncode=USAGE)
            rounds = rounds.filter(committee__name=committee)
        found = list(rounds.order_by("committee__sort_order", "committee_id"))
        if not found:
            raise CommandError(
                f"{wanted.label}还没有开启轮次，没有检查可以通报。", returncode=REFUSED
            )
        return found

    def _close(self, round_: MonthRound, reason: str) -> bool:
        """Step by step until it is published or somebody says no."""
        if not round_.inspections.done().exists():
            self.stdout.write("  没办：本月没有一张已提交的评分表。")
            return False
        while round_.status != RoundStatus.PUBLISHED:
            try:
                said = advance_once(
                    round_=round_, actor=None, now=timezone.now(), via="command", reason=reason
                )
            except (DomainError, PermissionDenied) as refusal:
                before = round_.status
                round_.refresh_from_db()
                if round_.status != before:
                    continue  # somebody else took this very step
                self.stdout.write(f"  没办：{refusal}")
                return False
            self.stdout.write(f"  完成：{said}")
            round_.refresh_from_db()
        return True

    def _when(self, round_: MonthRound) -> str:
        run = round_.runs.order_by("-revision")[0]
        return (
            f"{timezone.localtime(run.published_at):%Y-%m-%d %H:%M}，{run.entry_count} 个单位，"
            f"摘要 {run.digest[:16]}"
        )
