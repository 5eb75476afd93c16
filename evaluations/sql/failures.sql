-- Key work that failed (domain.md 2.2): a starred item under the policy's percentage, a
-- "takes all" deduction on it, severity critical, or the same rule three months running. One
-- row per branch and item, with the rule that tripped first. Never a low rank.
--
-- Parameters besides those of round.sql: fail_percent, month_before_id, month_before_that_id
-- (the published rounds of the two months before, or 0).

WITH
-- include: round.sql
,
-- include: taken.sql
,
-- include: loss.sql
,
-- include: same_rule.sql
,

-- Rules that took marks from a branch in both months before. (One pass over both months: joining
-- month to month had the planner compare every line with every other.)
running AS (
    SELECT s.inspected_branch_id AS branch_id, r.rule_id
    FROM evaluations_inspection s
    JOIN evaluations_deduction d ON d.inspection_id = s.id
    JOIN same_rule r ON r.earlier_id = d.rule_id
    WHERE s.round_id IN (%(month_before_id)s, %(month_before_that_id)s)
      AND s.status IN ('submitted', 'confirmed')
      AND d.points > 0
      AND NOT EXISTS (SELECT 1 FROM evaluations_scoreappeal a
                      WHERE a.deduction_id = d.id AND a.status = 'upheld' AND a.count_after = 0)
    GROUP BY s.inspected_branch_id, r.rule_id
    HAVING MIN(s.round_id) <> MAX(s.round_id)
),

-- Items that one of those rules hits again this month.
streak AS (
    SELECT DISTINCT t.sheet_id, t.item_id
    FROM running w
    JOIN taken t ON t.branch_id = w.branch_id AND t.rule_id = w.rule_id
    WHERE t.points > 0
),

-- include: visits.sql
,
-- An item's marks are the mean over all teams that came; one that took nothing gave full marks.
key_item AS NOT MATERIALIZED (
    SELECT l.participant_id, v.branch_id, l.item_id, l.full_marks, v.n, SUM(l.lost) AS lost,
           MAX(l.takes_all * l.is_due) AS takes_all, MAX(l.critical * l.is_due) AS critical,
           MAX(CASE WHEN k.item_id IS NULL THEN 0 ELSE l.is_due END) AS three_months
    FROM loss l
    JOIN visits v ON v.participant_id = l.participant_id
    LEFT JOIN streak k ON k.sheet_id = l.sheet_id AND k.item_id = l.item_id
    WHERE l.is_key = 1
    GROUP BY l.participant_id, v.branch_id, l.item_id, l.full_marks, v.n
),

failures AS (
    SELECT k.participant_id, k.branch_id, k.item_id, k.full_marks,
           (2 * (k.full_marks * k.n - k.lost) + k.n) / (2 * k.n) AS marks,
           CASE WHEN k.takes_all = 1 THEN 'takes_all'
                WHEN 100 * (k.full_marks * k.n - k.lost) < %(fail_percent)s * k.full_marks * k.n
                    THEN 'below_line'
                WHEN k.critical = 1 THEN 'critical'
                ELSE 'three_months' END AS tripped
    FROM key_item k
    WHERE k.takes_all = 1 OR k.critical = 1 OR k.three_months = 1
       OR 100 * (k.full_marks * k.n - k.lost) < %(fail_percent)s * k.full_marks * k.n
)
