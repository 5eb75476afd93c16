-- The facts behind failed key work, as the teams wrote them, one line per deduction:
-- "超过10个工作日才传达2项，扣2分：6月12日收文，6月27日传达（第1组）". What happened once is not
-- counted: "当月未开展，扣4分：…".
--
-- Follows round.sql, taken.sql and ``failed`` (target, participant_id, item_id, tripped, marks,
-- full_marks), whose columns travel along: joining to it again would be a join over guesses.
-- Parameters: the words between the numbers.

fact_line AS (
    SELECT f.*, 0 AS place, r.number AS rule_number, t.id,
           r.text
           || CASE WHEN t.times = 1 AND r.unit = %(word_once)s THEN ''
                   ELSE CAST(t.times AS TEXT) || REPLACE(r.unit, %(word_each)s, '') END
           || %(word_taken)s
           || CAST(t.points / 100 AS TEXT)
           || CASE WHEN t.points - t.points / 100 * 100 = 0 THEN ''
                   WHEN t.points - t.points / 10 * 10 = 0
                       THEN '.' || CAST((t.points - t.points / 100 * 100) / 10 AS TEXT)
                   ELSE '.' || CAST((t.points - t.points / 100 * 100) / 10 AS TEXT)
                        || CAST(t.points - t.points / 10 * 10 AS TEXT) END
           || %(word_marks)s || %(word_colon)s || t.fact
           || %(word_open)s || %(word_team)s || CAST(g.number AS TEXT) || %(word_group)s
           || %(word_close)s AS line
    FROM failed f
    JOIN taken t ON t.participant_id = f.participant_id AND t.item_id = f.item_id
    JOIN evaluations_deductionrule r ON r.id = t.rule_id
    JOIN evaluations_inspectionteam g ON g.id = t.team_id
    WHERE t.points > 0
    UNION ALL
    SELECT f.*, 1, 0, v.id, %(word_falsified)s || %(word_colon)s || v.fact
    FROM evaluations_vetoevent v
    JOIN evaluations_vetorule r ON r.id = v.rule_id AND r.zeroes_item
    JOIN failed f ON f.participant_id = v.participant_id AND f.item_id = v.item_id
),

fact AS (
    SELECT target, participant_id, item_id, tripped, marks, full_marks,
           STRING_AGG(line, %(line_break)s) OVER (
               PARTITION BY participant_id, item_id ORDER BY place, rule_number, id
               ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS facts,
           ROW_NUMBER() OVER (
               PARTITION BY participant_id, item_id ORDER BY place, rule_number, id) AS nth
    FROM fact_line
)
