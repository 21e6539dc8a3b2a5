-- The change log (scimd/store/changes.h): rows are never changed once written.  Tables and columns
-- are those of SQLite's file of this name, where they are explained.

CREATE TABLE scimd_change (
  tenant_id int NOT NULL,
  pk bigint NOT NULL,
  at_us bigint NOT NULL,
  action smallint NOT NULL,
  rtype bigint NOT NULL,
  resource_id varchar(64) COLLATE "C" NOT NULL,
  actor varchar(255) NOT NULL,
  request_id varchar(64) NOT NULL,
  forward text NOT NULL,
  reverse text NOT NULL,
  CONSTRAINT scimd_change_pk PRIMARY KEY (tenant_id, pk)
);

CREATE TABLE scimd_change_unsealed (
  tenant_id int NOT NULL,
  pk bigint NOT NULL,
  CONSTRAINT scimd_change_unsealed_pk PRIMARY KEY (tenant_id, pk)
) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

CREATE FUNCTION scimd_change_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO scimd_change_unsealed (tenant_id, pk) VALUES (NEW.tenant_id, NEW.pk);
  RETURN NULL;
END
$$;

CREATE TRIGGER scimd_change_inserted AFTER INSERT ON scimd_change
FOR EACH ROW EXECUTE FUNCTION scimd_change_inserted();

CREATE TABLE scimd_seal (
  tenant_id int NOT NULL,
  position bigint NOT NULL,
  pk bigint NOT NULL,
  hash varchar(64) COLLATE "C" NOT NULL,
  CONSTRAINT scimd_seal_pk PRIMARY KEY (tenant_id, position)
);

-- The change notice: channel scimd_changes, the tenant's number as payload.  It is sent when changes
-- can be read, that is, with their seal; and not by each writer, as commits that notify wait for one
-- another.
CREATE FUNCTION scimd_seal_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('scimd_changes', t.tenant_id::text)
  FROM (SELECT DISTINCT s.tenant_id FROM sealed s) t;
  RETURN NULL;
END
$$;

CREATE TRIGGER scimd_seal_inserted AFTER INSERT ON scimd_seal
REFERENCING NEW TABLE AS sealed
FOR EACH STATEMENT EXECUTE FUNCTION scimd_seal_inserted();

SELECT scimd_protect(t.name) FROM (VALUES ('scimd_change'), ('scimd_change_unsealed'),
('scimd_seal')) AS t (name);

-- Who asks for no tenant's rows (tenant 0) may learn which tenants wait for the sealer.
CREATE POLICY scimd_change_unsealed_tenants ON scimd_change_unsealed FOR SELECT
USING ((SELECT current_setting('scimd.tenant', true) = '0'));
