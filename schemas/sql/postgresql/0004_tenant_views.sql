-- What the vendor's application reads: these views, and nothing else.  Later versions only add
-- columns.  Times are RFC 3339 text in UTC, flags 0 or 1.
--
-- A view reads with the rights of its owner, for whom row-level security holds as well, so a role
-- that reads needs the views alone, and says whose rows it wants:
--
--   GRANT SELECT ON scim_users, scim_user_emails, scim_groups, scim_group_members,
--     scim_changes TO app;
--   ALTER ROLE app SET scimd.tenant = 'all';

CREATE FUNCTION scimd_time(at_us bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT to_char(timestamp '1970-01-01' + at_us * interval '1 microsecond',
'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

CREATE VIEW scim_users AS
SELECT u.tenant_id, u.id, u.user_name, u.external_id, u.active, u.display_name, u.given_name,
u.family_name, u.formatted_name, u.title, u.user_type, u.preferred_language, u.locale, u.timezone,
(SELECT v.value FROM scimd_user_value v WHERE v.tenant_id = u.tenant_id AND v.pk = u.pk
AND v.attr = 1 ORDER BY COALESCE(v.is_primary, 0) DESC, v.idx LIMIT 1) AS primary_email,
r.version, scimd_time(r.created_us) AS created_at, scimd_time(r.modified_us) AS modified_at
FROM scimd_user u JOIN scimd_resource r ON r.tenant_id = u.tenant_id AND r.pk = u.pk;

CREATE VIEW scim_user_emails AS
SELECT u.tenant_id, u.id AS user_id, v.value AS email, v.type AS email_type,
COALESCE(v.is_primary, 0) AS is_primary
FROM scimd_user_value v JOIN scimd_user u ON u.tenant_id = v.tenant_id AND u.pk = v.pk
WHERE v.attr = 1;

CREATE VIEW scim_groups AS
SELECT g.tenant_id, g.id, g.display_name, g.external_id, r.version,
scimd_time(r.created_us) AS created_at, scimd_time(r.modified_us) AS modified_at
FROM scimd_group g JOIN scimd_resource r ON r.tenant_id = g.tenant_id AND r.pk = g.pk;

CREATE VIEW scim_group_members AS
SELECT m.tenant_id, g.id AS group_id, r.id AS member_id,
CASE m.mtype WHEN 1 THEN 'User' WHEN 2 THEN 'Group' END AS member_type
FROM scimd_member m JOIN scimd_group g ON g.tenant_id = m.tenant_id AND g.pk = m.group_pk
JOIN scimd_resource r ON r.tenant_id = m.tenant_id AND r.pk = m.member_pk;

-- sealed changes only, so that a reader who remembers a position skips none that was committed late
CREATE VIEW scim_changes AS
SELECT s.tenant_id, s.position, scimd_time(c.at_us) AS changed_at,
CASE c.action WHEN 1 THEN 'create' WHEN 2 THEN 'update' WHEN 3 THEN 'delete' WHEN 4 THEN 'members'
END AS action,
CASE c.rtype WHEN 1 THEN 'User' WHEN 2 THEN 'Group' END AS resource_type,
c.resource_id, c.actor, c.request_id, c.forward, c.reverse
FROM scimd_seal s JOIN scimd_change c ON c.tenant_id = s.tenant_id AND c.pk = s.pk;
