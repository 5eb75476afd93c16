-- One inbox line per branch and secretary or deputy in office: total, band and place.
-- Parameters: run_id, key, title, link, now, today, and words.

INSERT INTO notifications_inboxmessage (key, user_id, title, body, link, created_at)
SELECT %(key)s || ':' || CAST(e.branch_id AS TEXT) || ':' || CAST(o.user_id AS TEXT),
       o.user_id, %(title)s,
       b.name || %(word_colon)s
       || CASE WHEN e.total IS NULL THEN ''
               ELSE %(word_total)s || CAST((e.total + 5) / 100 AS TEXT) || '.'
                    || CAST((e.total + 5) / 10 - (e.total + 5) / 100 * 10 AS TEXT)
                    || %(word_marks)s
                    || CASE WHEN e.band = '' THEN '' ELSE %(word_band)s || e.band END
                    || %(word_comma)s END
       || CASE e.unranked_reason
               WHEN '' THEN %(word_place)s || CAST(e.rank AS TEXT) || %(word_of)s
                            || CAST(e.group_size AS TEXT) || %(word_branches)s
               WHEN 'exempt' THEN %(word_exempt)s
               WHEN 'not_inspected' THEN %(word_not_inspected)s
               ELSE %(word_small_group)s END
       || %(word_stop)s,
       %(link)s, %(now)s
FROM evaluations_rankingentry e
JOIN branches_branch b ON b.id = e.branch_id
JOIN (
-- include: branch_secretaries.sql
) o ON o.branch_id = e.branch_id
WHERE e.run_id = %(run_id)s
ORDER BY o.branch_id, o.user_id
ON CONFLICT (key) DO NOTHING
