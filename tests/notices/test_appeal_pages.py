"""The pages of appeals."""

from __future__ import annotations

from typing import Any

import pytest

from evaluations.models import ScoreAppeal
from evaluations.services import appeals
from tests.cast import Cast
from tests.notices.pages import get, post, text
from tests.notices.scene import Provisional, at

pytestmark = pytest.mark.usefixtures("on")


def test_one_appeal_through_its_pages(cast: Cast, provisional: Provisional, on: Any) -> None:
    on.move_to(at(7, 3))
    line = provisional.breaches.pk
    form = text(get(cast.secretary_a, "appeal-create", line))
    assert "对 D1 这一条申诉（−4.0 分）" in form
    assert "6月14日两名党员安全帽下颏带未系好" in form
    empty = post(cast.secretary_a, "appeal-create", line, text="")
    assert empty.status_code == 400
    assert "请写明申诉理由" in text(empty)
    too_long = post(cast.secretary_a, "appeal-create", line, text="长" * 501)
    assert too_long.status_code == 400
    assert "长" * 501 in text(too_long)
    filed = post(cast.secretary_a, "appeal-create", line, text="一人系好了")
    assert filed.status_code == 302
    twice = post(cast.secretary_a, "appeal-create", line, text="一人系好了")
    assert twice.status_code == 409
    assert "已经申诉过" in text(twice)
    appeal = ScoreAppeal.objects.get()

    decision = text(get(cast.officer, "appeal-detail", appeal.pk))
    assert "请复核配电运检对D1的申诉" in decision
    assert "一人系好了" in decision
    bad = post(
        cast.officer,
        "appeal-uphold",
        appeal.pk,
        **{"uphold-count_after": "2", "uphold-decision": "看过照片"},
    )
    assert bad.status_code == 400
    assert "填0到1" in text(bad)
    assert "看过照片" in text(bad)
    wordless = post(
        cast.officer,
        "appeal-uphold",
        appeal.pk,
        **{"uphold-count_after": "1", "uphold-decision": ""},
    )
    assert wordless.status_code == 400
    assert "请写明复核意见" in text(wordless)
    done = post(
        cast.officer,
        "appeal-uphold",
        appeal.pk,
        **{"uphold-count_after": "1", "uphold-decision": "看过照片"},
    )
    assert done.status_code == 302
    late = post(cast.leader, "appeal-reject", appeal.pk, **{"reject-decision": "维持"})
    assert late.status_code == 409
    assert "申诉成立" in text(late)
    outcome = text(get(cast.secretary_a, "appeal-detail", appeal.pk))
    assert "看过照片" in outcome
    assert "−2.0" in outcome


def test_appeal_after_the_last_day_keeps_the_text_on_the_page(
    cast: Cast, provisional: Provisional, on: Any
) -> None:
    on.move_to(at(7, 5, 0, 1))
    response = post(cast.secretary_a, "appeal-create", provisional.breaches.pk, text="写了很久")
    assert response.status_code == 409
    assert "7月4日24:00截止" in text(response)
    assert "写了很久" in text(response)


@pytest.mark.parametrize("count", ["", "abc", "-1", "1.5", "9" * 30])
def test_broken_count_is_refused_beside_its_field(
    cast: Cast, provisional: Provisional, count: str
) -> None:
    appeal = appeals.file_appeal(
        deduction_id=provisional.breaches.pk, text="不属实", actor=cast.secretary_a, now=at(7, 3)
    )
    response = post(
        cast.officer,
        "appeal-uphold",
        appeal.pk,
        **{"uphold-count_after": count, "uphold-decision": "属实"},
    )
    assert response.status_code == 400
    assert "field-error" in text(response)
