-- Rate limits over all runners. Each row holds the last reserved time of one rate.

CREATE TABLE IF NOT EXISTS %PREFIX%TaskRates (
  Id INT(11) NOT NULL AUTO_INCREMENT,
  Name VARCHAR(64) NOT NULL DEFAULT '',
  NextOnMs BIGINT(20) NOT NULL DEFAULT 0,
  PRIMARY KEY (Id),
  UNIQUE KEY Name (Name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
