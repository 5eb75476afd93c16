import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

STAGES = [
    ("reading", "正在读"),
    ("trying", "正在逐行核对"),
    ("ready", "等您点头"),
    ("unreadable", "读不了"),
    ("writing", "正在写入"),
    ("written", "已导入"),
    ("undone", "已撤销"),
]


class Migration(migrations.Migration):
    """The rows of an import become rows, so that 50,000 of them need not be held at once."""

    dependencies = [
        ("branches", "0006_row_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameField("rowimport", "rows", "old_rows"),
        migrations.RenameField("rowimport", "made", "old_made"),
        migrations.AddField(
            "rowimport",
            "stage",
            models.CharField(choices=STAGES, default="reading", max_length=10, verbose_name="进度"),
        ),
        migrations.AddField(
            "rowimport", "total", models.PositiveIntegerField(default=0, verbose_name="共几行")
        ),
        migrations.AddField(
            "rowimport",
            "cursor",
            models.PositiveIntegerField(default=0, verbose_name="做到第几行"),
        ),
        migrations.AddField(
            "rowimport",
            "failure",
            models.CharField(blank=True, max_length=200, verbose_name="读不了的原因"),
        ),
        migrations.AddField(
            "rowimport",
            "touched_at",
            models.DateTimeField(blank=True, null=True, verbose_name="最近处理"),
        ),
        migrations.AddField(
            "rowimport",
            "accepted_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="点头的人",
            ),
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="行")),
                ("words", models.CharField(max_length=200, verbose_name="读到的内容")),
                ("is_good", models.BooleanField(verbose_name="可以导入")),
                ("problems", models.JSONField(default=list, verbose_name="问题")),
                ("plain", models.JSONField(verbose_name="内容")),
                ("made", models.JSONField(blank=True, null=True, verbose_name="导入的")),
                (
                    "row_import",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="branches.rowimport",
                    ),
                ),
            ],
            options={
                "verbose_name": "导入的行",
                "verbose_name_plural": "导入的行",
                "ordering": ["row_import", "is_good", "number"],
                "indexes": [
                    models.Index(fields=["row_import", "is_good", "number"], name="rows_to_look_at")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("row_import", "number"), name="import_row_once")
                ],
            },
        ),
    ]
