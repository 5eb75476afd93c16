-- How many teams came to each branch. Follows round.sql.

visits AS NOT MATERIALIZED (
    SELECT participant_id, branch_id, COUNT(*) AS n
    FROM sheet
    GROUP BY participant_id, branch_id
)
