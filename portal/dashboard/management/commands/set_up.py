"""``manage.py set_up``: the first things a new portal needs, once."""

from __future__ import annotations

from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from branches.models import Committee, Role
from branches.services import accounts, organisation
from evaluations.services import rounds, rubric_seed
from portal.kernel.errors import DomainError
from portal.kernel.months import Month, local_date

ADMINISTRATORS = (
    ("system_admin", Role.SYSTEM_ADMIN, "系统管理员"),
    ("security_admin", Role.SECURITY_ADMIN, "安全管理员"),
    ("auditor", Role.AUDITOR, "审计管理员"),
)


def month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        raise ArgumentTypeError(f"月份请写成 2017-06 的样子，不是 {text}") from None


class Command(BaseCommand):
    help = """给一个空的门户做第一次设置：公司党委、考评细则和规则、三员账号。

三员（系统、安全、审计管理员）各一个账号，临时密码只打印这一次，首次登录须改。
之后：系统管理员开账号，安全管理员授权，党群部登记组织和人员。

例：
  manage.py set_up --committee 国网泉州供电公司党委 \\
      --full-name 中共国网泉州供电公司委员会 --issuer-code 泉电党 --first-month 2017-01

退出码：0 做好了；1 已经设置过或有错，什么也没有改。"""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--committee", required=True, metavar="名称", help="公司党委的名称")
        parser.add_argument("--full-name", default="", metavar="全称", help="公文落款用的全称")
        parser.add_argument("--issuer-code", required=True, metavar="代字", help="发文代字")
        parser.add_argument(
            "--first-month", type=month, required=True, metavar="年-月", help="细则和规则的起始月份"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if Committee.objects.exists():
            raise CommandError("已经设置过了：库里已有党委。什么也没有改。")
        now = timezone.now()
        try:
            with transaction.atomic():
                committee = organisation.create_committee(
                    name=options["committee"],
                    full_name=options["full_name"],
                    parent=None,
                    county="",
                    issuer_code=options["issuer_code"],
                    sort_order=1,
                    actor=None,
                    now=now,
                )
                rubric_seed.load_rubrics(
                    source=rubric_seed.seed_source(),
                    first_month=options["first_month"],
                    actor=None,
                    now=now,
                )
                rounds.set_policy(
                    committee=committee,
                    first_month=options["first_month"],
                    values={},
                    actor=None,
                    now=now,
                )
                opened = []
                for username, role, name in ADMINISTRATORS:
                    user, password = accounts.open_account(
                        username=username, display_name=name, actor=None, now=now
                    )
                    organisation.grant_role(
                        user=user, role=role, started_on=local_date(now), actor=None, now=now
                    )
                    opened.append((name, username, password))
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{committee.name}设置好了。临时密码只显示这一次：")
        for name, username, password in opened:
            self.stdout.write(f"  {name}  {username}  {password}")
