-- What the teams took, item by item, in whole hundredths. Only items on which something was said
-- (a deduction, an override, a falsified record) are looked at; all others have full marks.
-- Follows round.sql and taken.sql.
--
-- A publication reads these rows several times, so it keeps them in a temporary table for as
-- long as it lasts (ranking.statement); a page has them computed where they stand.

-- What was said of an item beside its deductions. Few rows.
special AS NOT MATERIALIZED (
    SELECT sheet_id, item_id, MAX(set_aside) AS set_aside, MAX(judged) AS judged,
           MAX(falsified) AS falsified
    FROM (
        SELECT c.inspection_id AS sheet_id, c.item_id,
               CASE WHEN c.state = 'not_applicable' THEN 1 ELSE 0 END AS set_aside,
               CASE WHEN c.state = 'judged' THEN 1 ELSE 0 END AS judged,
               0 AS falsified
        FROM evaluations_itemcheck c
        JOIN sheet s ON s.id = c.inspection_id
        WHERE c.state <> ''
        UNION ALL
        SELECT s.id, v.item_id, 0, 0, 1
        FROM evaluations_vetoevent v
        JOIN evaluations_vetorule r ON r.id = v.rule_id AND r.zeroes_item
        JOIN sheet s ON s.participant_id = v.participant_id
        WHERE v.item_id IS NOT NULL
    ) said
    GROUP BY sheet_id, item_id
),

touched AS NOT MATERIALIZED (
    SELECT d.sheet_id, d.item_id, d.points, d.takes_all, d.critical,
           COALESCE(x.set_aside, 0) AS set_aside, COALESCE(x.judged, 0) AS judged,
           COALESCE(x.falsified, 0) AS falsified
    FROM (
        SELECT t.sheet_id, t.item_id, CAST(SUM(t.points) AS INTEGER) AS points,
               MAX(CASE WHEN t.points > 0 AND r.takes_all THEN 1 ELSE 0 END) AS takes_all,
               MAX(CASE WHEN t.points > 0 AND t.severity = 'critical' THEN 1 ELSE 0 END) AS critical
        FROM taken t
        LEFT JOIN evaluations_deductionrule r ON r.id = t.rule_id
        GROUP BY t.sheet_id, t.item_id
    ) d
    LEFT JOIN special x ON x.sheet_id = d.sheet_id AND x.item_id = d.item_id
    UNION ALL
    SELECT x.sheet_id, x.item_id, 0, 0, 0, x.set_aside, x.judged, x.falsified
    FROM special x
    WHERE NOT EXISTS (
        SELECT 1 FROM evaluations_deduction d
        WHERE d.inspection_id = x.sheet_id AND d.item_id = x.item_id
    )
),

-- applies: a branch without a committee owes no committee meeting, one without groups no group
-- meeting.
touched_item AS NOT MATERIALIZED (
    SELECT t.sheet_id, t.item_id, t.points, t.takes_all, t.critical, t.set_aside, t.judged,
           t.falsified, s.participant_id,
           i.full_marks, i.is_key, i.in_season,
           CASE WHEN i.applies_when = 'has_committee' AND s.has_committee = 0 THEN 0
                WHEN i.applies_when = 'has_groups' AND s.has_groups = 0 THEN 0
                ELSE 1 END AS applies
    FROM touched t
    JOIN sheet s ON s.id = t.sheet_id
    JOIN item i ON i.id = t.item_id
),

-- is_due: judged this month. A falsified item counts, with nothing, whether due or not.
touched_due AS NOT MATERIALIZED (
    SELECT sheet_id, item_id, points, takes_all, critical, falsified, participant_id, full_marks,
           is_key,
           applies * in_season AS was_due,
           CASE WHEN falsified = 1 THEN 1
                WHEN set_aside = 1 OR applies = 0 THEN 0
                WHEN judged = 1 THEN 1
                ELSE in_season END AS is_due
    FROM touched_item
),

loss AS NOT MATERIALIZED (
    SELECT sheet_id, item_id, participant_id, full_marks, is_key, is_due, takes_all, critical,
           full_marks * (is_due - was_due) AS more_due,
           CASE WHEN falsified = 1 THEN full_marks
                WHEN is_due = 0 THEN 0
                WHEN points > full_marks THEN full_marks
                ELSE points END AS lost
    FROM touched_due
)
