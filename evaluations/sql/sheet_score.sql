-- The score of every sheet that counts, in whole hundredths. Follows round.sql, taken.sql, loss.sql.

-- What a rubric version asks of each kind of branch, with or without committee and groups:
-- a dozen rows.
kind AS (
    SELECT k.kind, SUM(i.full_marks) AS full_marks, SUM(i.full_marks * i.is_key) AS key_full,
           SUM(i.full_marks * i.in_season * k.with_committee * k.with_groups) AS due_full,
           SUM(i.full_marks * i.in_season * k.with_committee * k.with_groups * i.is_key)
               AS key_due_full
    FROM (
        SELECT d.version_id * 4 + d.has_committee * 2 + d.has_groups AS kind, x.id AS item_id,
               CASE WHEN x.applies_when = 'has_committee' THEN d.has_committee ELSE 1 END
                   AS with_committee,
               CASE WHEN x.applies_when = 'has_groups' THEN d.has_groups ELSE 1 END AS with_groups
        FROM (SELECT DISTINCT version_id, has_committee, has_groups FROM part) d
        JOIN evaluations_rubricitem x ON x.version_id = d.version_id
    ) k
    JOIN item i ON i.id = k.item_id
    GROUP BY k.kind
),

sheet_loss AS NOT MATERIALIZED (
    SELECT sheet_id, SUM(lost) AS lost, SUM(lost * is_key) AS key_lost,
           SUM(more_due) AS more_due, SUM(more_due * is_key) AS key_more_due
    FROM loss
    GROUP BY sheet_id
),

sheet_score AS (
    SELECT s.id AS sheet_id, s.participant_id, k.due_full + COALESCE(l.more_due, 0) AS due_full,
           CASE WHEN v.not_due_policy <> 'scale' THEN k.full_marks - COALESCE(l.lost, 0)
                WHEN k.due_full + COALESCE(l.more_due, 0) = 0 THEN 10000
                ELSE ((k.due_full + COALESCE(l.more_due, 0) - COALESCE(l.lost, 0)) * 20000
                      + k.due_full + COALESCE(l.more_due, 0))
                     / (2 * (k.due_full + COALESCE(l.more_due, 0)))
           END AS base,
           CASE WHEN v.not_due_policy <> 'scale' THEN k.key_full - COALESCE(l.key_lost, 0)
                WHEN k.key_due_full + COALESCE(l.key_more_due, 0) = 0 THEN k.key_full
                ELSE ((k.key_due_full + COALESCE(l.key_more_due, 0) - COALESCE(l.key_lost, 0))
                      * 2 * k.key_full + k.key_due_full + COALESCE(l.key_more_due, 0))
                     / (2 * (k.key_due_full + COALESCE(l.key_more_due, 0)))
           END AS key_marks
    FROM sheet s
    JOIN kind k ON k.kind = s.version_id * 4 + s.has_committee * 2 + s.has_groups
    JOIN evaluations_rubricversion v ON v.id = s.version_id
    LEFT JOIN sheet_loss l ON l.sheet_id = s.id
)
