-- What the sheets of one branch score with the counts in force. Parameters besides those of round.sql
-- and taken.sql: participant_id.

WITH
-- include: round.sql
,
-- include: taken.sql
,
-- include: loss.sql
,
-- include: sheet_score.sql

SELECT sheet_id, base FROM sheet_score WHERE participant_id = %(participant_id)s
