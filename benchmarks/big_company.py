"""A company of any size for measuring, made inside PostgreSQL by ``generate_series``.

Nothing here goes through services: a hundred thousand branches are only wanted to be counted.
The proportions are real: two teams per branch, three deductions per sheet each with its
finding, every due item ticked off, a secretary with an account in every branch, and two
published months before the one to be published.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction

from branches.models import Committee, Post
from evaluations.models import EvaluationPolicy, MonthRound, RubricVersion
from evaluations.services.rubric_seed import load_rubrics, seed_source
from portal.kernel.months import SHANGHAI, Month

NOW = dt.datetime(2017, 7, 5, 9, 0, tzinfo=SHANGHAI)
MONTHS = (Month(2017, 4), Month(2017, 5), Month(2017, 6))

STATEMENTS = """
INSERT INTO accounts_user (id, password, is_superuser, username, email, is_staff, is_active,
                           date_joined, display_name, large_type, must_change_password)
SELECT g, '!', false, 'u' || g, '', false, true, now(), '书记' || g, false, false
FROM generate_series(1, %(n)s) g;

INSERT INTO branches_branch (id, committee_id, name, short_name, is_joint, is_temporary,
                             has_party_affairs_office, themed_day_rule, sort_order, parent_id)
SELECT g, %(committee)s, '支部' || g, '', false, false, false, '', g,
       -- a tenth are general branches with three branches each
       CASE WHEN g %% 10 IN (2, 3, 4) THEN g - g %% 10 + 1 END
FROM generate_series(1, %(n)s) g;

INSERT INTO branches_person (id, name, committee_id, user_id, workplace, job_title)
SELECT g, '书记' || g, %(committee)s, g, '', '' FROM generate_series(1, %(n)s) g;

INSERT INTO branches_appointment (branch_id, person_id, post_id, secretary_mode, started_on)
SELECT g, g, 'secretary', CASE WHEN g %% 3 = 0 THEN 'full_time' ELSE 'part_time' END, '2016-01-01'
FROM generate_series(1, %(n)s) g;
"""

ROUND = """
INSERT INTO evaluations_roundparticipant (round_id, branch_id, parent_id, tier, branch_type,
    is_exempt, rubric_version_id, secretary_id, secretary_mode, member_count, has_committee,
    group_count)
SELECT %(round)s, b.id, b.parent_id,
       CASE WHEN b.id %% 10 = 1 THEN 'general_branch' ELSE 'branch' END,
       k.type, b.id %% 50 = 0, k.version, b.id,
       CASE WHEN b.id %% 3 = 0 THEN 'full_time' ELSE 'part_time' END, 20, b.id %% 7 <> 0, b.id %% 4
FROM branches_branch b
JOIN (VALUES (0, 'production', %(v0)s), (1, 'management', %(v1)s), (2, 'business', %(v2)s))
     AS k (kind, type, version)
  ON k.kind = CASE WHEN b.id / 10 %% 10 < 6 THEN 0 WHEN b.id / 10 %% 10 < 8 THEN 1 ELSE 2 END;

INSERT INTO evaluations_inspectionteam (round_id, branch_id, number)
SELECT %(round)s, g, g FROM generate_series(1, LEAST(%(n)s, 30000)) g;

INSERT INTO evaluations_inspection (round_id, team_id, participant_id, inspector_branch_id,
    inspected_branch_id, inspector_type, inspected_type, place, status, submitted_at, score,
    objection, highlights, digest)
SELECT %(round)s, t.id, p.id, t.branch_id, p.branch_id,
       CASE p.branch_type WHEN 'production' THEN 'management' ELSE 'production' END,
       p.branch_type, '', 'confirmed', now(), 9000, '', '',
       encode(sha256((p.id * 2 + v)::text::bytea), 'hex')
FROM evaluations_roundparticipant p
CROSS JOIN generate_series(0, 1) v
JOIN evaluations_inspectionteam t
  ON t.id = (SELECT MIN(id) FROM evaluations_inspectionteam WHERE round_id = %(round)s)
          + (p.branch_id + v * 13 + 5) %% LEAST(%(n)s, 30000)
WHERE p.round_id = %(round)s AND NOT p.is_exempt AND p.branch_id %% 97 <> 0;

CREATE TEMP TABLE numbered_rule ON COMMIT DROP AS
SELECT i.version_id, i.id AS item_id, i.full_marks, i.is_key_work, r.id AS rule_id, r.points,
       ROW_NUMBER() OVER (PARTITION BY i.version_id ORDER BY r.id) - 1 AS n,
       COUNT(*) OVER (PARTITION BY i.version_id) AS total
FROM evaluations_deductionrule r
JOIN evaluations_rubricitem i ON i.id = r.item_id
WHERE NOT r.takes_all AND NOT (i.is_key_work AND r.points * 5 >= i.full_marks * 4);

INSERT INTO evaluations_deduction (inspection_id, item_id, rule_id, count, points, fact,
                                   severity, kind)
SELECT s.id, r.item_id, r.rule_id, 1, COALESCE(LEAST(r.full_marks, r.points), r.full_marks),
       '6月' || (1 + s.id %% 28) || '日抽查发现，记录在第' || s.id || '页',
       -- in a twentieth of the branches what is wrong with key work is grave: a notice
       CASE WHEN r.is_key_work AND p.branch_id %% 20 = 7 THEN 'critical' ELSE 'minor' END,
       'fix_by_date'
FROM evaluations_inspection s
JOIN evaluations_roundparticipant p ON p.id = s.participant_id
CROSS JOIN generate_series(1, 3) g
JOIN numbered_rule r ON r.version_id = p.rubric_version_id
 AND r.n = (s.id * 5 + g * 17) %% r.total
WHERE s.round_id = %(round)s;

DROP TABLE numbered_rule;

INSERT INTO evaluations_finding (inspection_id, deduction_id, branch_id, item_id, number, fact,
    severity, kind, status, raised_at, due_on, cause, measure, responsible, return_reason,
    version, verified_at, awaits_endorsement)
SELECT d.inspection_id, d.id, s.inspected_branch_id, d.item_id,
       ROW_NUMBER() OVER (PARTITION BY d.inspection_id ORDER BY d.id), d.fact, d.severity, d.kind,
       CASE WHEN %(last)s OR d.id %% 10 = 0 THEN 'confirmed' ELSE 'verified' END,
       now(), '2017-07-01', '', '', '', '', 1, now(), FALSE
FROM evaluations_deduction d
JOIN evaluations_inspection s ON s.id = d.inspection_id
WHERE s.round_id = %(round)s;

INSERT INTO evaluations_itemcheck (inspection_id, item_id, state, reason, version, checked_at,
                                   checked_by_id)
SELECT s.id, i.id,
       CASE WHEN (s.id + i.id) %% 200 = 0 THEN 'not_applicable' ELSE '' END,
       CASE WHEN (s.id + i.id) %% 200 = 0 THEN '本月无任务' ELSE '' END, 1, now(), 1
FROM evaluations_inspection s
JOIN evaluations_roundparticipant p ON p.id = s.participant_id
JOIN evaluations_rubricitem i ON i.version_id = p.rubric_version_id
WHERE s.round_id = %(round)s AND %(last)s;

INSERT INTO evaluations_bonusentry (participant_id, rule_id, points, fact, approved_at,
                                    approved_by_id)
SELECT p.id, (SELECT MIN(r.id) FROM evaluations_bonusrule r
              WHERE r.version_id = p.rubric_version_id), 100, '抗台抢险', now(), 1
FROM evaluations_roundparticipant p
WHERE p.round_id = %(round)s AND p.branch_id %% 20 = 0;
"""


def build(organisations: int) -> MonthRound:
    """Fill an empty, migrated database; the round of June stands in provisional state."""
    for month in MONTHS[:1]:
        load_rubrics(source=seed_source(), first_month=month, actor=None, now=NOW)
    committee = Committee.objects.create(name="市公司党委", issuer_code="泉电党")
    policy = EvaluationPolicy.objects.create(committee=committee, first_month=MONTHS[0].first_day)
    Post.objects.get_or_create(code="secretary", defaults={"name": "书记"})
    versions = [
        RubricVersion.objects.get(rubric__subject=kind, status="active").pk
        for kind in ("production", "management", "business")
    ]
    values: dict[str, Any] = {"n": organisations, "committee": committee.pk}
    values |= {f"v{n}": pk for n, pk in enumerate(versions)}
    _run(STATEMENTS, values)
    for month in MONTHS:
        last = month == MONTHS[-1]
        after = month.plus(1).first_day
        round_ = MonthRound.objects.create(
            committee=committee,
            month=month.first_day,
            status="provisional",
            policy=policy,
            opened_at=NOW,
            records_due_on=month.last_day,
            window_starts_on=month.first_day.replace(day=26),
            window_ends_on=month.last_day,
            appeals_end_on=after.replace(day=3),
            publish_on=after.replace(day=5),
            meeting_on=after.replace(day=8),
        )
        _run(ROUND, {**values, "round": round_.pk, "last": last})
        if not last:
            _publish_history(round_)
    with connection.cursor() as cursor:
        for table in ("accounts_user", "branches_branch", "branches_person"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "  # noqa: S608
                f"(SELECT MAX(id) FROM {table}))"
            )
        cursor.execute("VACUUM ANALYZE")
    return round_


def _publish_history(round_: MonthRound) -> None:
    from evaluations.services.publish import publish_round

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    publish_round(round_id=round_.pk, actor=None, now=NOW, via="benchmark")


def _run(script: str, values: dict[str, Any]) -> None:
    """Run statements without triggers and foreign keys: what they write is consistent."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in script.split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)
