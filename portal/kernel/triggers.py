"""Database triggers that refuse a change, for both databases.

A service refuses first and says so kindly; the trigger is for every other road: the admin,
a shell, a mistake in a later version.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation


class Refuse(Operation):
    """A migration step that refuses ``verb`` (UPDATE, DELETE or INSERT) on ``table``.

    ``when`` is an SQL condition over OLD and NEW (portable between SQLite and PostgreSQL,
    subqueries allowed); empty means always. The database error carries ``message``. Not a
    RunPython: that one draws all models anew to hand them over, and there are many triggers.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, table: str, verb: str, name: str, message: str, when: str = "") -> None:
        self.table, self.verb, self.name = table, verb, name
        self.message, self.when = message, when

    def state_forwards(self, app_label: str, state: Any) -> None:
        """No model knows of it."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor == "sqlite":
            clause = f"WHEN {self.when}" if self.when else ""
            schema_editor.execute(
                f"CREATE TRIGGER {self.name} BEFORE {self.verb} ON {self.table} {clause} "
                f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
            )
            return
        returned = "OLD" if self.verb == "DELETE" else "NEW"
        schema_editor.execute(
            f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {self.when or 'true'} THEN "
            f"RAISE EXCEPTION '{self.message}' USING ERRCODE = '23514'; END IF; "
            f"RETURN {returned}; END $$"
        )
        schema_editor.execute(
            f"CREATE TRIGGER {self.name} BEFORE {self.verb} ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}()"
        )

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER {self.name}")
            return
        schema_editor.execute(f"DROP TRIGGER {self.name} ON {self.table}")
        schema_editor.execute(f"DROP FUNCTION {self.name}()")

    def describe(self) -> str:
        return f"Refuse {self.verb} on {self.table}"
