"""``manage.py sweep``: do now what the clock would do within the minute."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.kernel import sweep


class Command(BaseCommand):
    help = """把到期该做的事做一遍：到点的月度轮次、逾期提醒、没发出去的邮件。

平时由 Celery beat 每分钟叫一次；队列或 beat 停了的时候，可以手工运行，也可以交给 cron。
多运行几遍没有坏处：每件事都先问数据库做过没有。某一步失败不影响其他步骤。

例：
  manage.py sweep                 全部步骤
  manage.py sweep --list          有哪些步骤、上次什么时候做的
  manage.py sweep --only outbox   只做一步

退出码：0 全部正常；1 有步骤失败（原因见输出和日志）；2 没有这个步骤。"""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", metavar="步骤", help="只做这一步（名称见 --list）")
        parser.add_argument("--list", action="store_true", help="列出步骤，不做")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self._list()
            return
        try:
            results = sweep.run(now=timezone.now(), only=options["only"])
        except KeyError:
            known = "、".join(step.name for step in sweep.steps())
            raise CommandError(
                f"没有“{options['only']}”这个步骤。现有：{known}", returncode=2
            ) from None
        for result in results:
            self.stdout.write(
                f"{'完成' if result.ok else '失败'}  {result.label}（{result.name}）  "
                f"{result.outcome}"
            )
        failed = [result.name for result in results if not result.ok]
        if failed:
            raise CommandError(f"{len(failed)} 个步骤失败：{'、'.join(failed)}", returncode=1)

    def _list(self) -> None:
        beats = sweep.heartbeats()
        for step in sweep.steps():
            beat = beats.get(f"{sweep.SWEEP}.{step.name}")
            last = "从未运行"
            if beat and beat.finished_at:
                last = f"{timezone.localtime(beat.finished_at):%Y-%m-%d %H:%M:%S}  {beat.outcome}"
            self.stdout.write(f"{step.name:<16} {step.label}  {last}")
