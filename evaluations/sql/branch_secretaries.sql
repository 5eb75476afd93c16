-- Secretaries and deputies in office on %(today)s who can sign in, as rows (branch_id, user_id).
    SELECT a.branch_id, p.user_id
    FROM branches_appointment a
    JOIN branches_person p ON p.id = a.person_id
    JOIN accounts_user u ON u.id = p.user_id
    WHERE a.branch_id IS NOT NULL
      AND a.post_id IN ('secretary', 'deputy_secretary')
      AND a.started_on <= %(today)s
      AND (a.ended_on IS NULL OR a.ended_on >= %(today)s)
      AND u.is_active
