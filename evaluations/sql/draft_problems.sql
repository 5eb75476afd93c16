-- The problems of the notices that a run has drafted, in the order of the rubric, with the facts.
-- Parameters: run_id, those of round.sql, and words.

INSERT INTO evaluations_noticeproblem
    (notice_id, number, item_id, "trigger", marks, full_marks, facts,
     cause, measure, responsible, result)
WITH
-- include: round.sql
,
-- include: taken.sql
,
failed AS (
    SELECT n.id AS target, f.participant_id, f.item_id, f.tripped, f.marks, f.full_marks
    FROM publication_failures f
    JOIN evaluations_rectificationnotice n ON n.participant_id = f.participant_id
    WHERE n.run_id = %(run_id)s
),
-- include: facts.sql

SELECT t.target,
       ROW_NUMBER() OVER (PARTITION BY t.target ORDER BY i.sort_order, i.id),
       t.item_id, t.tripped, t.marks, t.full_marks, t.facts, '', '', '', ''
FROM fact t
JOIN evaluations_rubricitem i ON i.id = t.item_id
WHERE t.nth = 1
ORDER BY t.target, i.sort_order, i.id
