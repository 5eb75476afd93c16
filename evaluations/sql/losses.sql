-- Keep the losses of a round for the length of a publication.

WITH
-- include: round.sql
,
-- include: taken.sql
,
-- include: loss.sql

SELECT sheet_id, item_id, participant_id, full_marks, is_key, is_due, takes_all, critical, more_due,
       lost
FROM loss
