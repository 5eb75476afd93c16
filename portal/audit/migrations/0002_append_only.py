"""The audit trail is appended and never changed: the database itself refuses."""

from __future__ import annotations

from django.db import migrations

from portal.kernel.triggers import Refuse

MESSAGE = "audit entries are appended, never changed"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        Refuse("audit_auditentry", "UPDATE", "audit_entry_no_update", MESSAGE),
        Refuse("audit_auditentry", "DELETE", "audit_entry_no_delete", MESSAGE),
    ]
