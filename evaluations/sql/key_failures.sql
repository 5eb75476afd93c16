-- Failed key work with its facts, for pages.

-- include: failures.sql
,
failed AS (
    SELECT branch_id AS target, participant_id, item_id, tripped, marks, full_marks FROM failures
),
-- include: facts.sql

SELECT t.participant_id, t.target, t.item_id, t.tripped, t.marks, t.full_marks, t.facts
FROM fact t
JOIN branches_branch b ON b.id = t.target
JOIN evaluations_rubricitem i ON i.id = t.item_id
WHERE t.nth = 1
ORDER BY b.sort_order, b.id, i.sort_order
