"""Database triggers that refuse a change, for both databases.

A service refuses first and says so kindly; the trigger is for every other road: the admin,
a shell, a mistake in a later version.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations import RunPython


def refuse(table: str, verb: str, name: str, message: str, when: str = "") -> RunPython:
    """A migration step that refuses ``verb`` (UPDATE, DELETE or INSERT) on ``table``.

    ``when`` is an SQL condition over OLD and NEW (portable between SQLite and PostgreSQL,
    subqueries allowed); empty means always. The database error carries ``message``.
    """

    def forwards(apps: Any, schema_editor: Any) -> None:
        vendor = schema_editor.connection.vendor
        if vendor == "sqlite":
            clause = f"WHEN {when}" if when else ""
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {clause} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        else:
            returned = "OLD" if verb == "DELETE" else "NEW"
            condition = f"IF {when} THEN" if when else "IF true THEN"
            schema_editor.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"{condition} RAISE EXCEPTION '{message}' USING ERRCODE = '23514'; END IF; "
                f"RETURN {returned}; END $$"
            )
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {name}()"
            )

    def backwards(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER {name}")
        else:
            schema_editor.execute(f"DROP TRIGGER {name} ON {table}")
            schema_editor.execute(f"DROP FUNCTION {name}()")

    return RunPython(forwards, backwards)
