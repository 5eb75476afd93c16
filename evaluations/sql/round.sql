-- The round: its participants, the items of their rubrics, the sheets that count.
-- Portable between SQLite (3.40) and PostgreSQL (15), like every file here.
--
-- NOT MATERIALIZED keeps the planner's knowledge of the tables: a materialised step has no
-- statistics, and joins over guesses took minutes instead of seconds.
--
-- Parameters: round_id, ends_quarter, ends_half_year, ends_year (1 or 0).

part AS NOT MATERIALIZED (
    SELECT p.id, p.branch_id, p.parent_id, p.tier, p.branch_type, p.rubric_version_id AS version_id,
           p.secretary_id, p.secretary_mode, p.is_exempt,
           CASE WHEN p.has_committee THEN 1 ELSE 0 END AS has_committee,
           CASE WHEN p.group_count > 0 THEN 1 ELSE 0 END AS has_groups
    FROM evaluations_roundparticipant p
    WHERE p.round_id = %(round_id)s
),

-- in_season: a quarter's item is due in its last month only, and so on.
item AS NOT MATERIALIZED (
    SELECT i.id, i.version_id, i.full_marks, i.applies_when, i.is_key_work,
           CASE WHEN i.is_key_work THEN 1 ELSE 0 END AS is_key,
           CASE i.frequency WHEN 'Q' THEN %(ends_quarter)s
                            WHEN 'H' THEN %(ends_half_year)s
                            WHEN 'Y' THEN %(ends_year)s
                            ELSE 1 END AS in_season
    FROM evaluations_rubricitem i
),

sheet AS NOT MATERIALIZED (
    SELECT s.id, s.participant_id, s.team_id, p.branch_id, p.version_id, p.has_committee,
           p.has_groups
    FROM evaluations_inspection s
    JOIN part p ON p.id = s.participant_id
    WHERE s.round_id = %(round_id)s
      AND s.status IN ('submitted', 'confirmed')
      AND NOT p.is_exempt
)
