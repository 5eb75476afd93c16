"""A new database has the calendar from the start: 2016 to 2027."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from portal.workdays.official import official_years

FIRST, LAST = 2016, 2027


def load(apps: Any, schema_editor: Any) -> None:
    year_model = apps.get_model("workdays", "CalendarYear")
    day_model = apps.get_model("workdays", "CalendarDay")
    known = set(year_model.objects.values_list("year", flat=True))
    for year in official_years(FIRST, LAST):
        if year.year in known:
            continue
        source = "confirmed" if year.is_confirmed else "estimated"
        year_model.objects.create(year=year.year, source=source, revision="first")
        day_model.objects.bulk_create(
            [
                day_model(date=day.date, is_workday=day.is_workday, note=day.note)
                for day in year.days
            ],
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    dependencies = [("workdays", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
