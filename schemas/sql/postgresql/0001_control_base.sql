-- The control database: who we serve and who may enter.  Times are microseconds since 1970 (UTC),
-- flags 0 or 1, numbers bigint.  Names are COLLATE "C": they compare and sort by their bytes, as on
-- every engine.  No row-level security here: the daemon works across tenants.
-- A statement ends with a semicolon at the end of a line outside of $$; comments are lines of their
-- own.
--
-- scimd_counter        name -> number: "tenant" is the newest tenant number, "generation" is raised
--                      by every change of configuration
-- scimd_tenant         state: 1 active, 2 suspended, 3 being deleted; numbers are never used again
-- scimd_connection     a SCIM client that pushes to us; seen: the profile recognised from requests;
--                      tolerances: JSON object, name -> count
-- scimd_token          id is the public part, hash the keyed hash (hex); expires_us 0: never
-- scimd_tenant_schema  a tenant's own schema and resource type files
-- scimd_audit          what an administrator did; pk is time-ordered

CREATE TABLE scimd_counter (
  name varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
  number bigint NOT NULL
);

INSERT INTO scimd_counter (name, number) VALUES ('tenant', 0), ('generation', 1);

CREATE TABLE scimd_tenant (
  number int NOT NULL PRIMARY KEY,
  name varchar(64) COLLATE "C" NOT NULL,
  state smallint NOT NULL,
  database_name varchar(64) COLLATE "C" NOT NULL,
  created_us bigint NOT NULL
);

CREATE UNIQUE INDEX scimd_tenant_name ON scimd_tenant (name);

CREATE TABLE scimd_connection (
  id bigint NOT NULL PRIMARY KEY,
  tenant int NOT NULL REFERENCES scimd_tenant (number),
  name varchar(64) COLLATE "C" NOT NULL,
  profile varchar(32) COLLATE "C" NOT NULL,
  seen varchar(32) COLLATE "C",
  park_members smallint NOT NULL,
  created_us bigint NOT NULL,
  tolerances text
);

CREATE UNIQUE INDEX scimd_connection_name ON scimd_connection (tenant, name);

CREATE TABLE scimd_token (
  id varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
  tenant int NOT NULL REFERENCES scimd_tenant (number),
  connection bigint NOT NULL REFERENCES scimd_connection (id),
  name varchar(255) COLLATE "C" NOT NULL,
  hash varchar(64) COLLATE "C" NOT NULL,
  created_us bigint NOT NULL,
  expires_us bigint NOT NULL,
  last_used_us bigint NOT NULL
);

CREATE INDEX scimd_token_connection ON scimd_token (tenant, connection);

CREATE TABLE scimd_tenant_schema (
  tenant int NOT NULL REFERENCES scimd_tenant (number),
  name varchar(255) COLLATE "C" NOT NULL,
  document text NOT NULL,
  created_us bigint NOT NULL,
  CONSTRAINT scimd_tenant_schema_pk PRIMARY KEY (tenant, name)
);

CREATE TABLE scimd_audit (
  pk bigint NOT NULL PRIMARY KEY,
  at_us bigint NOT NULL,
  actor varchar(255) COLLATE "C" NOT NULL,
  action varchar(64) COLLATE "C" NOT NULL,
  target varchar(255) COLLATE "C",
  request_id varchar(64) COLLATE "C"
);
