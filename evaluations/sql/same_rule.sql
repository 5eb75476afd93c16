-- Which rule of any version of a rubric is the same as a starred item's rule now: the same words
-- under the same item code, because a new version has new rows. A few hundred pairs. Follows
-- round.sql.

version AS MATERIALIZED (
    SELECT DISTINCT version_id FROM part
),

same_rule AS (
    SELECT n.id AS rule_id, e.id AS earlier_id
    FROM evaluations_deductionrule n
    JOIN evaluations_rubricitem ni ON ni.id = n.item_id AND ni.is_key_work
    JOIN evaluations_rubricversion nv ON nv.id = ni.version_id
    JOIN evaluations_rubricversion ev ON ev.rubric_id = nv.rubric_id
    JOIN evaluations_rubricitem ei ON ei.version_id = ev.id AND ei.code = ni.code
    JOIN evaluations_deductionrule e ON e.item_id = ei.id AND e.text = n.text
    WHERE nv.id IN (SELECT version_id FROM version)
)
