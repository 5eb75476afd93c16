-- One inbox line per inspected branch and secretary or deputy in office: the preliminary score and
-- until when it can be contested. Follows the WITH clause of standing.sql.
-- Parameters beside those of standing.sql: key, title, link_head, link_tail, now, today, and words.
SELECT %(key)s || ':' || CAST(s.branch_id AS TEXT) || ':' || CAST(o.user_id AS TEXT),
       o.user_id, %(title)s,
       b.name || %(word_total)s || CAST((s.total + 5) / 100 AS TEXT) || '.'
              || CAST((s.total + 5) / 10 - (s.total + 5) / 100 * 10 AS TEXT) || %(word_until)s,
       %(link_head)s || CAST(s.branch_id AS TEXT) || %(link_tail)s, %(now)s
FROM standing s
JOIN branches_branch b ON b.id = s.branch_id
JOIN (
-- include: branch_secretaries.sql
) o ON o.branch_id = s.branch_id
WHERE s.visits > 0 AND s.total IS NOT NULL
ORDER BY o.branch_id, o.user_id
ON CONFLICT (key) DO NOTHING
