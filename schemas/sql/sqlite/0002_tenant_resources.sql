-- Resources of the tenants in one database.  tenant_id is bound in every statement.  Times are
-- microseconds since 1970 (UTC), flags 0 or 1.  A statement ends with a semicolon at the end of a
-- line, and only there; comments are lines of their own.
--
-- pk       the daemon's own row key (base/id.h), time-ordered, unique in the database: order of
--          creation
-- rtype    resource_type.number
-- path     attribute.path_id
-- *_key    what comparisons use: the text folded (base/text.h), unchanged where caseExact.  A key
--          of more than 400 UTF-16 units is stored as its first 360 units, '#', and the SHA-256 of
--          the whole folded key in hex; the whole folded key then stands in value_long or, for a
--          column that has none, in a row of scimd_attribute with the attribute's own path.  (Not
--          of binary values, which have no order and no parts.)
--
-- scimd_resource    document: the canonical JSON text that a plain GET sends; document_bytes: its
--                   length, read before the documents of a page so that none is held whole
-- scimd_block       counts of consecutive resources of a type, kept by triggers: a block has those
--                   from its first_pk to the next block's.  Gives exact totals and finds the place
--                   of a startIndex without walking there (store/blocks.h)
-- scimd_user        typed columns of core attributes; what is absent is NULL
-- scimd_group       the same for groups
-- scimd_user_value  attr: 1 emails, 2 phoneNumbers, 3 ims, 4 photos, 5 entitlements, 6 roles,
--                   7 x509Certificates; idx: place in the array, the primary element first;
--                   is_primary: NULL where the element does not say
-- scimd_attribute   every other filterable attribute, one row a value.  elem: place in the array of
--                   the outermost multi-valued attribute, its primary element first, 0 where there
--                   is none; rows of one element share it.  An element of a complex attribute has
--                   one row with the attribute's own path and skey '1', or '' while all its
--                   sub-attributes are empty.  Text, reference and binary have skey (and long_key, see
--                   *_key above); all others have num and skey NULL:
--                     boolean 0 or 1, integer itself, dateTime microseconds, decimal the bits of
--                     the IEEE 754 double as a signed integer, for negative numbers with all bits
--                     but the sign turned over (-0 as 0): compares as the numbers do
-- scimd_unique      values of attributes with uniqueness server or global other than userName
-- scimd_member      mtype: the member's resource type number
-- scimd_member_parked  references to resources that haven't come yet; mtype: type's name if given
-- scimd_meta        versions the rows were written with: 'fold' (TEXT_FOLD_VERSION)
--
-- Rows of a resource are deleted by the daemon: no cascades.

CREATE TABLE scimd_resource (
  pk INTEGER NOT NULL PRIMARY KEY,
  tenant_id int NOT NULL,
  rtype bigint NOT NULL,
  id varchar(64) NOT NULL,
  version bigint NOT NULL,
  created_us bigint NOT NULL,
  modified_us bigint NOT NULL,
  document_bytes int NOT NULL,
  document text NOT NULL
);

CREATE UNIQUE INDEX scimd_resource_id ON scimd_resource (tenant_id, id);
-- each index ends with pk by itself.  None on created_us, which goes with pk, nor on active, which
-- takes two values: every write of every person would pay for a question that is rarely asked
CREATE INDEX scimd_resource_type ON scimd_resource (tenant_id, rtype);
CREATE INDEX scimd_resource_modified ON scimd_resource (tenant_id, rtype, modified_us);

CREATE TABLE scimd_block (
  tenant_id int NOT NULL,
  rtype bigint NOT NULL,
  first_pk bigint NOT NULL,
  n bigint NOT NULL,
  CONSTRAINT scimd_block_pk PRIMARY KEY (tenant_id, rtype, first_pk)
) WITHOUT ROWID;

-- A new block begins where no block has the row, and where the row comes after all others and the
-- last block is full.
CREATE TRIGGER scimd_resource_inserted AFTER INSERT ON scimd_resource
BEGIN INSERT INTO scimd_block (tenant_id, rtype, first_pk, n)
SELECT NEW.tenant_id, NEW.rtype, NEW.pk, 0 WHERE NOT EXISTS (SELECT 1 FROM scimd_block b
WHERE b.tenant_id = NEW.tenant_id AND b.rtype = NEW.rtype
AND b.first_pk = (SELECT MAX(c.first_pk) FROM scimd_block c WHERE c.tenant_id = NEW.tenant_id
AND c.rtype = NEW.rtype AND c.first_pk <= NEW.pk)
AND (b.n < 1024 OR EXISTS (SELECT 1 FROM scimd_resource r WHERE r.tenant_id = NEW.tenant_id
AND r.rtype = NEW.rtype AND r.pk > NEW.pk))); UPDATE scimd_block SET n = n + 1
WHERE tenant_id = NEW.tenant_id AND rtype = NEW.rtype
AND first_pk = (SELECT MAX(c.first_pk) FROM scimd_block c WHERE c.tenant_id = NEW.tenant_id
AND c.rtype = NEW.rtype AND c.first_pk <= NEW.pk); END;

CREATE TRIGGER scimd_resource_deleted AFTER DELETE ON scimd_resource
BEGIN UPDATE scimd_block SET n = n - 1
WHERE tenant_id = OLD.tenant_id AND rtype = OLD.rtype
AND first_pk = (SELECT MAX(c.first_pk) FROM scimd_block c WHERE c.tenant_id = OLD.tenant_id
AND c.rtype = OLD.rtype AND c.first_pk <= OLD.pk); DELETE FROM scimd_block
WHERE tenant_id = OLD.tenant_id AND rtype = OLD.rtype
AND first_pk = (SELECT MAX(c.first_pk) FROM scimd_block c WHERE c.tenant_id = OLD.tenant_id
AND c.rtype = OLD.rtype AND c.first_pk <= OLD.pk) AND n = 0; END;

CREATE TABLE scimd_user (
  pk INTEGER NOT NULL PRIMARY KEY,
  tenant_id int NOT NULL,
  id varchar(64) NOT NULL,
  active smallint,
  user_name text NOT NULL,
  user_name_key varchar(425) NOT NULL,
  external_id text,
  external_id_key varchar(425),
  display_name text,
  display_name_key varchar(425),
  family_name text,
  family_name_key varchar(425),
  given_name text,
  given_name_key varchar(425),
  formatted_name text,
  formatted_name_key varchar(425),
  title text,
  title_key varchar(425),
  user_type text,
  user_type_key varchar(425),
  preferred_language text,
  preferred_language_key varchar(425),
  locale text,
  locale_key varchar(425),
  timezone text,
  timezone_key varchar(425)
);

CREATE UNIQUE INDEX scimd_user_name ON scimd_user (tenant_id, user_name_key);
CREATE INDEX scimd_user_external ON scimd_user (tenant_id, external_id_key)
WHERE external_id_key IS NOT NULL;
CREATE INDEX scimd_user_display ON scimd_user (tenant_id, display_name_key)
WHERE display_name_key IS NOT NULL;

CREATE TABLE scimd_user_value (
  tenant_id int NOT NULL,
  pk bigint NOT NULL,
  attr smallint NOT NULL,
  idx int NOT NULL,
  value text,
  value_key varchar(425),
  value_long text,
  type text,
  type_key varchar(425),
  display text,
  display_key varchar(425),
  is_primary smallint,
  CONSTRAINT scimd_user_value_pk PRIMARY KEY (tenant_id, pk, attr, idx)
) WITHOUT ROWID;

CREATE INDEX scimd_user_value_key ON scimd_user_value (tenant_id, attr, value_key, type_key);
CREATE INDEX scimd_user_value_long ON scimd_user_value (tenant_id, attr)
WHERE value_long IS NOT NULL;

CREATE TABLE scimd_group (
  pk INTEGER NOT NULL PRIMARY KEY,
  tenant_id int NOT NULL,
  id varchar(64) NOT NULL,
  display_name text,
  display_name_key varchar(425),
  external_id text,
  external_id_key varchar(425)
);

CREATE INDEX scimd_group_display ON scimd_group (tenant_id, display_name_key);
CREATE INDEX scimd_group_external ON scimd_group (tenant_id, external_id_key)
WHERE external_id_key IS NOT NULL;

CREATE TABLE scimd_attribute (
  tenant_id int NOT NULL,
  pk bigint NOT NULL,
  path bigint NOT NULL,
  elem int NOT NULL,
  rtype bigint NOT NULL,
  skey varchar(425),
  num bigint,
  long_key text,
  CONSTRAINT scimd_attribute_pk PRIMARY KEY (tenant_id, pk, path, elem)
) WITHOUT ROWID;

CREATE INDEX scimd_attribute_key ON scimd_attribute (tenant_id, rtype, path, skey)
WHERE skey IS NOT NULL;
CREATE INDEX scimd_attribute_number ON scimd_attribute (tenant_id, rtype, path, num)
WHERE num IS NOT NULL;
CREATE INDEX scimd_attribute_long ON scimd_attribute (tenant_id, rtype, path)
WHERE long_key IS NOT NULL;

CREATE TABLE scimd_unique (
  tenant_id int NOT NULL,
  path bigint NOT NULL,
  skey varchar(425) NOT NULL,
  pk bigint NOT NULL,
  CONSTRAINT scimd_unique_pk PRIMARY KEY (tenant_id, path, skey)
) WITHOUT ROWID;

CREATE INDEX scimd_unique_owner ON scimd_unique (tenant_id, pk);

CREATE TABLE scimd_member (
  tenant_id int NOT NULL,
  group_pk bigint NOT NULL,
  member_pk bigint NOT NULL,
  mtype bigint NOT NULL,
  CONSTRAINT scimd_member_pk PRIMARY KEY (tenant_id, group_pk, member_pk)
) WITHOUT ROWID;

CREATE INDEX scimd_member_of ON scimd_member (tenant_id, member_pk, group_pk);

CREATE TABLE scimd_member_parked (
  tenant_id int NOT NULL,
  group_pk bigint NOT NULL,
  member_id varchar(64) NOT NULL,
  mtype varchar(255),
  CONSTRAINT scimd_member_parked_pk PRIMARY KEY (tenant_id, group_pk, member_id)
) WITHOUT ROWID;

CREATE INDEX scimd_member_parked_id ON scimd_member_parked (tenant_id, member_id);

CREATE TABLE scimd_meta (
  tenant_id int NOT NULL,
  name varchar(64) NOT NULL,
  number bigint NOT NULL,
  CONSTRAINT scimd_meta_pk PRIMARY KEY (tenant_id, name)
) WITHOUT ROWID;

-- What the planner should expect of a large tenant.  Without statistics SQLite takes ten rows for
-- any "column = ?" at the head of an index, also for tenant_id, which is the same in every row of
-- most databases; it would then rather scan a tenant than look a key up.  Each figure is the number
-- of rows, then of rows for each value of the first column, of the first two, and so on.  They are
-- large, because a small table is worth reading whole (an automatic index, a Bloom filter), and
-- this says that ours never are.

ANALYZE;

DELETE FROM sqlite_stat1 WHERE tbl LIKE 'scimd_%';

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
('scimd_resource', 'scimd_resource_id', '100000000 100000000 1'),
('scimd_resource', 'scimd_resource_type', '100000000 100000000 50000000'),
('scimd_resource', 'scimd_resource_modified', '100000000 100000000 50000000 2'),
('scimd_block', 'scimd_block', '100000 100000 50 1'),
('scimd_user', 'scimd_user_name', '100000000 100000000 1'),
('scimd_user', 'scimd_user_external', '100000000 100000000 2'),
('scimd_user', 'scimd_user_display', '100000000 100000000 2'),
('scimd_user_value', 'scimd_user_value', '300000000 300000000 3 2 1'),
('scimd_user_value', 'scimd_user_value_key', '300000000 300000000 100000000 2 1'),
('scimd_user_value', 'scimd_user_value_long', '100000 100000 50'),
('scimd_group', 'scimd_group_display', '1000000 1000000 2'),
('scimd_group', 'scimd_group_external', '1000000 1000000 2'),
('scimd_attribute', 'scimd_attribute', '1000000000 1000000000 10 2 1'),
('scimd_attribute', 'scimd_attribute_key', '800000000 800000000 800000000 80000000 20'),
('scimd_attribute', 'scimd_attribute_number', '200000000 200000000 200000000 50000000 20'),
('scimd_attribute', 'scimd_attribute_long', '100000 100000 50 10'),
('scimd_unique', 'scimd_unique', '50000000 50000000 25000000 1'),
('scimd_unique', 'scimd_unique_owner', '50000000 50000000 1'),
('scimd_member', 'scimd_member', '500000000 500000000 500 1'),
('scimd_member', 'scimd_member_of', '500000000 500000000 5 1'),
('scimd_member_parked', 'scimd_member_parked', '100000 100000 10 1'),
('scimd_member_parked', 'scimd_member_parked_id', '100000 100000 2');

ANALYZE sqlite_schema;
