-- Resources of the tenants in one database.  Tables and columns are those of SQLite's file of this
-- name, where they are explained; tenant_id is bound in every statement.  What differs:
--
-- - keys are COLLATE "C": comparison and order by bytes, whatever the database's locale;
-- - transactions run side by side, so foreign keys keep a membership from outliving either end, and
--   advisory locks keep a reference from being parked while its resource arrives;
-- - a count that all writers raise would have them queue: they leave rows in scimd_block_delta,
--   which scimd_block_merge() takes into scimd_block now and then (store/blocks.h);
-- - row-level security: a session sees the tenant that it has named in scimd.tenant, also where a
--   statement forgot to say so.  'all' opens all tenants; nothing set opens none.
--
-- A statement ends with a semicolon at the end of a line outside of $$; comments are lines of their
-- own.

-- Row-level security for a table with a tenant_id, for its owner as well.  The sub-selects are
-- evaluated once a query, not once a row.
CREATE FUNCTION scimd_protect(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
  EXECUTE format(
    'CREATE POLICY %I ON %I USING ('
    'tenant_id = (SELECT NULLIF(NULLIF(current_setting(''scimd.tenant'', true), ''all''), '''')::int) '
    'OR (SELECT current_setting(''scimd.tenant'', true) = ''all''))',
    name || '_tenant', name);
END
$$;

CREATE TABLE scimd_resource (
  tenant_id int NOT NULL,
  pk bigint NOT NULL,
  rtype bigint NOT NULL,
  id varchar(64) COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  created_us bigint NOT NULL,
  modified_us bigint NOT NULL,
  document_bytes int NOT NULL,
  document text NOT NULL,
  CONSTRAINT scimd_resource_pk PRIMARY KEY (tenant_id, pk)
);

CREATE UNIQUE INDEX scimd_resource_id ON scimd_resource (tenant_id, id);
CREATE INDEX scimd_resource_type ON scimd_resource (tenant_id, rtype, pk);
CREATE INDEX scimd_resource_modified ON scimd_resource (tenant_id, rtype, modified_us, pk);

-- last_pk: no resource that was counted in the block comes behind it.
CREATE TABLE scimd_block (
  tenant_id int NOT NULL,
  rtype bigint NOT NULL,
  first_pk bigint NOT NULL,
  n bigint NOT NULL,
  last_pk bigint NOT NULL,
  CONSTRAINT scimd_block_pk PRIMARY KEY (tenant_id, rtype, first_pk)
);

-- n: 1 for a resource that came, -1 for one that went.
CREATE TABLE scimd_block_delta (
  tenant_id int NOT NULL,
  rtype bigint NOT NULL,
  pk bigint NOT NULL,
  n int NOT NULL,
  CONSTRAINT scimd_block_delta_pk PRIMARY KEY (tenant_id, rtype, pk, n)
) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

-- The blocks as they are now.
CREATE VIEW scimd_block_now AS
SELECT u.tenant_id, u.rtype, u.first_pk, CAST(SUM(u.n) AS bigint) AS n FROM (
SELECT b.tenant_id, b.rtype, b.first_pk, b.n FROM scimd_block b UNION ALL
SELECT d.tenant_id, d.rtype, COALESCE((SELECT MAX(c.first_pk) FROM scimd_block c
WHERE c.tenant_id = d.tenant_id AND c.rtype = d.rtype AND c.first_pk <= d.pk), d.pk), d.n
FROM scimd_block_delta d) u
GROUP BY u.tenant_id, u.rtype, u.first_pk;

-- Which references a new resource might meet while they are parked: both sides lock the same one of
-- a few numbers, so that a large transaction does not fill the table of locks.
CREATE FUNCTION scimd_arrival(id text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
SELECT hashtext(id) & 63
$$;

CREATE FUNCTION scimd_resource_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO scimd_block_delta (tenant_id, rtype, pk, n)
    VALUES (OLD.tenant_id, OLD.rtype, OLD.pk, -1);
  ELSE
    INSERT INTO scimd_block_delta (tenant_id, rtype, pk, n)
    VALUES (NEW.tenant_id, NEW.rtype, NEW.pk, 1);
    PERFORM pg_advisory_xact_lock_shared(NEW.tenant_id, scimd_arrival(NEW.id));
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER scimd_resource_counted AFTER INSERT OR DELETE ON scimd_resource
FOR EACH ROW EXECUTE FUNCTION scimd_resource_counted();

-- Takes the deltas of a tenant into its blocks.  One at a time: who comes second leaves it to the
-- first.  Behind the last block new ones begin as soon as it has 1024; a resource that is not behind
-- all that were counted goes to the block that has its place.
CREATE FUNCTION scimd_block_merge(tenant int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  merged bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(tenant, 64) THEN
    RETURN 0;
  END IF;
  WITH gone AS (
    DELETE FROM scimd_block_delta d WHERE d.tenant_id = tenant RETURNING d.rtype, d.pk, d.n
  ), net AS (
    SELECT g.rtype, g.pk, SUM(g.n) AS n FROM gone g GROUP BY g.rtype, g.pk HAVING SUM(g.n) <> 0
  ), tail AS (
    SELECT DISTINCT ON (b.rtype) b.rtype, b.first_pk, b.last_pk, b.n FROM scimd_block b
    WHERE b.tenant_id = tenant ORDER BY b.rtype, b.first_pk DESC
  ), behind AS (
    SELECT x.rtype, x.pk, x.n, t.first_pk AS tail_pk, (COALESCE(t.n, 0) - 1
    + row_number() OVER (PARTITION BY x.rtype ORDER BY x.pk)) / 1024 AS chunk
    FROM net x LEFT JOIN tail t ON t.rtype = x.rtype WHERE t.rtype IS NULL OR x.pk > t.last_pk
  ), within AS (
    SELECT x.rtype, x.pk, x.n, (SELECT MAX(b.first_pk) FROM scimd_block b
    WHERE b.tenant_id = tenant AND b.rtype = x.rtype AND b.first_pk <= x.pk) AS first_pk
    FROM net x JOIN tail t ON t.rtype = x.rtype WHERE x.pk <= t.last_pk
  ), placed AS (
    SELECT w.rtype, COALESCE(w.first_pk, MIN(w.pk)) AS first_pk, SUM(w.n) AS n, MAX(w.pk) AS last_pk
    FROM within w GROUP BY w.rtype, w.first_pk
    UNION ALL
    SELECT h.rtype, CASE WHEN h.chunk = 0 AND h.tail_pk IS NOT NULL THEN h.tail_pk
    ELSE MIN(h.pk) END, SUM(h.n), MAX(h.pk)
    FROM behind h GROUP BY h.rtype, h.chunk, h.tail_pk
  ), summed AS (
    SELECT p.rtype, p.first_pk, SUM(p.n) AS n, MAX(p.last_pk) AS last_pk
    FROM placed p GROUP BY p.rtype, p.first_pk
  ), written AS (
    INSERT INTO scimd_block AS b (tenant_id, rtype, first_pk, n, last_pk)
    SELECT tenant, s.rtype, s.first_pk, s.n, s.last_pk FROM summed s
    ON CONFLICT (tenant_id, rtype, first_pk) DO UPDATE
    SET n = b.n + EXCLUDED.n, last_pk = GREATEST(b.last_pk, EXCLUDED.last_pk)
    RETURNING 1
  )
  SELECT COUNT(*) INTO merged FROM written;
  DELETE FROM scimd_block b WHERE b.tenant_id = tenant AND b.n = 0;
  RETURN merged;
END
$$;

CREATE TABLE scimd_user (
  tenant_id int NOT NULL,
  pk bigint NOT NULL,
  id varchar(64) COLLATE "C" NOT NULL,
  active smallint,
  user_name text NOT NULL,
  user_name_key varchar(425) COLLATE "C" NOT NULL,
  external_id text,
  external_id_key varchar(425) COLLATE "C",
  display_name text,
  display_name_key varchar(425) COLLATE "C",
  family_name text,
  family_name_key varchar(425) COLLATE "C",
  given_name text,
  given_name_key varchar(425) COLLATE "C",
  formatted_name text,
  formatted_name_key varchar(425) COLLATE "C",
  title text,
  title_key varchar(425) COLLATE "C",
  user_type text,
  user_type_key varchar(425) COLLATE "C",
  preferred_language text,
  preferred_language_key varchar(425) COLLATE "C",
  locale text,
  locale_key varchar(425) COLLATE "C",
  timezone text,
  timezone_key varchar(425) COLLATE "C",
  CONSTRAINT scimd_user_pk PRIMARY KEY (tenant_id, pk)
);

CREATE UNIQUE INDEX scimd_user_name ON scimd_user (tenant_id, user_name_key);
CREATE INDEX scimd_user_external ON scimd_user (tenant_id, external_id_key, pk)
WHERE external_id_key IS NOT NULL;
CREATE INDEX scimd_user_display ON scimd_user (tenant_id, display_name_key, pk)
WHERE display_name_key IS NOT NULL;

CREATE TABLE scimd_user_value (
  tenant_id int NOT NULL,
  pk bigint NOT NULL,
  attr smallint NOT NULL,
  idx int NOT NULL,
  value text,
  value_key varchar(425) COLLATE "C",
  value_long text COLLATE "C",
  type text,
  type_key varchar(425) COLLATE "C",
  display text,
  display_key varchar(425) COLLATE "C",
  is_primary smallint,
  CONSTRAINT scimd_user_value_pk PRIMARY KEY (tenant_id, pk, attr, idx)
);

CREATE INDEX scimd_user_value_key ON scimd_user_value (tenant_id, attr, value_key, type_key, pk);
CREATE INDEX scimd_user_value_long ON scimd_user_value (tenant_id, attr, pk)
WHERE value_long IS NOT NULL;

CREATE TABLE scimd_group (
  tenant_id int NOT NULL,
  pk bigint NOT NULL,
  id varchar(64) COLLATE "C" NOT NULL,
  display_name text,
  display_name_key varchar(425) COLLATE "C",
  external_id text,
  external_id_key varchar(425) COLLATE "C",
  CONSTRAINT scimd_group_pk PRIMARY KEY (tenant_id, pk)
);

CREATE INDEX scimd_group_display ON scimd_group (tenant_id, display_name_key, pk);
CREATE INDEX scimd_group_external ON scimd_group (tenant_id, external_id_key, pk)
WHERE external_id_key IS NOT NULL;

CREATE TABLE scimd_attribute (
  tenant_id int NOT NULL,
  pk bigint NOT NULL,
  path bigint NOT NULL,
  elem int NOT NULL,
  rtype bigint NOT NULL,
  skey varchar(425) COLLATE "C",
  num bigint,
  long_key text COLLATE "C",
  CONSTRAINT scimd_attribute_pk PRIMARY KEY (tenant_id, pk, path, elem)
);

CREATE INDEX scimd_attribute_key ON scimd_attribute (tenant_id, rtype, path, skey, pk)
WHERE skey IS NOT NULL;
CREATE INDEX scimd_attribute_number ON scimd_attribute (tenant_id, rtype, path, num, pk)
WHERE num IS NOT NULL;
CREATE INDEX scimd_attribute_long ON scimd_attribute (tenant_id, rtype, path, pk)
WHERE long_key IS NOT NULL;

CREATE TABLE scimd_unique (
  tenant_id int NOT NULL,
  path bigint NOT NULL,
  skey varchar(425) COLLATE "C" NOT NULL,
  pk bigint NOT NULL,
  CONSTRAINT scimd_unique_pk PRIMARY KEY (tenant_id, path, skey)
);

CREATE INDEX scimd_unique_owner ON scimd_unique (tenant_id, pk);

-- A violation of these two keys means that somebody deleted the other end meanwhile: the
-- transaction runs again (dialect_postgresql.c knows them by scimd_member_).
CREATE TABLE scimd_member (
  tenant_id int NOT NULL,
  group_pk bigint NOT NULL,
  member_pk bigint NOT NULL,
  mtype bigint NOT NULL,
  CONSTRAINT scimd_member_pk PRIMARY KEY (tenant_id, group_pk, member_pk),
  CONSTRAINT scimd_member_group FOREIGN KEY (tenant_id, group_pk)
  REFERENCES scimd_resource (tenant_id, pk),
  CONSTRAINT scimd_member_member FOREIGN KEY (tenant_id, member_pk)
  REFERENCES scimd_resource (tenant_id, pk)
);

CREATE INDEX scimd_member_of ON scimd_member (tenant_id, member_pk, group_pk);

CREATE TABLE scimd_member_parked (
  tenant_id int NOT NULL,
  group_pk bigint NOT NULL,
  member_id varchar(64) COLLATE "C" NOT NULL,
  mtype varchar(255),
  CONSTRAINT scimd_member_parked_pk PRIMARY KEY (tenant_id, group_pk, member_id),
  CONSTRAINT scimd_member_parked_group FOREIGN KEY (tenant_id, group_pk)
  REFERENCES scimd_resource (tenant_id, pk)
);

CREATE INDEX scimd_member_parked_id ON scimd_member_parked (tenant_id, member_id);

-- Waits for resources that are arriving under the ids just parked.  Where one has arrived, the
-- transaction runs again and finds it.  The locks in order: parkers don't meet crosswise.
CREATE FUNCTION scimd_member_awaited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(l.tenant_id, l.arrival) FROM (
    SELECT DISTINCT p.tenant_id, scimd_arrival(p.member_id) AS arrival FROM parked p
    ORDER BY p.tenant_id, arrival) l;
  IF EXISTS (SELECT 1 FROM parked p JOIN scimd_resource r
             ON r.tenant_id = p.tenant_id AND r.id = p.member_id AND r.rtype IN (1, 2)) THEN
    RAISE EXCEPTION 'a parked member has arrived meanwhile' USING ERRCODE = '40001';
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER scimd_member_awaited AFTER INSERT ON scimd_member_parked
REFERENCING NEW TABLE AS parked
FOR EACH STATEMENT EXECUTE FUNCTION scimd_member_awaited();

CREATE TABLE scimd_meta (
  tenant_id int NOT NULL,
  name varchar(64) COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  CONSTRAINT scimd_meta_pk PRIMARY KEY (tenant_id, name)
);

SELECT scimd_protect(t.name) FROM (VALUES ('scimd_resource'), ('scimd_block'),
('scimd_block_delta'), ('scimd_user'), ('scimd_user_value'), ('scimd_group'), ('scimd_attribute'),
('scimd_unique'), ('scimd_member'), ('scimd_member_parked'), ('scimd_meta')) AS t (name);
