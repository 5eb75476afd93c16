"""What is told on purpose: notices of the past year and the unfinished business of today.

Everything else in the demo comes by (repeatable) chance. Months are counted back from the
month in hand: 1 is the month before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Course(StrEnum):
    """How a rectification notice goes on after it was drafted."""

    SETTLED = "settled"
    RETURNED_ONCE = "returned_once"
    UNACKNOWLEDGED = "unacknowledged"
    OVERDUE = "overdue"
    RESPONDED = "responded"


@dataclass(frozen=True, slots=True)
class Failure:
    """Key work that failed on a branch in a month, as both teams found it."""

    months_back: int
    branch: str
    code: str
    rule: int
    fact: str
    course: Course = Course.SETTLED
    count: int = 1
    cause: str = ""
    measure: str = ""
    skips_themed_day: bool = False
    low_turnout: bool = False


FAILURES: tuple[Failure, ...] = (
    Failure(
        10,
        "泉港供电服务党支部",
        "A1",
        1,
        "公司党委月度重点工作安排收文后至检查日未传达，支委会和党员大会记录均未见。",
        cause="书记外出培训期间，文件没有交接给支委。",
        measure="已补传达并列出落实措施；收文由组织委员登记，三个工作日内提请支委会。",
    ),
    Failure(
        8,
        "洛江供电服务党支部",
        "D1",
        1,
        "安监部月度违章通报：10kV马甲线作业现场，2名党员安全帽下颏带未系好，属一般违章。",
        count=2,
        cause="班前会只讲了作业步骤，着装检查走过场。",
        measure="党员带头做班前互查并签名；支部书记每周到现场抽查一次。",
    ),
    Failure(
        6,
        "物资供应党支部",
        "G1",
        1,
        "迎检物资清册未按任务清单的时间报送，延后6天。",
        cause="清册由两个班组分头填，没有人汇总。",
        measure="明确由组织委员汇总，提前两天内部审核。",
    ),
    Failure(
        4,
        "输电运检党支部",
        "B4",
        3,
        "主题党日实到人数不足应到的六成，未安排补课。",
        low_turnout=True,
        cause="当天有线路特巡，没有分批开展。",
        measure="倒班和特巡班组分两批开展，十个工作日内补课。",
    ),
    Failure(
        3,
        "机关第一党支部",
        "E2",
        2,
        "“挂点走访无记录”已报整改，回头看抽查3次走访，2次仍没有记录。",
        course=Course.RETURNED_ONCE,
        cause="只补了上次指出的两份记录，没有建立长效办法。",
        measure="走访记录由挂点负责人当天录入，支部每月末抽查并通报。",
    ),
    Failure(
        1,
        "输电运检党支部",
        "B4",
        1,
        "固定主题党日当月未开展，没有活动记录，也没有说明改期原因。",
        course=Course.OVERDUE,
        skips_themed_day=True,
    ),
    Failure(
        1,
        "营业服务党支部",
        "A1",
        1,
        "公司党委月度重点工作安排收文后未在支委会或党员大会传达，至检查日未补。",
        course=Course.UNACKNOWLEDGED,
    ),
    Failure(
        1,
        "综合能源党支部",
        "G1",
        1,
        "党员责任区梳理任务未按清单时间完成，延后8天，事前没有报告。",
        course=Course.RESPONDED,
        cause="牵头人借调，任务没有重新分工。",
        measure="已重新分工并完成；以后任务变更当天报支委会。",
    ),
)

# Records that are missing in the month in hand: branch -> duties (a group meeting: of the
# last group). Those of a themed day turn overdue once the fixed day has passed.
MISSING: dict[str, tuple[str, ...]] = {
    "配电运检党支部": ("themed_day", "group_meeting", "safety_talk"),
    "输电运检党支部": ("themed_day", "group_study"),
    "变电运维第二党支部": ("group_meeting",),
    "计量采集党支部": ("group_meeting",),
    "洛江供电服务党支部": ("safety_talk",),
    "泉港供电服务党支部": ("document_relay",),
    "机关第二党支部": ("committee_meeting", "dues"),
    "综合能源党支部": ("committee_meeting", "document_relay"),
}
# Branches that left the last finding of each report of last month undone: it is overdue now.
SLOW = ("输电运检党支部", "洛江供电服务党支部")

LATE_ENTRY = "计量采集党支部"
LATE_REASON = "党课当天在抄表现场分批讲，签到表收齐后补录。"

# How many marks a branch loses in a month with an average team, where the tour needs it:
# (months back, branch).
FORM: dict[tuple[int, str], float] = {
    (0, "配电运检党支部"): 11.5,
    (1, "配电运检党支部"): 8.8,
    (2, "配电运检党支部"): 7.9,
}

# The month in hand: visits that the tour of the demo needs.
DEMO_BRANCH = "配电运检党支部"
DEMO_INSPECTORS = "机关第二党支部"
DEMO_TODAY = "变电检修党支部"  # visited by the demo inspector today
DEMO_VISITS = "物资供应党支部"  # visited by the demo secretary tomorrow
SECOND_TEAM = "电力设计党支部"  # comes to the demo secretary in the afternoon after
UNDER_WAY = ("机关第一党支部", "信息通信党支部")
WITHDRAWN = "综合能源党支部"
WITHDRAWN_FROM = ("洛江供电服务党支部", "泉港供电服务党支部")
WITHDRAWN_REASON = "综合能源党支部本周迎接外部审计，互查组无法派出。"
AT_HOME_REASON = "本月承担重要用户保供电值守，互查组无法派出。"
RECUSED_REASON = "两个支部正在合办联创项目，项目结束前回避。"
MOVED_REASON = "与公司季度安全大检查错开，本月互查时间调整。"

# The county that is in the middle of its appeals.
APPEALING_COUNTY = "晋江"
APPEAL_DELAY = "县公司配合外部安全督查，上月互查顺延。"
APPEAL_TEXT = (
    "所扣事项有原始记录为证：签到表和会议记录于当日归档，检查组查的是未誊清的初稿。请核对原件。"
)
APPEAL_RULINGS = (
    (True, "核对原件属实，检查组查阅的是初稿，扣分撤销。"),
    (False, "原件没有记录人签名，事实成立，维持原扣分。"),
    (True, "其中1处经核实不成立，次数相应减少。"),
)
