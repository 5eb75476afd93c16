from typing import Any

from django.db import migrations


def move(apps: Any, schema_editor: Any) -> None:
    """What was made stands beside the first good row: undoing asks for all of it anyway."""
    row_import = apps.get_model("branches", "RowImport")
    import_row = apps.get_model("branches", "ImportRow")
    for kept in row_import.objects.iterator():
        made = kept.old_made or None
        rows = []
        for row in kept.old_rows:
            good = not row["problems"]
            rows.append(
                import_row(
                    row_import=kept,
                    number=row["number"],
                    words=row["words"][:200],
                    is_good=good,
                    problems=row["problems"],
                    plain=row["plain"],
                    made=made if good else None,
                )
            )
            if good:
                made = None
        import_row.objects.bulk_create(rows, batch_size=500)
        kept.total = len(rows)
        if kept.undone_at:
            kept.stage = "undone"
        elif kept.accepted_at:
            kept.stage = "written"
            kept.accepted_by_id = kept.created_by_id
        else:
            kept.stage = "ready"
        kept.save()


class Migration(migrations.Migration):
    dependencies = [("branches", "0007_import_rows")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
