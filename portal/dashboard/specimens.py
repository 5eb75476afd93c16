"""What the style guide shows: every component with the figures of the design pictures.

``TODAY`` is fixed so that two looks at the page can be held side by side.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D
from types import SimpleNamespace

from portal.kernel import ui

TODAY = dt.date(2017, 6, 27)


def duties() -> list[ui.DutyGroup]:
    done = ui.Status("done", "已完成")
    soon = ui.Status("soon", "剩 3 天")
    return [
        ui.DutyGroup(
            "逾期 1",
            [
                ui.Duty(
                    "答复“抢修班夜餐供应”诉求",
                    ui.Status("late", "逾期 1 天"),
                    "F1",
                    True,
                    "书记听您说转来，7 个工作日内办结并答复本人",
                    dt.date(2017, 6, 26),
                    "去答复",
                    "#duties",
                )
            ],
            "late",
        ),
        ui.DutyGroup(
            "3 天内到期 2",
            [
                ui.Duty(
                    "第三党小组 6月党小组会",
                    soon,
                    "B3",
                    False,
                    "三个党小组已开 2 个",
                    dt.date(2017, 6, 30),
                    "去记录",
                    "#duties",
                ),
                ui.Duty(
                    "6月安全讲评",
                    soon,
                    "D2",
                    False,
                    "责任区 5 个班组，本月尚未讲评",
                    dt.date(2017, 6, 30),
                    "去记录",
                    "#duties",
                ),
            ],
            "soon",
        ),
        ui.DutyGroup(
            "已完成 9",
            [
                ui.Duty(
                    "支部党员大会",
                    done,
                    "B1",
                    True,
                    "并入主题党日，一次录入",
                    dt.date(2017, 6, 9),
                    "",
                    "#duties",
                ),
                ui.Duty(
                    "主题党日",
                    done,
                    "B4",
                    True,
                    "应到 33 人，实到 25 人，76%，低于 80%",
                    dt.date(2017, 6, 9),
                    "",
                    "#duties",
                ),
                ui.Duty("党费收缴", done, "C3", False, "33 人已交", dt.date(2017, 6, 8)),
            ],
            "done",
            "含季度、半年任务",
        ),
    ]


def week() -> list[ui.Day]:
    return [
        ui.Day(dt.date(2017, 6, 26), ["夜餐诉求到期"], is_past=True),
        ui.Day(TODAY, ["第三党小组可开会", "19:00 前有 9 人在班"], is_today=True),
        ui.Day(dt.date(2017, 6, 28), ["14:30 去查物资供应"]),
        ui.Day(dt.date(2017, 6, 29), ["9:00 机关第二来查"]),
        ui.Day(dt.date(2017, 6, 30), ["15:00 电力设计来查", "24:00 记录锁定"]),
    ]


def steps() -> list[ui.Step]:
    return [
        ui.Step("记录", "212 / 225，30日锁定", "beside"),
        ui.Step("抽签配对", "6月22日公布", "done"),
        ui.Step("交叉互查", "18 / 40 次", "current"),
        ui.Step("初评", "7月3日"),
        ui.Step("申诉", "7月4日截止"),
        ui.Step("通报", "7月5日前"),
        ui.Step("整改通知书", "随通报"),
        ui.Step("月度例会", "7月10日(周一)"),
    ]


def deductions() -> list[ui.Deduction]:
    one = (D("-1"), D("-1"))
    return [
        ui.Deduction(
            "D1",
            "党员身边无违章",
            (D("-2"), D("-2")),
            True,
            "党员一般违章 1 人次",
            fact="6月14日 10kV 城东线作业，1 名党员安全帽下颏带未系好，属一般违章。",
            rule="党员一般违章，每人次扣 2 分；本项满分 8，得 6.0（75%）。",
            evidence="安监部 6月违章通报第 3 条",
            evidence_url="#score",
            inspector="二组组长（机关第二党支部书记）；六组检查员（电力设计党支部纪检委员）",
            appeal_url="#score",
            appeal_note="7月4日 24:00 截止，剩 1 天",
            is_open=True,
        ),
        ui.Deduction(
            "A1",
            "第一议题与部署传达",
            one,
            True,
            "1 份文件第 13 个工作日才传达",
            fact="5月18日文件，6月6日传达。",
            rule="超过 10 个工作日，每份扣 1 分。",
            inspector="二组检查员",
            appeal_status=ui.Status("doing", "申诉复核中"),
        ),
        ui.Deduction("C4", "示范岗、责任区", (D("-1.5"), D("-1")), False, "3 处公示牌未更新"),
    ]


def score() -> ui.Score:
    return ui.Score(
        D("89.9"),
        D("2.2"),
        rank_line="第 3 名，第 2 档",
        range_line="可能在第 2–10 名",
        teams=(ui.Team("二组", D("86")), ui.Team("六组", D("89"))),
        raw_mean=D("87.5"),
        terms=(ui.Term("校正", "+2.4", is_change=True),),
        words=(
            "这两个组打分偏严。近 12 个月，与查同一支部的其他组相比，二组平均低 3.75 分，"
            "六组低 1.25 分；各按 24/25 折算为 3.6 与 1.2，平均补回 2.4 分。"
        ),
        deductions=deductions(),
        hidden=10,
        hidden_points=(D("-10.5"), D("-8")),
        hidden_url="#score",
        bonus=(ui.Deduction("", "6月20日夜抗灾抢修", (D("1"), D("1"))),),
        totals_label="两组原始得分",
        totals=(D("86"), D("89")),
        key_sentence="重点工作各项均不低于六成，不提出整改通知书。",
    )


def short_score() -> ui.Score:
    return ui.Score(
        D("91.2"),
        rank_line="第 4 名，第 2 档",
        range_line="13 个支部中",
        deductions=(
            ui.Deduction("D1", "党员身边无违章", (D("-2"),), True, "1 名党员一般违章，每人次扣 2"),
            ui.Deduction("D4", "隐患排查治理", (D("-1"),), False, "1 项隐患逾期未销号，每项扣 1"),
        ),
        key_sentence="D1 党员身边无违章只得 4.0，不到六成，会提出整改通知书。",
        key_ok=False,
    )


TREND = [88.1, 89.2, 88.0, 89.9, 90.4, 89.8, 90.9, 91.3, 90.4, 91.0, 91.9, 91.2]


def bands() -> list[ui.RankBand]:
    def row(
        rank: int, name: str, score: str, low: int, high: int, raw: int, moved: int, change: str
    ) -> ui.RankRow:
        clear = "明显" in change
        return ui.RankRow(
            rank,
            name,
            D(score),
            "兼职书记",
            low,
            high,
            raw,
            D("2.2"),
            "原始 88.0，+0.3",
            moved,
            change,
            clear,
            name.startswith("配电"),
            "#ranks",
        )

    return [
        ui.RankBand(
            "第 1 档",
            "2 个支部，彼此差别在误差内",
            [
                row(1, "变电检修党支部", "95.4", 1, 2, 1, 1, "+1.8 分，误差内"),
                row(2, "变电运维第一党支部", "92.4", 1, 7, 2, -1, "−1.6 分，误差内"),
            ],
        ),
        ui.RankBand(
            "第 2 档",
            "3 个支部，与本档首位的差别在误差内",
            [
                row(3, "配电运检党支部", "89.9", 2, 10, 7, 1, "−1.3 分，误差内"),
                row(4, "信息通信党支部", "89.6", 2, 10, 3, 1, "+1.1 分，误差内"),
                row(5, "营业服务党支部", "88.3", 2, 11, 5, 0, "+0.2 分，误差内"),
            ],
        ),
        ui.RankBand(
            "第 3 档",
            "2 个支部，明显低于第 2 档首位",
            [
                row(12, "泉港供电服务党支部", "82.7", 7, 13, 12, 1, "+5.6 分，变化明显"),
                row(13, "输电运检党支部", "77.7", 12, 13, 13, -2, "−6.8 分，变化明显"),
            ],
        ),
    ]


def plain_bands() -> list[ui.RankBand]:
    """Before the severity model: ranks without ranges, one without a last month."""
    return [
        ui.RankBand(
            "管理型",
            "3 个支部",
            [
                ui.RankRow(1, "机关第一党支部", D("96.1"), moved=0, change_line="+0.2 分"),
                ui.RankRow(2, "机关第三党支部", D("94.0"), moved=1, change_line="+1.0 分"),
                ui.RankRow(3, "机关第二党支部", D("93.5"), moved=None),
            ],
        )
    ]


def severity() -> list[ui.Severity]:
    return [
        ui.Severity("二组", D("-3.6"), "机关第二", 24, True),
        ui.Severity("六组", D("-1.2"), "电力设计", 24, True),
        ui.Severity("三组", D("-0.3"), "机关第三", 25),
        ui.Severity("一组", D("0.5"), "机关第一", 25),
        ui.Severity("五组", D("1.7"), "综合能源", 21),
        ui.Severity("四组", D("3.1"), "物资供应", 23),
    ]


def matrix() -> ui.Matrix:
    tick, dash = ui.Cell("done"), ui.Cell("na")
    columns = [
        ui.Column("A1", ["传达"], True),
        ui.Column("A2", ["学时"]),
        ui.Column("A3", ["党课", "季"]),
        ui.Column("B1", ["大会", "季"], True),
        ui.Column("B3", ["党小组"]),
        ui.Column("B4", ["党日"], True),
        ui.Column("D2", ["安全", "讲评"]),
        ui.Column("互查", ["第一次"], starts_block=True),
        ui.Column("互查", ["第二次"]),
    ]

    def row(name: str, missing: int = 0, indent: bool = False, **changed: ui.Cell) -> ui.MatrixRow:
        cells = [tick] * 7 + [tick, ui.Cell("plan", "29日", "安排在 29日")]
        for key, cell in changed.items():
            cells[int(key[1:])] = cell
        return ui.MatrixRow(name, cells, missing, "#matrix", indent)

    soon = ui.Cell("soon", "剩 3 天")
    return ui.Matrix(
        columns,
        [
            ui.MatrixGroup(
                "生产（服务）型",
                [
                    row("变电运检党总支", c4=dash, c6=dash),
                    row("变电运维第一党支部", indent=True),
                    row("变电运维第二党支部", 1, True, c4=soon),
                    row("计量采集党支部", 1, True, c2=ui.Cell("makeup", "补录", "，事后补记")),
                    row(
                        "输电运检党支部", 2, c3=soon, c5=ui.Cell("late", "逾 18 天", url="#matrix")
                    ),
                    row("洛江供电服务党支部", 1, c7=ui.Cell("late", "缺组", "，没有检查组")),
                    row("泉港供电服务党支部", 1, c5=ui.Cell("doing", "待核")),
                ],
                "13 个",
            ),
            ui.MatrixGroup(
                "管理型",
                [
                    row("机关第一党支部", c6=dash),
                    row(
                        "离退休党支部",
                        c0=dash,
                        c2=dash,
                        c6=dash,
                        c7=ui.Cell("na", "不参评", "不参评"),
                        c8=ui.Cell("na", "不参评", "不参评"),
                    ),
                ],
                "4 个",
            ),
        ],
        caption="支部与任务，2017年6月",
    )


def missing() -> list[tuple[str, str, ui.Status]]:
    return [
        ("输电运检党支部", "主题党日、党员大会", ui.Status("late", "逾期 18 天")),
        ("泉港供电服务党支部", "第一议题传达", ui.Status("late", "逾期 4 天")),
        ("洛江供电服务党支部", "思想分析、出队", ui.Status("soon", "剩 3 天")),
    ]


def events() -> list[ui.Event]:
    at = dt.datetime(2017, 6, 26, 16, 20)  # noqa: DTZ001 - a picture of a time
    return [
        ui.Event(dt.date(2017, 7, 4), "回复期满", is_promised=True),
        ui.Event(
            at, "支部交来整改情况", "配电运检党支部书记", "公示牌 2 处已更新。", state="doing"
        ),
        ui.Event(dt.date(2017, 6, 20), "确认收到", "配电运检党支部书记"),
        ui.Event(dt.date(2017, 6, 19), "签发整改通知书〔2017〕6号", "党群部", state="done"),
    ]


def figures() -> list[ui.Figure]:
    return [
        ui.Figure("应办", 225, "件", "本月 21 个组织", "#figures"),
        ui.Figure("已办", 212, "件", "含补录 1 件", "#figures", True),
        ui.Figure("逾期", 2, "件", "最久 18 天", "#figures"),
        ui.Figure("互查", "18 / 40", "次", "6月30日截止", "#figures"),
        ui.Figure("通知书", 1, "份", "逾期未复 1 份"),
    ]


def ticks() -> list[ui.Tick]:
    deducted = {0, 1, 4, 7, 13}
    return [
        ui.Tick(
            "current" if n == 14 else "todo" if n > 14 else "deducted" if n in deducted else "plain"
        )
        for n in range(27)
    ]


def rules() -> list[SimpleNamespace]:
    return [
        SimpleNamespace(
            id="1",
            text="党员一般违章",
            points_line="每人次扣 2",
            count=1,
            fact="6月14日 10kV 城东线作业，1 名党员安全帽下颏带未系好。",
        ),
        SimpleNamespace(
            id="2",
            text="党员严重违章",
            points_line="每人次扣满分，并提出整改通知书",
            count=0,
            fact="",
        ),
    ]


def charts() -> list[ui.Chart]:
    months = ["7月", "8月", "9月", "10月", "11月", "12月", "1月", "2月", "3月", "4月", "5月", "6月"]
    low, high = [v - 2 for v in TREND], [v + 2 for v in TREND]
    return [
        ui.Chart(
            "trend",
            "近 12 个月得分",
            months,
            [
                ui.Series("配电运检党支部", TREND, low, high, is_own=True),
                ui.Series("同类平均", [88.5 + n / 10 for n in range(12)]),
            ],
            "分",
            "公布的月度得分，阴影是误差范围。",
            minimum=80,
            maximum=100,
        ),
        ui.Chart(
            "radar",
            "各部分得分率",
            ["政治建设", "组织生活", "党员管理", "安全生产", "服务队", "群众工作"],
            [
                ui.Series("配电运检党支部", [92, 88, 95, 75, 90, 84], is_own=True),
                ui.Series("同类平均", [94, 90, 93, 88, 86, 90]),
            ],
            "%",
            minimum=0,
            maximum=100,
        ),
        ui.Chart(
            "bars",
            "扣分最多的条目",
            ["D1", "A2", "C4", "E2"],
            [ui.Series("扣分", [12.0, 9.5, 7.0, 4.5])],
            "分",
            minimum=0,
        ),
    ]
