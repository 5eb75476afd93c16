-- What every sheet of a round lost, item by item, with the rules behind it: for replaying the month
-- under other rules. One row per rule; an item lost without a rule (a falsified record) has one
-- row without.

WITH
-- include: round.sql
,
-- include: taken.sql
,
-- include: loss.sql

SELECT l.sheet_id, i.code, i.name, l.lost, r.text, r.number, t.times
FROM loss l
JOIN evaluations_rubricitem i ON i.id = l.item_id
LEFT JOIN taken t ON t.sheet_id = l.sheet_id AND t.item_id = l.item_id AND t.points > 0
LEFT JOIN evaluations_deductionrule r ON r.id = t.rule_id
WHERE l.lost > 0
ORDER BY l.sheet_id, i.code, r.number
