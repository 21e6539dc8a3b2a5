-- Sources that we pull from, their runs, what is asked of them, and secrets at rest.  In the control
-- database; all but scimd_counter rows are bound to a tenant.  Times are microseconds since 1970
-- (UTC), flags 0 or 1.
--
-- scimd_source   id: also a connection's number in links; definition: the source file in normal
--                form (JSON); owned: JSON list, the attributes that its mapping writes; state:
--                enum source_state, but for running (the lease says that); wanted: 0 nothing,
--                1 delta, 2 full, asked for by an administrator or by a change of definition;
--                next_*_us: when due; retry_us: not before, after a failure; lease_*: who runs it
--                and until when; fence: raised with each lease, checked by each commit of a run
-- scimd_run      kind: 1 delta, 2 full, 3 one object; state: enum run_state; counters and summary
--                as of the last page; words: why it is held or failed; hash: of the plan
-- scimd_job      what the API asks of the sync engine; state: 1 waiting, 2 taken, 3 answered
-- scimd_secret   sealed: AES-256-GCM, base64url (auth/seal.h)

CREATE TABLE scimd_source (
  id bigint NOT NULL PRIMARY KEY,
  tenant int NOT NULL REFERENCES scimd_tenant (number),
  name varchar(64) NOT NULL,
  type varchar(32) NOT NULL,
  precedence int NOT NULL,
  definition text NOT NULL,
  owned text NOT NULL,
  state smallint NOT NULL,
  wanted smallint NOT NULL,
  wanted_by varchar(255),
  next_delta_us bigint NOT NULL,
  next_full_us bigint NOT NULL,
  retry_us bigint NOT NULL,
  failures int NOT NULL,
  last_success_us bigint NOT NULL,
  last_full_us bigint NOT NULL,
  last_error text,
  run bigint NOT NULL,
  held_run bigint NOT NULL,
  lease_owner varchar(64),
  lease_until_us bigint NOT NULL,
  fence bigint NOT NULL,
  created_us bigint NOT NULL,
  changed_us bigint NOT NULL
) WITHOUT ROWID;

CREATE UNIQUE INDEX scimd_source_name ON scimd_source (tenant, name);

CREATE TABLE scimd_run (
  id bigint NOT NULL PRIMARY KEY,
  tenant int NOT NULL REFERENCES scimd_tenant (number),
  source bigint NOT NULL REFERENCES scimd_source (id),
  kind smallint NOT NULL,
  dry smallint NOT NULL,
  state smallint NOT NULL,
  started_us bigint NOT NULL,
  ended_us bigint NOT NULL,
  counters text NOT NULL,
  words text,
  hash varchar(64),
  summary text,
  asked_by varchar(255),
  decided_by varchar(255)
) WITHOUT ROWID;

CREATE INDEX scimd_run_source ON scimd_run (tenant, source, id);

INSERT INTO scimd_counter (name, number) VALUES ('run', 0);

CREATE TABLE scimd_job (
  id bigint NOT NULL PRIMARY KEY,
  tenant int NOT NULL REFERENCES scimd_tenant (number),
  kind varchar(32) NOT NULL,
  actor varchar(255) NOT NULL,
  request_id varchar(64) NOT NULL,
  request text NOT NULL,
  state smallint NOT NULL,
  taken_by varchar(64),
  taken_us bigint NOT NULL,
  code varchar(32),
  answer text,
  created_us bigint NOT NULL
) WITHOUT ROWID;

CREATE INDEX scimd_job_state ON scimd_job (state, id);

CREATE TABLE scimd_secret (
  tenant int NOT NULL REFERENCES scimd_tenant (number),
  name varchar(64) NOT NULL,
  sealed text NOT NULL,
  changed_us bigint NOT NULL,
  CONSTRAINT scimd_secret_pk PRIMARY KEY (tenant, name)
) WITHOUT ROWID;
