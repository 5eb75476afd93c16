-- The standing of every participant of one round: base, bonus, cap, total, band, rank.
-- domain.md 2.2 in one statement; publication inserts exactly these rows.
--
-- Parameters besides those of round.sql: own_share (per cent), by_tier (1 or 0), min_group,
-- previous_run_id (latest revision of the last published month, or 0), first_run_id (this
-- round's first publication when it is corrected, or 0), month; is_corrected (1 when corrected
-- scores are official, else 0), corrections (JSON: participant -> hundredths that correct the
-- mean of its sheets) and parts (JSON: participant -> part of its group inside which corrected
-- scores are ranked), both {} when nothing is known of the teams.
--
-- Half up in whole numbers: a/b rounded = (2a + b) / (2b).

WITH
-- include: round.sql
,
-- include: taken.sql
,
-- include: loss.sql
,

-- include: sheet_score.sql
,

-- What fairness.py found: few rows, or none.
correction AS (
    SELECT CAST(c.key AS INTEGER) AS participant_id, CAST(c.value AS INTEGER) AS points
    FROM JSON_PAIRS(%(corrections)s) c
),

part_of AS (
    SELECT CAST(c.key AS INTEGER) AS participant_id, CAST(c.value AS INTEGER) AS part
    FROM JSON_PAIRS(%(parts)s) c
),

-- The mean of the teams that came.
own AS (
    SELECT scores.participant_id, COUNT(*) AS visits,
           CAST((2 * SUM(base) + COUNT(*)) / (2 * COUNT(*)) AS INTEGER) AS base,
           COALESCE(MAX(c.points), 0) AS points,
           CAST((2 * SUM(key_marks) + COUNT(*)) / (2 * COUNT(*)) AS INTEGER) AS key_marks
    FROM (SELECT participant_id, CAST(base AS INTEGER) AS base,
                 CAST(key_marks AS INTEGER) AS key_marks
          FROM sheet_score) scores
    LEFT JOIN correction c ON c.participant_id = scores.participant_id
    GROUP BY scores.participant_id
),

-- A general branch shares the mean of the branches under it.
below AS (
    SELECT p.parent_id AS branch_id, COUNT(*) AS branches, SUM(o.base) AS base_sum,
           SUM(o.points) AS points_sum
    FROM part p
    JOIN own o ON o.participant_id = p.id
    WHERE p.parent_id IS NOT NULL
    GROUP BY p.parent_id
),

bonus AS (
    SELECT b.participant_id, SUM(b.points) AS points
    FROM evaluations_bonusentry b
    JOIN part p ON p.id = b.participant_id
    GROUP BY b.participant_id
),

capped AS (
    SELECT e.participant_id, MIN(r.cap) AS cap
    FROM evaluations_vetoevent e
    JOIN part p ON p.id = e.participant_id
    JOIN evaluations_vetorule r ON r.id = e.rule_id
    GROUP BY e.participant_id
),

unsettled AS (
    SELECT f.branch_id, COUNT(*) AS findings
    FROM evaluations_finding f
    JOIN evaluations_inspection i ON i.id = f.inspection_id
    JOIN evaluations_monthround m ON m.id = i.round_id
    WHERE f.status <> 'verified'
      AND i.status IN ('submitted', 'confirmed')
      AND m.month <= %(month)s
    GROUP BY f.branch_id
),

marked AS (
    SELECT p.id AS participant_id, p.branch_id, p.tier, p.branch_type, p.is_exempt, p.version_id,
           p.secretary_id, p.secretary_mode,
           COALESCE(o.visits, 0) AS visits,
           CASE WHEN o.base IS NULL OR p.tier <> 'general_branch' OR w.branches IS NULL THEN o.base
                ELSE (2 * (%(own_share)s * o.base * w.branches + (100 - %(own_share)s) * w.base_sum)
                      + 100 * w.branches) / (200 * w.branches)
           END AS base,
           CASE WHEN o.base IS NULL OR p.tier <> 'general_branch' OR w.branches IS NULL
                THEN o.base + o.points
                ELSE (2 * (%(own_share)s * (o.base + o.points) * w.branches
                           + (100 - %(own_share)s) * (w.base_sum + w.points_sum))
                      + 100 * w.branches) / (200 * w.branches)
           END AS fair_base,
           COALESCE(q.part, 0) AS part,
           o.key_marks,
           CASE WHEN COALESCE(b.points, 0) > v.bonus_cap THEN v.bonus_cap
                ELSE COALESCE(b.points, 0) END AS bonus,
           c.cap,
           COALESCE(first_entry.open_findings, u.findings, 0) AS open_findings,
           e.total AS previous_total,
           e.rank AS previous_rank
    FROM part p
    JOIN evaluations_rubricversion v ON v.id = p.version_id
    LEFT JOIN own o ON o.participant_id = p.id
    LEFT JOIN part_of q ON q.participant_id = p.id
    LEFT JOIN below w ON w.branch_id = p.branch_id
    LEFT JOIN bonus b ON b.participant_id = p.id
    LEFT JOIN capped c ON c.participant_id = p.id
    LEFT JOIN unsettled u ON u.branch_id = p.branch_id
    LEFT JOIN evaluations_rankingentry e
           ON e.run_id = %(previous_run_id)s AND e.branch_id = p.branch_id
    LEFT JOIN evaluations_rankingentry first_entry
           ON first_entry.run_id = %(first_run_id)s AND first_entry.branch_id = p.branch_id
),

-- Both totals, each under the same cap; the official one ranks, the other is told beside it.
either AS (
    SELECT m.*,
           CASE WHEN m.base IS NULL THEN NULL
                WHEN m.cap IS NOT NULL AND m.base + m.bonus > m.cap THEN m.cap
                ELSE m.base + m.bonus END AS raw_total,
           CASE WHEN m.base IS NULL THEN NULL
                WHEN m.cap IS NOT NULL AND m.fair_base + m.bonus > m.cap THEN m.cap
                ELSE m.fair_base + m.bonus END AS fair_total
    FROM marked m
),

totalled AS (
    SELECT e.*,
           CASE WHEN %(is_corrected)s = 1 THEN e.fair_total ELSE e.raw_total END AS total,
           CASE WHEN %(is_corrected)s = 1 THEN e.raw_total ELSE e.fair_total END AS other_total,
           CASE WHEN %(is_corrected)s = 1 THEN e.part ELSE 0 END AS main_part,
           CASE WHEN %(is_corrected)s = 1 THEN 0 ELSE e.part END AS other_part,
           CASE WHEN %(is_corrected)s = 1 THEN e.fair_base - e.base END AS correction
    FROM either e
),

-- Tier by type only where every such group is big enough, else by type.
tier_groups AS (
    SELECT COUNT(*) AS size
    FROM totalled
    WHERE total IS NOT NULL
    GROUP BY tier, branch_type
),

basis AS (
    SELECT CASE WHEN %(by_tier)s = 1 AND MIN(size) >= %(min_group)s THEN 1 ELSE 0 END AS by_tier
    FROM tier_groups
),

grouped AS (
    SELECT t.*,
           CASE WHEN s.by_tier = 1 THEN t.tier || ':' || t.branch_type
                ELSE t.branch_type END AS group_key
    FROM totalled t
    CROSS JOIN basis s
),

-- Branches without a total come last in their group and are not counted in its size.
placed AS (
    SELECT g.*,
           COUNT(g.total) OVER (PARTITION BY g.group_key, g.main_part) AS size,
           RANK() OVER (
               PARTITION BY g.group_key, g.main_part
               ORDER BY CASE WHEN g.total IS NULL THEN 1 ELSE 0 END, g.total DESC,
                        g.key_marks DESC, g.open_findings,
                        COALESCE(g.total - g.previous_total, 0) DESC
           ) AS place,
           COUNT(g.total) OVER (PARTITION BY g.group_key, g.other_part) AS other_size,
           RANK() OVER (
               PARTITION BY g.group_key, g.other_part
               ORDER BY CASE WHEN g.total IS NULL THEN 1 ELSE 0 END, g.other_total DESC,
                        g.key_marks DESC, g.open_findings,
                        COALESCE(g.other_total - g.previous_total, 0) DESC
           ) AS other_place
    FROM grouped g
),

band_range AS (
    SELECT version_id, name, floor,
           LEAD(floor) OVER (PARTITION BY version_id ORDER BY floor) AS ceiling
    FROM evaluations_band
),

standing AS (
    SELECT g.participant_id, g.branch_id, g.tier, g.branch_type, g.group_key, g.secretary_id,
           g.secretary_mode, g.visits, g.base, g.bonus, g.cap, g.total, g.key_marks,
           g.open_findings,
           COALESCE(b.name, '') AS band,
           CASE WHEN g.total IS NOT NULL AND g.size >= %(min_group)s THEN g.place END AS rank,
           g.size AS group_size,
           CASE WHEN g.is_exempt THEN 'exempt'
                WHEN g.total IS NULL THEN 'not_inspected'
                WHEN g.size < %(min_group)s THEN 'small_group'
                ELSE '' END AS unranked_reason,
           g.previous_total, g.previous_rank, g.correction, g.other_total,
           CASE WHEN g.total IS NOT NULL AND g.other_size >= %(min_group)s
                THEN g.other_place END AS other_rank
    FROM placed g
    LEFT JOIN band_range b ON b.version_id = g.version_id AND g.total >= b.floor
         AND (b.ceiling IS NULL OR g.total < b.ceiling)
)
