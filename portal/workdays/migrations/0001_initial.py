from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("date", models.DateField(primary_key=True, serialize=False, verbose_name="日期")),
                ("is_workday", models.BooleanField(verbose_name="上班")),
                ("note", models.CharField(blank=True, max_length=100, verbose_name="说明")),
            ],
            options={
                "verbose_name": "日历日",
                "verbose_name_plural": "日历日",
                "ordering": ["date"],
            },
        ),
        migrations.CreateModel(
            name="CalendarYear",
            fields=[
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        primary_key=True, serialize=False, verbose_name="年份"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("confirmed", "已按国务院办公厅通知核定"),
                            ("estimated", "按惯例推算，待核定"),
                        ],
                        max_length=10,
                        verbose_name="依据",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                (
                    "revision",
                    models.CharField(
                        blank=True, editable=False, max_length=32, verbose_name="版次"
                    ),
                ),
            ],
            options={
                "verbose_name": "日历年",
                "verbose_name_plural": "日历年",
                "ordering": ["year"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("year__range", (1990, 2200))),
                        name="calendar_year_is_plausible",
                        violation_error_message="年份应在 1990 到 2200 之间",
                    )
                ],
            },
        ),
    ]
