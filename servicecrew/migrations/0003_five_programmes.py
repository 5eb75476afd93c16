"""The five programmes and whom they are for, as the article names them."""

from __future__ import annotations

from typing import Any

from django.db import migrations

GROUPS = (
    ("members", "党员", "正式党员和预备党员"),
    ("cadres", "干部", "各级领导人员"),
    ("key_posts", "关键岗位", "物资、营销、工程、财务等岗位"),
    ("staff", "普通员工", "全体在岗员工"),
    ("youth", "青年", "35周岁以下，年龄上限可在设置里改"),
    ("retired", "离退休老同志", "离休、退休人员"),
)
PROGRAMMES = (
    ("pioneer", "海丝先锋", "党员带头，急难险重冲在前", False, ("members",)),
    ("integrity", "海丝清风", "干部清正、岗位廉洁", True, ("cadres", "key_posts")),
    ("care", "361°关爱", "比周到再多一度的关爱", False, ("staff",)),
    ("youth", "青春引航", "带思想、带技能、带成长", False, ("youth",)),
    ("gratitude", "惜福感恩", "老同志有人看、有事做、有学上", False, ("retired",)),
)


def fill(apps: Any, schema_editor: Any) -> None:
    group = apps.get_model("servicecrew", "TargetGroup")
    programme = apps.get_model("servicecrew", "Programme")
    group.objects.bulk_create(
        [
            group(code=code, name=name, hint=hint, sort_order=order)
            for order, (code, name, hint) in enumerate(GROUPS)
        ]
    )
    for order, (code, name, aim, restricted, groups) in enumerate(PROGRAMMES):
        row = programme.objects.create(
            code=code, name=name, aim=aim, is_restricted=restricted, sort_order=order
        )
        row.groups.set(groups)


class Migration(migrations.Migration):
    dependencies = [("servicecrew", "0002_city_goals")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
