-- The canonical lines of a published run: first its entries by branch, then the sheets of its
-- round by number, each with the seal set when it was submitted, then what corrects it. Months
-- published before there were corrections have no such lines, and their digests stay. The same text on SQLite and
-- PostgreSQL; what is hashed is the header, then every line with a line feed behind it.
--
-- Parameters: run_id, round_id.

SELECT 0 AS part, e.branch_id AS place,
       'entry|' || CAST(e.branch_id AS TEXT)
       || '|' || CAST(e.participant_id AS TEXT)
       || '|' || e.tier
       || '|' || e.branch_type
       || '|' || e.group_key
       || '|' || COALESCE(CAST(e.secretary_id AS TEXT), '')
       || '|' || e.secretary_mode
       || '|' || CAST(e.visits AS TEXT)
       || '|' || COALESCE(CAST(e.base AS TEXT), '')
       || '|' || CAST(e.bonus AS TEXT)
       || '|' || COALESCE(CAST(e.cap AS TEXT), '')
       || '|' || COALESCE(CAST(e.total AS TEXT), '')
       || '|' || COALESCE(CAST(e.key_marks AS TEXT), '')
       || '|' || CAST(e.open_findings AS TEXT)
       || '|' || e.band
       || '|' || COALESCE(CAST(e.rank AS TEXT), '')
       || '|' || CAST(e.group_size AS TEXT)
       || '|' || e.unranked_reason
       || '|' || COALESCE(CAST(e.previous_total AS TEXT), '')
       || '|' || COALESCE(CAST(e.previous_rank AS TEXT), '')
       || COALESCE('|' || CAST(e.correction AS TEXT), '') AS line
FROM evaluations_rankingentry e
WHERE e.run_id = %(run_id)s
UNION ALL
SELECT 1, i.id,
       'sheet|' || CAST(i.id AS TEXT)
       || '|' || CAST(i.participant_id AS TEXT)
       || '|' || COALESCE(CAST(i.score AS TEXT), '')
       || '|' || i.digest
FROM evaluations_inspection i
WHERE i.round_id = %(round_id)s AND i.status IN ('submitted', 'confirmed')
UNION ALL
SELECT 2, 0,
       'fair|' || c.model_version || '|' || c.basis || '|' || c.input_digest
       || '|' || CAST(c.row_count AS TEXT)
FROM evaluations_runcalibration c
WHERE c.run_id = %(run_id)s
UNION ALL
SELECT 3, c.branch_id,
       'corrected|' || CAST(c.branch_id AS TEXT)
       || '|' || CAST(c.part AS TEXT)
       || '|' || CAST(c.raw AS TEXT)
       || '|' || CAST(c.correction AS TEXT)
       || '|' || CAST(c.withheld AS TEXT)
       || '|' || CAST(c.raw_total AS TEXT)
       || '|' || COALESCE(CAST(c.raw_rank AS TEXT), '')
       || '|' || CAST(c.raw_se AS TEXT)
       || '|' || CAST(c.total AS TEXT)
       || '|' || COALESCE(CAST(c.rank AS TEXT), '')
       || '|' || CAST(c.se AS TEXT)
       || '|' || COALESCE(CAST(c.tie_band AS TEXT), '')
       || '|' || COALESCE(CAST(c.rank_low AS TEXT), '')
       || '|' || COALESCE(CAST(c.rank_high AS TEXT), '')
       || '|' || c.reason
FROM evaluations_correctedscore c
WHERE c.run_id = %(run_id)s
UNION ALL
SELECT 4, t.branch_id,
       'severity|' || CAST(t.branch_id AS TEXT)
       || '|' || CAST(t.severity AS TEXT)
       || '|' || CAST(t.weight AS TEXT)
FROM evaluations_teamseverity t
WHERE t.run_id = %(run_id)s
