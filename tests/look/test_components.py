"""Each tag draws what the pages rely on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from portal.kernel import ui
from portal.kernel.months import Month


def render(source: str, address: str = "/", **values: Any) -> str:
    request = RequestFactory().get(address)
    text = Template("{% load i18n ui %}" + source).render(Context({"request": request, **values}))
    return " ".join(text.split())


def test_a_status_is_an_icon_and_words_and_takes_a_value_or_its_parts() -> None:
    by_parts = render('{% status "late" "逾期 1 天" %}')
    by_value = render("{% status s %}", s=ui.Status("late", "逾期 1 天"))
    assert by_parts == by_value
    assert "sprite.svg#alert-circle" in by_parts
    assert "逾期 1 天" in by_parts
    assert "status-bare" in render('{% status "done" "已完成" bare=True %}')


def test_words_from_people_are_escaped_everywhere() -> None:
    evil = "<script>x</script>"
    source = (
        "{% status s %}{% code evil %}{% panel evil sub=evil %}{{ evil }}{% endpanel %}"
        "{% page_head evil sub=evil %}{% endpage_head %}{% empty evil evil %}{% endempty %}"
        '{% notice "late" title=evil %}{% endnotice %}'
        "{% next_step evil after=evil %}{% endnext_step %}"
    )
    shown = render(source, s=ui.Status("soon", evil), evil=evil)
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 12


def test_an_icon_that_is_not_in_the_sprite_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="no-such-icon"):
        render('{% icon "no-such-icon" %}')


def test_an_icon_is_silent_unless_labelled() -> None:
    assert 'aria-hidden="true"' in render('{% icon "bell" %}')
    labelled = render('{% icon "bell" label="消息" %}')
    assert 'aria-label="消息"' in labelled
    assert "aria-hidden" not in labelled


def test_pagination_keeps_the_rest_of_the_address() -> None:
    page = Paginator(range(100), 10).get_page(3)
    shown = render("{% pagination page %}", "/list/?type=production&page=3", page=page)
    assert "?type=production&amp;page=4" in shown
    assert "共 100 条，第 21–30 条" in shown
    assert render("{% pagination page %}", page=Paginator(range(3), 10).get_page(1)) == ""


def test_the_month_picker_keeps_filters_and_forgets_the_page() -> None:
    months = [Month(2017, 6), Month(2017, 5)]
    shown = render("{% month_picker months months.0 %}", "/r/?type=business&page=4", months=months)
    assert "?type=business&amp;month=2017-05" in shown
    assert "page=4" not in shown
    assert 'aria-current="true">2017年6月' in shown


def test_query_with_changes_adds_and_removes() -> None:
    shown = render("{% query_with sort='name' page=None %}", "/?page=2&type=business")
    assert shown == "?type=business&amp;sort=name"


class Form(forms.Form):
    title = forms.CharField(label="名称", help_text="写全称。")
    place = forms.ChoiceField(
        label="地点", choices=[("a", "甲"), ("b", "乙")], widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label="同意", required=False)


def test_a_field_ties_help_and_error_to_its_control() -> None:
    shown = render("{% form_fields form %}", form=Form({"place": "c"}))
    assert 'aria-describedby="id_title_helptext id_title_error"' in shown
    assert 'id="id_title_error"' in shown
    assert 'aria-invalid="true"' in shown
    assert "（必填）" in shown
    assert 'href="#id_title"' in shown  # the summary leads to the field
    assert "<fieldset" in shown  # radios are a group with a legend


def test_crispy_and_plain_forms_are_drawn_alike() -> None:
    ours = render("{% form_fields form %}", form=Form())
    assert render("{{ form }}", form=Form()) == ours
    crispy = render("{% load crispy_forms_tags %}{{ form|crispy }}", form=Form())
    assert 'id="field_id_title"' in crispy
    assert 'id="id_title_helptext"' in crispy


def test_a_score_without_error_or_correction_closes_up() -> None:
    bare = render(
        '{% include "components/score.html" %}',
        score=ui.Score(Decimal("91.25"), deductions=[ui.Deduction("D1", "违章", [Decimal("-2")])]),
    )
    assert "91.3" in bare
    assert "/ 100" in bare
    assert "equation" not in bare
    assert "−2.0" in bare
    full = render(
        '{% include "components/score.html" %}',
        score=ui.Score(
            Decimal("89.9"),
            Decimal("2.2"),
            teams=[ui.Team("二组", Decimal(86)), ui.Team("六组", Decimal(89))],
            raw_mean=Decimal("87.5"),
            terms=[ui.Term("校正", "+2.4")],
        ),
    )
    assert "± 2.2" in full
    assert "+2.4" in full


@pytest.mark.parametrize(
    ("value", "error", "width", "low", "high"),
    [
        ("50", "5", "50.00%", "45.00%", "55.00%"),
        ("99", "5", "99.00%", "94.00%", "100.00%"),
        ("-3", None, "0.00%", None, None),
        ("130", None, "100.00%", None, None),
    ],
)
def test_the_score_bar_stays_between_nothing_and_full(
    value: str, error: str | None, width: str, low: str | None, high: str | None
) -> None:
    shown = render(
        "{% score_bar value error %}",
        value=Decimal(value),
        error=Decimal(error) if error else None,
    )
    assert f'class="bar-full" x="0" y="4" width="{width}"' in shown
    assert ("bar-edge" in shown) is (error is not None)
    if low and high:
        assert f'x="{low}"' in shown
        assert f'x="{high}"' in shown


def test_the_rank_plot_says_in_words_what_it_draws() -> None:
    rows = [
        ui.RankRow(1, "甲", Decimal(95), low=1, high=2, raw_rank=2, moved=1, is_own=True),
        ui.RankRow(2, "乙", Decimal(90), moved=-2),
        ui.RankRow(3, "丙", Decimal(80), moved=0),
        ui.RankRow(4, "丁", Decimal(70), moved=None),
    ]
    shown = render("{% rank_plot bands %}", bands=[ui.RankBand("第 1 档", "4 个支部", rows)])
    for words in ("升 1 位", "降 2 位", "名次未变", "上期未排", "1–2", "按原始分第 2 名"):
        assert words in shown
    assert "rank-own" in shown


def test_one_branch_alone_can_be_plotted() -> None:
    bands = [ui.RankBand("第 1 档", "", [ui.RankRow(1, "甲", Decimal(95))])]
    assert "95.0" in render("{% rank_plot bands %}", bands=bands)
    assert "检查组" in render("{% severity_bars rows %}", rows=[])
    assert render("{% sparkline values %}", values=[1]) == ""


def test_the_matrix_says_every_symbol_aloud() -> None:
    matrix = ui.Matrix(
        [ui.Column("A1", ["传达"], True), ui.Column("D2", ["讲评"])],
        [ui.MatrixGroup("生产", [ui.MatrixRow("甲", [ui.Cell("done"), ui.Cell("na")], 0)])],
    )
    shown = render('{% include "components/matrix.html" %}', matrix=matrix)
    assert "已完成" in shown
    assert "不涉及" in shown
    assert "重点工作" in shown


def test_a_chart_carries_its_table() -> None:
    chart = ui.Chart("trend", "得分", ["5月", "6月"], [ui.Series("甲", [90.0, None])], "分")
    shown = render('{% chart c "t" %}', c=chart)
    assert '<script id="t-data" type="application/json">' in shown
    assert "90.0" in shown
    assert "—" in shown


def test_the_stepper_says_where_it_stands() -> None:
    steps = [ui.Step("记录", "", "done"), ui.Step("互查", "", "current"), ui.Step("初评")]
    shown = render('{% include "components/stepper.html" %}', steps=steps)
    assert "第 2 步，共 3 步" in shown
    assert shown.count('aria-current="step"') == 1
