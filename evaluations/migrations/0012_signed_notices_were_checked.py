"""The rules of 核稿, after the rows of before are filled: PostgreSQL alters no table in the
transaction that has just written its foreign keys."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0011_notices_are_checked_before_signing")]

    operations = [
        migrations.RemoveConstraint(
            model_name="rectificationnotice", name="issued_notice_has_number"
        ),
        migrations.AddConstraint(
            model_name="rectificationnotice",
            constraint=models.CheckConstraint(
                condition=Q(status__in=["draft", "checked", "withdrawn"])
                | Q(number__isnull=False, issued_at__isnull=False, due_on__isnull=False),
                name="issued_notice_has_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="rectificationnotice",
            constraint=models.CheckConstraint(
                condition=Q(checked_at__isnull=True, checked_by__isnull=True)
                | Q(checked_at__isnull=False, checked_by__isnull=False),
                name="check_of_notice_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="rectificationnotice",
            constraint=models.CheckConstraint(
                condition=Q(status__in=["draft", "withdrawn"]) | Q(checked_at__isnull=False),
                name="signed_notice_was_checked",
            ),
        ),
    ]
