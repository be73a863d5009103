-- Records of introspections are written at the rate of services, and are much alike. Where the server was built without
-- lz4 they are compressed as anything is, which takes several times as long.
DO $$
BEGIN
  ALTER TABLE audit_introspections ALTER COLUMN records SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported OR invalid_parameter_value THEN
  RAISE NOTICE 'lz4 is not available: records of introspections are compressed with pglz';
END $$;
