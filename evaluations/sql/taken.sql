-- Every deduction that counts, one row each. Follows round.sql.
--
-- Parameters: decided_until (what was upheld later does not count yet).

-- An appeal that was upheld replaces the count; the deduction itself stays as it was written.
upheld AS NOT MATERIALIZED (
    SELECT a.deduction_id, a.count_after AS times,
           CASE WHEN a.count_after = 0 THEN 0
                WHEN r.points IS NULL THEN d.points
                ELSE r.points * a.count_after END AS points
    FROM evaluations_scoreappeal a
    JOIN evaluations_deduction d ON d.id = a.deduction_id
    JOIN evaluations_deductionrule r ON r.id = d.rule_id
    WHERE a.status = 'upheld' AND a.count_after IS NOT NULL
      AND a.id = (SELECT MAX(b.id) FROM evaluations_scoreappeal b
                  WHERE b.deduction_id = a.deduction_id AND b.status = 'upheld'
                    AND b.count_after IS NOT NULL AND b.decided_at <= %(decided_until)s)
),

taken AS NOT MATERIALIZED (
    SELECT d.id, d.inspection_id AS sheet_id, d.item_id, d.rule_id, d.severity, d.fact,
           s.participant_id, s.branch_id, s.team_id, s.has_committee, s.has_groups,
           COALESCE(u.times, d.count) AS times,
           COALESCE(u.points, d.points) AS points
    FROM evaluations_deduction d
    JOIN sheet s ON s.id = d.inspection_id
    LEFT JOIN upheld u ON u.deduction_id = d.id
)
