-- Publish: insert the standing as the entries of a run. Follows the WITH clause of standing.sql.
SELECT %(run_id)s, s.participant_id, s.branch_id, s.tier, s.branch_type, s.group_key,
       s.secretary_id, s.secretary_mode, s.visits, s.base, s.bonus, s.cap, s.total, s.key_marks,
       s.open_findings, s.band, s.rank, s.group_size, s.unranked_reason, s.previous_total,
       s.previous_rank, s.correction
FROM standing s
ORDER BY s.branch_id
