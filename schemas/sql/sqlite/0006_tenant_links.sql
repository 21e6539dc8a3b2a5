-- What a pull knows of the objects of its sources, in the tenant's database, so that a page, its
-- cursor and its links are one transaction.  source is scimd_source.id; times are microseconds since
-- 1970 (UTC).
--
-- scimd_link        one object of a source.  object: 1 user, 2 group; state: enum link_state;
--                   resource_pk 0: none; fingerprint: SHA-256 of mapping and attributes as they
--                   stand in the resource, '' where they don't wholly; attributes: the source's own,
--                   JSON; document: mapped, without references, as it stands in the resource;
--                   refs: JSON [{"target":..,"source_id":..}]; due_us: when to look at it again by
--                   itself (an expiry date, a retry, the end of a grace), 0: never; gone_us: since
--                   when the source doesn't have it; problem: why it has no resource, or not all of
--                   it
-- scimd_link_wait   owner (link pk) names target, which has no resource yet: as a member (path 0) or
--                   in a reference (attribute.path_id)
-- scimd_sync        where a source stands; cursor texts are base64url; doubt: why the last complete
--                   pass is hard to believe
-- scimd_sync_set    parts of a set that is being read: the objects of a full pass (owner ''), the
--                   members of a group whose set comes in parts (its source id).  items: JSON list
--                   of numbers
-- scimd_staged      what a run would take away, or, of a dry run, what it would do (plan: the
--                   run's id; 0: of the source as it runs).  kind: enum staged_kind
-- scimd_plan        a run's plan as text for people, in pieces

CREATE TABLE scimd_link (
  pk INTEGER NOT NULL PRIMARY KEY,
  tenant_id int NOT NULL,
  source bigint NOT NULL,
  source_id varchar(255) NOT NULL,
  object smallint NOT NULL,
  state smallint NOT NULL,
  resource_pk bigint NOT NULL,
  fingerprint varchar(64) NOT NULL,
  attributes text,
  document text,
  refs text,
  due_us bigint NOT NULL,
  gone_us bigint NOT NULL,
  tries int NOT NULL,
  problem text
);

CREATE UNIQUE INDEX scimd_link_id ON scimd_link (tenant_id, source, source_id);
-- for walks in order of pk, and counts that needn't look at a row
CREATE INDEX scimd_link_walk ON scimd_link (tenant_id, source, pk, state, object);
CREATE INDEX scimd_link_resource ON scimd_link (tenant_id, resource_pk) WHERE resource_pk <> 0;
CREATE INDEX scimd_link_due ON scimd_link (tenant_id, source, due_us) WHERE due_us <> 0;
CREATE INDEX scimd_link_problem ON scimd_link (tenant_id, source) WHERE problem IS NOT NULL;

CREATE TABLE scimd_link_wait (
  tenant_id int NOT NULL,
  source bigint NOT NULL,
  owner bigint NOT NULL,
  path bigint NOT NULL,
  target varchar(255) NOT NULL,
  CONSTRAINT scimd_link_wait_pk PRIMARY KEY (tenant_id, source, owner, path, target)
) WITHOUT ROWID;

CREATE INDEX scimd_link_wait_target ON scimd_link_wait (tenant_id, source, target);

CREATE TABLE scimd_sync (
  tenant_id int NOT NULL,
  source bigint NOT NULL,
  fence bigint NOT NULL,
  run bigint NOT NULL,
  phase smallint NOT NULL,
  page bigint NOT NULL,
  cursor_text text NOT NULL,
  pass_cursor text NOT NULL,
  counters text NOT NULL,
  doubt text NOT NULL,
  CONSTRAINT scimd_sync_pk PRIMARY KEY (tenant_id, source)
) WITHOUT ROWID;

CREATE TABLE scimd_sync_set (
  tenant_id int NOT NULL,
  source bigint NOT NULL,
  owner varchar(255) NOT NULL,
  part bigint NOT NULL,
  items text NOT NULL,
  CONSTRAINT scimd_sync_set_pk PRIMARY KEY (tenant_id, source, owner, part)
) WITHOUT ROWID;

CREATE TABLE scimd_staged (
  tenant_id int NOT NULL,
  source bigint NOT NULL,
  plan bigint NOT NULL,
  kind smallint NOT NULL,
  source_id varchar(255) NOT NULL,
  member varchar(255) NOT NULL,
  object smallint NOT NULL,
  fingerprint varchar(64) NOT NULL,
  attributes text,
  document text,
  refs text,
  due_us bigint NOT NULL,
  CONSTRAINT scimd_staged_pk PRIMARY KEY (tenant_id, source, plan, kind, source_id, member)
) WITHOUT ROWID;

CREATE TABLE scimd_plan (
  tenant_id int NOT NULL,
  run bigint NOT NULL,
  part bigint NOT NULL,
  content text NOT NULL,
  CONSTRAINT scimd_plan_pk PRIMARY KEY (tenant_id, run, part)
) WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
('scimd_link', 'scimd_link_id', '100000000 100000000 50000000 1'),
('scimd_link', 'scimd_link_walk', '100000000 100000000 50000000 1 1 1'),
('scimd_link', 'scimd_link_resource', '100000000 100000000 2'),
('scimd_link', 'scimd_link_due', '100000 100000 50000 2'),
('scimd_link', 'scimd_link_problem', '100000 100000 50000'),
('scimd_link_wait', 'scimd_link_wait', '100000000 100000000 50000000 20 20 1'),
('scimd_link_wait', 'scimd_link_wait_target', '100000000 100000000 50000000 5'),
('scimd_staged', 'scimd_staged', '100000000 100000000 50000000 50000000 10000000 20 1');

ANALYZE sqlite_schema;
