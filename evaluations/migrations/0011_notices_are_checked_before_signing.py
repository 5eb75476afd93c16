"""核稿 becomes a step of its own, with who and when.

Notices signed before were read and signed in one press: whoever signed has checked. A draft whose
facts somebody reworded carries his name, so that he does not check his own words.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def fill(apps, schema_editor):
    notices = apps.get_model("evaluations", "RectificationNotice").objects
    notices.filter(issued_at__isnull=False, issued_by__isnull=False).update(
        checked_at=models.F("issued_at"), checked_by=models.F("issued_by")
    )
    drafts = {str(pk) for pk in notices.filter(status="draft").values_list("pk", flat=True)}
    reworded = apps.get_model("audit", "AuditEntry").objects.filter(
        code="notice.facts_edited",
        object_type="evaluations.rectificationnotice",
        object_id__in=drafts,
        actor__isnull=False,
    )
    last = dict(reworded.order_by("at", "pk").values_list("object_id", "actor_id"))
    for pk, actor_id in last.items():
        notices.filter(pk=pk).update(edited_by=actor_id)


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_append_only"),
        ("evaluations", "0010_papers_and_meetings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="rectificationnotice",
            name="checked_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="核稿时间"),
        ),
        migrations.AddField(
            model_name="rectificationnotice",
            name="checked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="核稿人",
            ),
        ),
        migrations.AddField(
            model_name="rectificationnotice",
            name="edited_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="最后改写事实的人",
            ),
        ),
        migrations.AlterField(
            model_name="rectificationnotice",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "待核稿"),
                    ("checked", "待签发"),
                    ("issued", "待签收"),
                    ("acknowledged", "整改中"),
                    ("responded", "待审核"),
                    ("accepted", "已办结"),
                    ("returned", "退回再改"),
                    ("withdrawn", "已撤回"),
                ],
                default="draft",
                max_length=12,
                verbose_name="状态",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
