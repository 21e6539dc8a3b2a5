-- Sources that we pull from, their runs, what is asked of them, and secrets at rest.  Tables and
-- columns are those of SQLite's file of this name, where they are explained.

CREATE TABLE scimd_source (
  id bigint NOT NULL PRIMARY KEY,
  tenant int NOT NULL REFERENCES scimd_tenant (number),
  name varchar(64) COLLATE "C" NOT NULL,
  type varchar(32) COLLATE "C" NOT NULL,
  precedence int NOT NULL,
  definition text NOT NULL,
  owned text NOT NULL,
  state smallint NOT NULL,
  wanted smallint NOT NULL,
  wanted_by varchar(255) COLLATE "C",
  next_delta_us bigint NOT NULL,
  next_full_us bigint NOT NULL,
  retry_us bigint NOT NULL,
  failures int NOT NULL,
  last_success_us bigint NOT NULL,
  last_full_us bigint NOT NULL,
  last_error text,
  run bigint NOT NULL,
  held_run bigint NOT NULL,
  lease_owner varchar(64) COLLATE "C",
  lease_until_us bigint NOT NULL,
  fence bigint NOT NULL,
  created_us bigint NOT NULL,
  changed_us bigint NOT NULL
);

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
  hash varchar(64) COLLATE "C",
  summary text,
  asked_by varchar(255) COLLATE "C",
  decided_by varchar(255) COLLATE "C"
);

CREATE INDEX scimd_run_source ON scimd_run (tenant, source, id);

INSERT INTO scimd_counter (name, number) VALUES ('run', 0);

CREATE TABLE scimd_job (
  id bigint NOT NULL PRIMARY KEY,
  tenant int NOT NULL REFERENCES scimd_tenant (number),
  kind varchar(32) COLLATE "C" NOT NULL,
  actor varchar(255) COLLATE "C" NOT NULL,
  request_id varchar(64) COLLATE "C" NOT NULL,
  request text NOT NULL,
  state smallint NOT NULL,
  taken_by varchar(64) COLLATE "C",
  taken_us bigint NOT NULL,
  code varchar(32) COLLATE "C",
  answer text,
  created_us bigint NOT NULL
);

CREATE INDEX scimd_job_state ON scimd_job (state, id);

CREATE TABLE scimd_secret (
  tenant int NOT NULL REFERENCES scimd_tenant (number),
  name varchar(64) COLLATE "C" NOT NULL,
  sealed text NOT NULL,
  changed_us bigint NOT NULL,
  CONSTRAINT scimd_secret_pk PRIMARY KEY (tenant, name)
);
