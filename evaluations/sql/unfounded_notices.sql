-- Notices of a round that were served and name an item that, corrected, has not failed.
-- A signed paper is not taken back by a machine: a person is told.
-- Parameters: round_id.

SELECT DISTINCT n.id, n.issuer_code, n.year, n.number
FROM evaluations_rectificationnotice n
JOIN evaluations_rankingrun r ON r.id = n.run_id
JOIN evaluations_noticeproblem p ON p.notice_id = n.id
WHERE r.round_id = %(round_id)s AND n.status NOT IN ('draft', 'checked', 'withdrawn')
  AND n.finding_id IS NULL
  AND NOT EXISTS (
      SELECT 1 FROM publication_failures f
      WHERE f.participant_id = n.participant_id AND f.item_id = p.item_id
  )
ORDER BY n.id
