"""A published month is frozen by the database too: services refuse first and kindly, this is
for every other road. Also: the history of rounds and notices is only ever appended to."""

# ruff: noqa: S608 - the statements are files and constants of ours; values are parameters
from __future__ import annotations

from typing import Any

from django.db import migrations

from portal.kernel.triggers import Refuse

MONTH_FROZEN = "本月已通报，不能再改；更正须另发修订"
RUN_FROZEN = "已发布的排名和通报不能修改；更正须另发修订"
HISTORY = "经过记录只能追加，不能修改"


def of_round(row: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM evaluations_monthround r "
        f"WHERE r.id = {row}.round_id AND r.status = 'published')"
    )


def of_inspection(row: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM evaluations_inspection i "
        "JOIN evaluations_monthround r ON r.id = i.round_id "
        f"WHERE i.id = {row}.inspection_id AND r.status = 'published')"
    )


def of_participant(row: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM evaluations_roundparticipant p "
        "JOIN evaluations_monthround r ON r.id = p.round_id "
        f"WHERE p.id = {row}.participant_id AND r.status = 'published')"
    )


def freeze(table: str, published: Any) -> list[Any]:
    """No row comes, changes, moves or goes once its month is published."""
    return [
        Refuse(
            f"evaluations_{table}",
            "INSERT",
            f"{table}_frozen_insert",
            MONTH_FROZEN,
            published("NEW"),
        ),
        Refuse(
            f"evaluations_{table}",
            "UPDATE",
            f"{table}_frozen_update",
            MONTH_FROZEN,
            f"{published('OLD')} OR {published('NEW')}",
        ),
        Refuse(
            f"evaluations_{table}",
            "DELETE",
            f"{table}_frozen_delete",
            MONTH_FROZEN,
            published("OLD"),
        ),
    ]


def never(table: str, message: str) -> list[Any]:
    return [
        Refuse(f"evaluations_{table}", "UPDATE", f"{table}_no_update", message),
        Refuse(f"evaluations_{table}", "DELETE", f"{table}_no_delete", message),
    ]


def close_entries(apps: Any, schema_editor: Any) -> None:
    """A run's entries are written before the run itself; afterwards none is added. On
    PostgreSQL once per statement, because a publication inserts very many rows."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            "CREATE TRIGGER rankingentry_no_late_insert BEFORE INSERT ON evaluations_rankingentry "
            "WHEN EXISTS (SELECT 1 FROM evaluations_rankingrun r WHERE r.id = NEW.run_id) "
            f"BEGIN SELECT RAISE(ABORT, '{RUN_FROZEN}'); END"
        )
        return
    schema_editor.execute(
        "CREATE FUNCTION rankingentry_no_late_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM evaluations_rankingrun r "
        "WHERE r.id IN (SELECT run_id FROM fresh)) THEN "
        f"RAISE EXCEPTION '{RUN_FROZEN}' USING ERRCODE = '23514'; END IF; RETURN NULL; END $$"
    )
    schema_editor.execute(
        "CREATE TRIGGER rankingentry_no_late_insert AFTER INSERT ON evaluations_rankingentry "
        "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT "
        "EXECUTE FUNCTION rankingentry_no_late_insert()"
    )


def open_entries(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER rankingentry_no_late_insert")
        return
    schema_editor.execute("DROP TRIGGER rankingentry_no_late_insert ON evaluations_rankingentry")
    schema_editor.execute("DROP FUNCTION rankingentry_no_late_insert()")


def late(table):
    """Corrections are written before their run, like its entries; afterwards none is added."""
    return Refuse(
        f"evaluations_{table}",
        "INSERT",
        f"{table}_no_late_insert",
        RUN_FROZEN,
        "EXISTS (SELECT 1 FROM evaluations_rankingrun r WHERE r.id = NEW.run_id)",
    )


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0002_frozen_rubrics")]

    operations = [
        *never("rankingrun", RUN_FROZEN),
        *never("rankingentry", RUN_FROZEN),
        migrations.RunPython(close_entries, open_entries),
        *never("monthlybulletin", RUN_FROZEN),
        *never("runcalibration", RUN_FROZEN),
        *never("correctedscore", RUN_FROZEN),
        *never("teamseverity", RUN_FROZEN),
        late("runcalibration"),
        late("correctedscore"),
        late("teamseverity"),
        *never("pairingdraw", HISTORY),
        *never("pairingchange", HISTORY),
        *never("roundevent", HISTORY),
        *never("noticeevent", HISTORY),
        *never("findingevent", HISTORY),
        *freeze("roundparticipant", of_round),
        *freeze("inspection", of_round),
        *freeze("deduction", of_inspection),
        *freeze("itemcheck", of_inspection),
        *freeze("bonusentry", of_participant),
        *freeze("vetoevent", of_participant),
        Refuse(
            "evaluations_monthround",
            "UPDATE",
            "monthround_frozen_update",
            MONTH_FROZEN,
            "OLD.status = 'published' AND ("
            "NEW.status <> OLD.status OR NEW.month <> OLD.month "
            "OR NEW.committee_id <> OLD.committee_id OR NEW.policy_id <> OLD.policy_id "
            "OR NEW.published_at IS DISTINCT FROM OLD.published_at)",
        ),
        Refuse(
            "evaluations_monthround",
            "DELETE",
            "monthround_frozen_delete",
            MONTH_FROZEN,
            "OLD.status = 'published'",
        ),
    ]
