-- The current pauses. Resuming deletes the row.

CREATE TABLE IF NOT EXISTS %PREFIX%TaskQueuePauses (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  Kind VARCHAR(20) NOT NULL DEFAULT '',
  Name VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
  PausedOn INT(11) NULL DEFAULT NULL,
  PausedById INT(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (Id),
  UNIQUE KEY KindName (Kind, Name),
  KEY PausedOn (PausedOn),
  KEY PausedById (PausedById)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
