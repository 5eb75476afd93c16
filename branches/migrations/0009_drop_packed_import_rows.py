from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("branches", "0008_move_import_rows")]

    operations = [
        migrations.RemoveField("rowimport", "old_rows"),
        migrations.RemoveField("rowimport", "old_made"),
    ]
