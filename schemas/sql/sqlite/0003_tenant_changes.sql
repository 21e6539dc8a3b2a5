-- The change log (scimd/store/changes.h): rows are never changed once written.
--
-- scimd_change           action: 1 create, 2 update, 3 delete, 4 members; pk is time-ordered
-- scimd_change_unsealed  rows that have no position yet, filled by a trigger, emptied by the sealer
-- scimd_seal             position from 1, gapless per tenant; hash is hex: SHA-256 over the
--                        previous hash, position and all columns of the change

CREATE TABLE scimd_change (
  pk INTEGER NOT NULL PRIMARY KEY,
  tenant_id int NOT NULL,
  at_us bigint NOT NULL,
  action smallint NOT NULL,
  rtype bigint NOT NULL,
  resource_id varchar(64) NOT NULL,
  actor varchar(255) NOT NULL,
  request_id varchar(64) NOT NULL,
  forward text NOT NULL,
  reverse text NOT NULL
);

CREATE TABLE scimd_change_unsealed (
  tenant_id int NOT NULL,
  pk bigint NOT NULL,
  CONSTRAINT scimd_change_unsealed_pk PRIMARY KEY (tenant_id, pk)
) WITHOUT ROWID;

CREATE TRIGGER scimd_change_inserted AFTER INSERT ON scimd_change
BEGIN INSERT INTO scimd_change_unsealed (tenant_id, pk) VALUES (NEW.tenant_id, NEW.pk); END;

CREATE TABLE scimd_seal (
  tenant_id int NOT NULL,
  position bigint NOT NULL,
  pk bigint NOT NULL,
  hash varchar(64) NOT NULL,
  CONSTRAINT scimd_seal_pk PRIMARY KEY (tenant_id, position)
) WITHOUT ROWID;
