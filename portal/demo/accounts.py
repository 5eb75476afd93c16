"""The accounts of the demo company that a visitor is told about: one per role, one password."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Printed by script/demo and shown on the demo's sign-in page: no secret, and no production
# portal ever holds an account with it.
DEMO_PASSWORD = "haisi-2017-demo"  # noqa: S105


class DemoAccount(NamedTuple):
    """One line of the guided list: who it is and what to try first."""

    username: str
    display_name: str
    role: str | Promise
    to_try: str | Promise


DEMO_ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount(
        "linjianming",
        "林建明",
        _("配电运检党支部书记（专职）"),
        _("看本月还差哪几件事，补记一件，再确认检查组交来的评分表。"),
    ),
    DemoAccount(
        "huangliping",
        "黄丽萍",
        _("配电运检党支部副书记"),
        _("替书记记一次党小组会，看本支部上月得分和每条扣分。"),
    ),
    DemoAccount(
        "zhengguodong",
        "郑国栋",
        _("互查组组长（机关第二党支部书记）"),
        _("用手机打开今天的检查任务，逐项打分、提交评分表。"),
    ),
    DemoAccount(
        "chenyafang",
        "陈雅芳",
        _("党群部专责"),
        _("看本月进行到哪一步、谁还缺什么，审核一份整改情况，复核一件申诉。"),
    ),
    DemoAccount(
        "wuzhiyuan",
        "吴志远",
        _("公司党委书记"),
        _("看135看板，点开3,821人次看每一行；看台风行动和逾期的通知书。"),
    ),
    DemoAccount(
        "suwenbin",
        "苏文彬",
        _("“海丝之光”服务队队长"),
        _("用手机按“复电”，补一张工作票号，确认登记；看昨天那次还差什么。"),
    ),
    DemoAccount(
        "laixiaoyan",
        "赖晓燕",
        _("职工（配电抢修班）"),
        _("说一件事；替班组确认手套收到了，看自己提的那件走到哪一步。"),
    ),
    DemoAccount(
        "sumeiyun",
        "苏美云",
        _("物资部承办人"),
        _("看手上的诉求按时限排着，答复最急的一件，说明承诺送到了没有。"),
    ),
    DemoAccount(
        "kemingyuan",
        "柯明远",
        _("书记办公室"),
        _("在接待日用手机代记一件；要看保密诉求人的姓名，会留下记录。"),
    ),
    DemoAccount(
        "dingzhengqing",
        "丁正清",
        _("纪检专责"),
        _("看只有纪检看得到的反映，告知本人怎么继续。"),
    ),
    DemoAccount(
        "honglixin",
        "洪立新",
        _("系统管理员"),
        _("看账号和运行情况，看不到业务内容。"),
    ),
    DemoAccount(
        "caiminghui",
        "蔡明辉",
        _("安全管理员"),
        _("授权和收回授权，不能给自己授权。"),
    ),
    DemoAccount(
        "shiwenhua",
        "施文华",
        _("审计管理员"),
        _("按人、按事项查谁在什么时候改了什么。"),
    ),
)
