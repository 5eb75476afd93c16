-- What counts, and as what: the one definition of 出队次数, 出动人次 and 出动台次. Every figure of
-- the portal is a sum over these rows, or over the monthly tally that is kept from them.
--
-- One row per turnout, day and crew; an opening balance (期初数) is a row of its own.
--   * a person counts once per turnout and day: TurnoutPerson holds one row for that, and each
--     row belongs to one crew, so that two crews on one turnout share its people without counting
--     anybody twice; a relief shift brings other people and counts anew;
--   * a vehicle likewise;
--   * the turnout itself, its promise and its customers count once: on its first day, for the
--     crew that leads;
--   * drafts and voided turnouts are no rows. is_verified tells what published totals may use.
--
SELECT t.id AS turnout_id, CAST(NULL AS BIGINT) AS opening_id,
       u.day, u.crew_id, t.county, t.service_kind, t.sub_kind,
       COALESCE(t.operation_id, 0) AS operation_key, COALESCE(t.city_goal_id, '') AS goal,
       CASE WHEN t.status = 'verified' THEN 1 ELSE 0 END AS is_verified, 0 AS is_opening,
       u.turnouts, u.person_times, u.vehicle_times,
       u.turnouts * CASE WHEN t.is_in_time IS NOT NULL THEN 1 ELSE 0 END AS timed,
       u.turnouts * CASE WHEN t.is_in_time THEN 1 ELSE 0 END AS in_time,
       u.turnouts * CASE WHEN t.satisfaction NOT IN ('', 'unreached') THEN 1 ELSE 0 END AS asked,
       u.turnouts * CASE WHEN t.satisfaction IN ('very', 'satisfied') THEN 1 ELSE 0 END
           AS satisfied,
       u.turnouts * COALESCE(t.customers_restored, 0) AS customers_restored,
       u.turnouts * COALESCE(t.lines_restored, 0) AS lines_restored,
       u.turnouts * COALESCE(t.minutes_out, 0) AS minutes_out
FROM (
    SELECT id AS turnout_id, started_on AS day, crew_id,
           1 AS turnouts, 0 AS person_times, 0 AS vehicle_times
    FROM servicecrew_turnout
    UNION ALL
    SELECT turnout_id, day, crew_id, 0, COUNT(*), 0
    FROM servicecrew_turnoutperson
    GROUP BY turnout_id, day, crew_id
    UNION ALL
    SELECT turnout_id, day, crew_id, 0, 0, COUNT(*)
    FROM servicecrew_turnoutvehicle
    GROUP BY turnout_id, day, crew_id
) u
JOIN servicecrew_turnout t ON t.id = u.turnout_id
WHERE t.status IN ('logged', 'captain_confirmed', 'verified')
UNION ALL
SELECT CAST(NULL AS BIGINT), o.id, o.counted_on, o.crew_id, c.county, o.service_kind, o.sub_kind,
       COALESCE(o.operation_id, 0), '', 1, 1,
       o.turnouts, o.person_times, o.vehicle_times, 0, 0, 0, 0, 0, 0, 0
FROM servicecrew_openingbalance o
JOIN servicecrew_crew c ON c.id = o.crew_id
