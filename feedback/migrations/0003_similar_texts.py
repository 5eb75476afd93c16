from django.db import migrations

# PostgreSQL finds the rows that share a piece through these; SQLite reads along.
# The planner takes string_to_array for free and would rather take every text apart than go through
# the index. A function can say what it costs; it must not be inlined, so it is not plain SQL.
FUNCTION = """
CREATE FUNCTION feedback_pieces(words text) RETURNS text[] LANGUAGE plpgsql
IMMUTABLE STRICT PARALLEL SAFE COST 200 AS $$ BEGIN RETURN string_to_array(words, ' '); END $$
"""
INDEX = (
    'CREATE INDEX feedback_similar_{0} ON feedback_similartext USING gin (feedback_pieces("{0}"))'
)


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION)
        for name in ("shown", "inner"):
            schema_editor.execute(INDEX.format(name))


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in ("shown", "inner"):
            schema_editor.execute(f"DROP INDEX feedback_similar_{name}")
        schema_editor.execute("DROP FUNCTION feedback_pieces(text)")


class Migration(migrations.Migration):
    dependencies = [("feedback", "0002_rules_and_words")]
    operations = [migrations.RunPython(forwards, backwards)]
