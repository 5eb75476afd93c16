-- Keep the pairs of rules for the length of a publication.

WITH
-- include: round.sql
,
-- include: same_rule.sql

SELECT rule_id, earlier_id FROM same_rule
