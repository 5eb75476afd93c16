"""The audit trail: appended only, read by the auditor, filtered, exported."""

from __future__ import annotations

import ast
import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from portal.audit.labels import label_of, labels
from portal.audit.models import AuditEntry
from portal.audit.reading import changes_of, type_label
from portal.audit.services import record
from portal.dashboard.audit_views import AuditFilter
from tests.cast import NOW, Cast

ROOT = Path(__file__).resolve().parents[2]
LIST = "/audit/"


def note(cast: Cast, code: str = "branch.edited", **values: object) -> AuditEntry:
    wanted: dict[str, object] = {"target": cast.branch_a, "actor": cast.officer, "now": NOW}
    return record(code=code, **{**wanted, **values})  # type: ignore[arg-type]


# -- append only ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_auditentry SET reason = 'x' WHERE id = %s",
        "DELETE FROM audit_auditentry WHERE id = %s",
    ],
)
def test_the_database_refuses_every_change(cast: Cast, sql: str) -> None:
    entry = note(cast)
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, [entry.pk])
    assert AuditEntry.objects.filter(pk=entry.pk, reason="").exists()


def test_the_model_is_refused_too(cast: Cast) -> None:
    entry = note(cast)
    entry.reason = "later"
    with pytest.raises(DatabaseError), transaction.atomic():
        entry.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        entry.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(code="x")


# -- names ------------------------------------------------------------------------------------


CODE = r"[a-z]+\.[a-z_]+"


def _codes_in(path: Path) -> Iterator[ast.expr]:
    """What is passed as ``code=`` to any call, with both sides of a conditional."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "code":
                    value = keyword.value
                    yield from (
                        [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
                    )


def test_everything_that_is_recorded_has_a_name() -> None:
    written: set[str] = set()
    families: set[str] = set()
    for folder in ("branches", "evaluations", "portal"):
        for path in (ROOT / folder).rglob("*.py"):
            for value in _codes_in(path):
                if isinstance(value, ast.JoinedStr):
                    families.add(ast.unparse(value).split(".")[0].removeprefix("f'"))
                elif isinstance(value, ast.Constant) and re.fullmatch(CODE, str(value.value)):
                    written.add(str(value.value))
    assert len(written) > 40
    assert written - set(labels()) == set()
    assert families - {code.split(".")[0] for code in labels()} == set()
    assert label_of("something.new") == "something.new"


def test_fields_and_values_are_put_into_words(cast: Cast) -> None:
    entry = note(
        cast,
        before={"name": "", "is_temporary": False},
        after={"name": "=1+1", "is_temporary": True, "unheard_of": [1, 2], "more": {"a": "b"}},
    )
    told = {change.label: (change.before, change.after) for change in changes_of(entry)}
    assert told["unheard_of"] == ("—", "1、2")
    assert told["more"] == ("—", '{\n "a": "b"\n}')
    assert ("否", "是") in told.values()
    assert ("（空）", "=1+1") in told.values()
    assert type_label("branches.branch") == "党支部"
    assert type_label("gone.model") == "gone.model"


# -- who may read -----------------------------------------------------------------------------


def test_only_administrators_of_audit_and_security_get_in(cast: Cast, client: Client) -> None:
    for name, user in cast.users.items():
        client.force_login(user)
        wanted = 200 if name in {"auditor", "secadmin"} else 403
        assert client.get(LIST).status_code == wanted, name
        assert client.get(reverse("audit:export")).status_code == wanted, name
    client.logout()
    assert client.get(LIST).status_code == 302


def test_the_security_administrator_sees_grants_and_posts_only(cast: Cast) -> None:
    note(cast, code="round.opened")
    seen = AuditEntry.objects.visible_to(cast.secadmin)
    prefixes = {code.split(".")[0] for code in seen.values_list("code", flat=True)}
    assert prefixes
    assert prefixes <= {"grant", "account", "appointment"}
    everything = AuditEntry.objects.visible_to(cast.auditor)
    assert everything.count() == AuditEntry.objects.count() > seen.count()
    assert not AuditEntry.objects.visible_to(cast.officer).exists()


# -- filters ----------------------------------------------------------------------------------


def found(**query: str) -> set[str]:
    form = AuditFilter(query)
    return set(form.apply(AuditEntry.objects.all()).values_list("reason", flat=True))


def test_filters(cast: Cast) -> None:
    late = dt.datetime.combine(dt.date(2017, 6, 30), dt.time(23, 59), NOW.tzinfo)
    note(cast, reason="第一条", code="round.opened", target=cast.branch_a)
    note(cast, reason="第二条", actor=cast.secretary_a, target=cast.branch_b)
    note(cast, reason="第三条", actor=None, now=late, via="sweep")
    assert found(code="round.opened") == {"第一条"}
    assert found(actor=cast.secretary_a.display_name, q="条") == {"第二条"}
    assert found(actor=cast.secretary_a.username, q="条") == {"第二条"}
    assert found(actor="系统", q="条") == {"第三条"}
    assert found(object=cast.branch_b.name, q="条") == {"第二条"}
    assert found(since="2017-06-28") == {"第三条"}
    assert found(until="2017-06-30", q="条") == {"第一条", "第二条", "第三条"}
    assert found(until="2017-06-29", q="条") == {"第一条", "第二条"}
    assert found(q="开启轮次") == {"第一条"}  # by the name of the code
    assert found(since="2017-07-01", until="2017-06-01") == set()
    assert found(since="yesterday") == set()


def test_the_page_tells_unfolds_and_keeps_its_filter(cast: Cast, client: Client) -> None:
    for n in range(60):
        note(cast, reason=f"理由{n}", after={"note": f"<b>{n}</b>"})
    client.force_login(cast.auditor)
    answer = client.get(LIST, {"q": "理由"})
    text = answer.content.decode()
    assert "找到 60 条审计记录" in text
    assert "修改支部" in text
    assert "&lt;b&gt;59&lt;/b&gt;" in text
    assert "q=%E7%90%86%E7%94%B1&amp;page=2" in text
    assert "理由0" in client.get(LIST, {"q": "理由", "page": "2"}).content.decode()
    assert "没有符合条件的记录" in client.get(LIST, {"q": "没有这样的事"}).content.decode()
    wrong = client.get(LIST, {"since": "2017-07-01", "until": "2017-06-01"})
    assert wrong.status_code == 400
    assert "结束日期早于开始日期" in wrong.content.decode()


def test_the_list_costs_the_same_for_fifty_as_for_one(
    cast: Cast, client: Client, django_assert_max_num_queries: object
) -> None:
    client.force_login(cast.auditor)
    client.get(LIST)
    for n in range(50):
        note(cast, reason=f"{n}", actor=cast.officer if n % 2 else cast.secretary_a)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        client.get(LIST)


# -- export -----------------------------------------------------------------------------------


def test_the_export_is_what_is_shown_and_leaves_a_trace(cast: Cast, client: Client) -> None:
    note(cast, reason="=cmd|' /C calc'!A0", after={"name": "@SUM(1)"})
    note(cast, reason="别的")
    client.force_login(cast.auditor)
    answer = client.get(reverse("audit:export"), {"q": "cmd", "format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert rows[1][6] == "'=cmd|' /C calc'!A0"
    assert answer["Content-Disposition"].startswith("attachment")
    trace = AuditEntry.objects.get(code="audit.exported")
    assert (trace.actor, trace.after["rows"]) == (cast.auditor, 1)
    assert trace.after["filters"] == {"含有": "cmd"}

    answer = client.get(reverse("audit:export"), {"q": "cmd"})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert "=cmd|' /C calc'!A0" in [cell.value for cell in cells]


def test_a_refused_filter_exports_nothing(cast: Cast, client: Client) -> None:
    client.force_login(cast.auditor)
    answer = client.get(reverse("audit:export"), {"since": "x"})
    assert answer.status_code == 400
    assert not AuditEntry.objects.filter(code="audit.exported").exists()
