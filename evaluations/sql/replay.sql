-- What every sheet of a round scored and lost, item by item, with the rules behind it: for replaying
-- the month under other rules. One row per rule; an item lost without a rule (a falsified record)
-- has one row without, and so has a sheet that lost nothing.

WITH
-- include: round.sql
,
-- include: taken.sql
,
-- include: loss.sql
,
-- include: sheet_score.sql

SELECT s.sheet_id, v.inspected_branch_id, v.inspector_branch_id, s.base, s.due_full, i.code, i.name, l.lost, r.text, r.number, t.times
FROM sheet_score s
JOIN evaluations_inspection v ON v.id = s.sheet_id
JOIN evaluations_inspectionteam g ON g.id = v.team_id
LEFT JOIN loss l ON l.sheet_id = s.sheet_id AND l.lost > 0
LEFT JOIN evaluations_rubricitem i ON i.id = l.item_id
LEFT JOIN taken t ON t.sheet_id = l.sheet_id AND t.item_id = l.item_id AND t.points > 0
LEFT JOIN evaluations_deductionrule r ON r.id = t.rule_id
ORDER BY g.number, s.sheet_id, i.code, r.number
