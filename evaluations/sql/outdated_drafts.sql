-- Unsigned notices of a round whose problems are no longer those that the corrected marks give.
-- Parameters: round_id.

SELECT n.id
FROM evaluations_rectificationnotice n
JOIN evaluations_rankingrun r ON r.id = n.run_id
WHERE r.round_id = %(round_id)s AND n.status IN ('draft', 'checked') AND n.finding_id IS NULL
  AND (EXISTS (
          SELECT 1 FROM publication_failures f
          WHERE f.participant_id = n.participant_id
            AND NOT EXISTS (
                SELECT 1 FROM evaluations_noticeproblem p
                WHERE p.notice_id = n.id AND p.item_id = f.item_id
                  AND p."trigger" = f.tripped AND p.marks = f.marks
            )
       )
       OR EXISTS (
          SELECT 1 FROM evaluations_noticeproblem p
          WHERE p.notice_id = n.id
            AND NOT EXISTS (
                SELECT 1 FROM publication_failures f
                WHERE f.participant_id = n.participant_id AND f.item_id = p.item_id
            )
       ))
