"""样式手册: every component in every state, inside the running product.

The figures are those of the design pictures; nothing here reads the database.
"""

from __future__ import annotations

from decimal import Decimal as D

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.dashboard.specimens import (
    TODAY,
    TREND,
    bands,
    charts,
    duties,
    events,
    figures,
    matrix,
    missing,
    plain_bands,
    rules,
    score,
    severity,
    short_score,
    steps,
    ticks,
    week,
)
from portal.kernel import ui
from portal.kernel.months import Month


class SpecimenForm(forms.Form):
    """Every kind of field."""

    title = forms.CharField(label="会议名称", max_length=40, help_text="写全称，不超过 40 字。")
    held_on = forms.DateField(
        label="日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    attended = forms.IntegerField(label="实到人数", min_value=0, required=False)
    kind = forms.ChoiceField(
        label="类型", choices=[("", "请选择"), ("meeting", "党员大会"), ("day", "主题党日")]
    )
    place = forms.ChoiceField(
        label="地点",
        choices=[("room", "会议室"), ("site", "作业现场")],
        widget=forms.RadioSelect,
    )
    topics = forms.MultipleChoiceField(
        label="同时算作",
        choices=[("class", "党课"), ("study", "学时"), ("talk", "组织生活")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="一次录入，可同时勾选。",
    )
    minutes = forms.CharField(label="主要内容", widget=forms.Textarea(attrs={"rows": 3}))
    photo = forms.FileField(label="照片", required=False)
    checked = forms.BooleanField(label="人数已和签到表核对")


def gallery(request: HttpRequest) -> HttpResponse:
    broken = SpecimenForm({"title": "", "held_on": "", "kind": "", "attended": "-1"})
    filled = SpecimenForm(
        initial={"title": "6月主题党日", "held_on": TODAY, "kind": "day", "place": "room"}
    )
    return render(
        request,
        "dashboard/styleguide.html",
        {
            "crumbs": [ui.Crumb("帮助", "?"), ui.Crumb("样式手册")],
            "states": [
                ui.Status("late", "逾期 1 天"),
                ui.Status("soon", "剩 5 个工作日"),
                ui.Status("doing", "待核"),
                ui.Status("idle", "未到期"),
                ui.Status("makeup", "补录"),
                ui.Status("done", "已完成"),
            ],
            "icons": _icons(),
            "duty_groups": duties(),
            "days": week(),
            "steps": steps(),
            "score": score(),
            "short_score": short_score(),
            "trend_values": TREND,
            "trend_low": [v - 1.6 for v in TREND],
            "trend_high": [v + 1.6 for v in TREND],
            "bands": bands(),
            "plain_bands": plain_bands(),
            "severity": severity(),
            "matrix": matrix(),
            "missing": missing(),
            "events": events(),
            "figures": figures(),
            "tabs": [
                ui.Tab("生产（服务）型", "?type=production", 13, True),
                ui.Tab("管理型", "?type=management", "3，另 1 个不参评"),
                ui.Tab("经营型", "?type=business", 4),
            ],
            "segments": [
                ui.Tab("全部", "?", "", True),
                ui.Tab("生产", "?type=production"),
                ui.Tab("管理", "?type=management"),
                ui.Tab("经营", "?type=business"),
            ],
            "months": [Month(2017, n) for n in range(6, 0, -1)],
            "month": Month(2017, 6),
            "page": Paginator(range(225), 20).get_page(request.GET.get("page", 3)),
            "filled": filled,
            "broken": broken,
            "ticks": ticks(),
            "rules": rules(),
            "charts": charts(),
            "marks": [D("91.25"), D("-2"), D("0"), None],
            "today": TODAY,
        },
    )


def _icons() -> list[str]:
    from portal.kernel.templatetags.ui import icon_names

    return sorted(icon_names())
