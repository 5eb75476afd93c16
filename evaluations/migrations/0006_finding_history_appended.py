"""A finding's history is only ever appended to, like a notice's."""

from __future__ import annotations

from django.db import migrations

from portal.kernel.triggers import refuse

HISTORY = "经过记录只能追加，不能修改"


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0005_frozen_months")]

    operations = [
        refuse("evaluations_findingevent", verb, f"findingevent_no_{verb.lower()}", HISTORY)
        for verb in ("UPDATE", "DELETE")
    ]
