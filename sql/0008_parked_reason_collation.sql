-- A reason contains a ConcurrencyKey, so it is compared byte for byte.

ALTER TABLE %PREFIX%TaskQueue
  MODIFY COLUMN ParkedReason VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '';
