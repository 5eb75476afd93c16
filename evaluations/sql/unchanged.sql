-- Whether what would be published differs from a run. Follows the WITH clause of standing.sql.
-- Parameters besides those: latest_run_id.

SELECT COUNT(*)
FROM standing s
LEFT JOIN evaluations_rankingentry e
       ON e.run_id = %(latest_run_id)s AND e.participant_id = s.participant_id
WHERE e.id IS NULL
   OR e.group_key <> s.group_key
   OR e.visits <> s.visits
   OR e.base IS DISTINCT FROM s.base
   OR e.bonus <> s.bonus
   OR e.correction IS DISTINCT FROM s.correction
   OR e.cap IS DISTINCT FROM s.cap
   OR e.total IS DISTINCT FROM s.total
   OR e.key_marks IS DISTINCT FROM s.key_marks
   OR e.open_findings <> s.open_findings
   OR e.band <> s.band
   OR e.rank IS DISTINCT FROM s.rank
   OR e.unranked_reason <> s.unranked_reason
   OR e.previous_total IS DISTINCT FROM s.previous_total
   OR e.previous_rank IS DISTINCT FROM s.previous_rank
