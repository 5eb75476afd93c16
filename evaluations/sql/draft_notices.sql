-- Draft one notice per branch with failed key work, unless it has a live one for this month, or a
-- person has already decided against a notice with these very problems. Notices that officers made of
-- one finding stand beside it.
-- Parameters: run_id, now.

INSERT INTO evaluations_rectificationnotice
    (run_id, participant_id, branch_id, status, drafted_at, issuer_code, version)
SELECT %(run_id)s, f.participant_id, f.branch_id, 'draft', %(now)s, '', 1
FROM publication_failures f
WHERE NOT EXISTS (
    SELECT 1 FROM evaluations_rectificationnotice n
    WHERE n.participant_id = f.participant_id AND n.status <> 'withdrawn'
      AND n.finding_id IS NULL
)
AND NOT EXISTS (
    SELECT 1 FROM evaluations_rectificationnotice n
    JOIN evaluations_noticeevent v ON v.notice_id = n.id AND v.step = 'withdraw'
         AND v.actor_id IS NOT NULL
    WHERE n.participant_id = f.participant_id AND n.status = 'withdrawn'
      AND n.finding_id IS NULL
      AND NOT EXISTS (
          SELECT 1 FROM publication_failures g
          WHERE g.participant_id = f.participant_id
            AND NOT EXISTS (
                SELECT 1 FROM evaluations_noticeproblem p
                WHERE p.notice_id = n.id AND p.item_id = g.item_id
            )
      )
)
GROUP BY f.participant_id, f.branch_id
ORDER BY f.branch_id
