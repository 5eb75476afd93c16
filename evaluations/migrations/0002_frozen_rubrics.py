"""The rubric of a month that has opened is frozen by the database too."""

from django.db import migrations

from portal.kernel.triggers import Refuse

FROZEN = "细则已用于月度考评，不能再改"
VERSION = "SELECT 1 FROM evaluations_rubricversion v WHERE v.frozen_at IS NOT NULL"


def _of_version(row: str) -> str:
    return f"EXISTS ({VERSION} AND v.id = {row}.version_id)"


def _of_item(row: str) -> str:
    item = f"(SELECT i.version_id FROM evaluations_rubricitem i WHERE i.id = {row}.item_id)"  # noqa: S608
    return f"EXISTS ({VERSION} AND v.id = {item})"


def _guard():
    """No road leads to a changed word of a version that a round has opened with."""
    tables = {
        "rubricsection": _of_version,
        "rubricitem": _of_version,
        "bonusrule": _of_version,
        "vetorule": _of_version,
        "band": _of_version,
        "deductionrule": _of_item,
    }
    for table, frozen in tables.items():
        for verb, condition in (
            ("INSERT", frozen("NEW")),
            ("UPDATE", f"{frozen('OLD')} OR {frozen('NEW')}"),
            ("DELETE", frozen("OLD")),
        ):
            yield Refuse(
                f"evaluations_{table}", verb, f"frozen_{table}_{verb.lower()}", FROZEN, condition
            )
    version = "evaluations_rubricversion"
    yield Refuse(
        version, "DELETE", "frozen_rubricversion_delete", FROZEN, "OLD.frozen_at IS NOT NULL"
    )
    yield Refuse(
        version,
        "UPDATE",
        "frozen_rubricversion_update",
        FROZEN,
        "OLD.frozen_at IS NOT NULL AND (NEW.frozen_at IS NULL OR NEW.frozen_at <> OLD.frozen_at "
        "OR NEW.rubric_id <> OLD.rubric_id OR NEW.number <> OLD.number "
        "OR NEW.first_month <> OLD.first_month OR NEW.status <> OLD.status "
        "OR NEW.not_due_policy <> OLD.not_due_policy OR NEW.bonus_cap <> OLD.bonus_cap)",
    )


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0001_initial")]
    operations = [*_guard()]
