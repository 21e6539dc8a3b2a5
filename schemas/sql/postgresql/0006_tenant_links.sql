-- What a pull knows of the objects of its sources.  Tables and columns are those of SQLite's file of
-- this name, where they are explained.

CREATE TABLE scimd_link (
  tenant_id int NOT NULL,
  pk bigint NOT NULL,
  source bigint NOT NULL,
  source_id varchar(255) COLLATE "C" NOT NULL,
  object smallint NOT NULL,
  state smallint NOT NULL,
  resource_pk bigint NOT NULL,
  fingerprint varchar(64) COLLATE "C" NOT NULL,
  attributes text,
  document text,
  refs text,
  due_us bigint NOT NULL,
  gone_us bigint NOT NULL,
  tries int NOT NULL,
  problem text,
  CONSTRAINT scimd_link_pk PRIMARY KEY (tenant_id, pk)
);

CREATE UNIQUE INDEX scimd_link_id ON scimd_link (tenant_id, source, source_id);
-- for walks in order of pk, and counts that needn't look at a row
CREATE INDEX scimd_link_walk ON scimd_link (tenant_id, source, pk, state, object);
CREATE INDEX scimd_link_resource ON scimd_link (tenant_id, resource_pk, pk)
WHERE resource_pk <> 0;
CREATE INDEX scimd_link_due ON scimd_link (tenant_id, source, due_us, pk)
WHERE due_us <> 0;
CREATE INDEX scimd_link_problem ON scimd_link (tenant_id, source, pk)
WHERE problem IS NOT NULL;

CREATE TABLE scimd_link_wait (
  tenant_id int NOT NULL,
  source bigint NOT NULL,
  owner bigint NOT NULL,
  path bigint NOT NULL,
  target varchar(255) COLLATE "C" NOT NULL,
  CONSTRAINT scimd_link_wait_pk PRIMARY KEY (tenant_id, source, owner, path, target)
);

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
);

CREATE TABLE scimd_sync_set (
  tenant_id int NOT NULL,
  source bigint NOT NULL,
  owner varchar(255) COLLATE "C" NOT NULL,
  part bigint NOT NULL,
  items text NOT NULL,
  CONSTRAINT scimd_sync_set_pk PRIMARY KEY (tenant_id, source, owner, part)
);

CREATE TABLE scimd_staged (
  tenant_id int NOT NULL,
  source bigint NOT NULL,
  plan bigint NOT NULL,
  kind smallint NOT NULL,
  source_id varchar(255) COLLATE "C" NOT NULL,
  member varchar(255) COLLATE "C" NOT NULL,
  object smallint NOT NULL,
  fingerprint varchar(64) COLLATE "C" NOT NULL,
  attributes text,
  document text,
  refs text,
  due_us bigint NOT NULL,
  CONSTRAINT scimd_staged_pk PRIMARY KEY (tenant_id, source, plan, kind, source_id, member)
);

CREATE TABLE scimd_plan (
  tenant_id int NOT NULL,
  run bigint NOT NULL,
  part bigint NOT NULL,
  content text NOT NULL,
  CONSTRAINT scimd_plan_pk PRIMARY KEY (tenant_id, run, part)
);

-- What the planner should expect of a large source, until the tables have statistics of their own.
-- Without any it takes a tenant for one of two hundred, a source as well, and would sooner read a
-- source through for each key than look the keys up: in a first import, when it matters most.  So it
-- is shown a thousand rows that differ, and told that tenant and source don't.
INSERT INTO scimd_link (tenant_id, pk, source, source_id, object, state, resource_pk, fingerprint,
due_us, gone_us, tries, problem) SELECT g, g, g, g, 1 + g % 2, 1, g, '',
CASE WHEN g % 50 = 0 THEN g ELSE 0 END, 0, 0, CASE WHEN g % 50 = 0 THEN 'x' END
FROM generate_series(1, 1000) g;

INSERT INTO scimd_link_wait (tenant_id, source, owner, path, target)
SELECT g, g, g, 0, g FROM generate_series(1, 1000) g;

INSERT INTO scimd_staged (tenant_id, source, plan, kind, source_id, member, object, fingerprint,
due_us) SELECT g, g, 0, 1 + g % 4, g, g, 1, '', 0 FROM generate_series(1, 1000) g;

ALTER TABLE scimd_link ALTER COLUMN tenant_id SET (n_distinct = 1),
ALTER COLUMN source SET (n_distinct = 2);
ALTER TABLE scimd_link_wait ALTER COLUMN tenant_id SET (n_distinct = 1),
ALTER COLUMN source SET (n_distinct = 2);
ALTER TABLE scimd_staged ALTER COLUMN tenant_id SET (n_distinct = 1),
ALTER COLUMN source SET (n_distinct = 2);

ANALYZE scimd_link, scimd_link_wait, scimd_staged;

ALTER TABLE scimd_link ALTER COLUMN tenant_id RESET (n_distinct),
ALTER COLUMN source RESET (n_distinct);
ALTER TABLE scimd_link_wait ALTER COLUMN tenant_id RESET (n_distinct),
ALTER COLUMN source RESET (n_distinct);
ALTER TABLE scimd_staged ALTER COLUMN tenant_id RESET (n_distinct),
ALTER COLUMN source RESET (n_distinct);

TRUNCATE scimd_link, scimd_link_wait, scimd_staged;

SELECT scimd_protect(t.name) FROM (VALUES ('scimd_link'), ('scimd_link_wait'), ('scimd_sync'),
('scimd_sync_set'), ('scimd_staged'), ('scimd_plan')) AS t (name);
