"""The five goals of the city (五个泉州), as rows, because slogans age."""

from __future__ import annotations

from typing import Any

from django.db import migrations

GOALS = (
    ("innovation", "创新泉州", "创新、数字化、新能源接入"),
    ("smart", "智造泉州", "工厂用电、用能服务、增供扩销"),
    ("silk_road", "海丝泉州", "海丝活动、古城、港口保电"),
    ("beautiful", "美丽泉州", "电动汽车、清洁能源、线路美化"),
    ("happy", "幸福泉州", "居民和农村用电、抢险救灾、助困"),
)


def fill(apps: Any, schema_editor: Any) -> None:
    goal = apps.get_model("servicecrew", "CityGoal")
    goal.objects.bulk_create(
        [
            goal(code=code, name=name, hint=hint, sort_order=order)
            for order, (code, name, hint) in enumerate(GOALS)
        ]
    )


class Migration(migrations.Migration):
    dependencies = [("servicecrew", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
