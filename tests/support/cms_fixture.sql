-- The CMS tables for tests and demonstrations: those that ProductImport fills, the one that EmailQueue empties, and those for
-- category permissions. Columns have the names of the default configuration. %PREFIX% is the site's table prefix.

CREATE TABLE IF NOT EXISTS %PREFIX%Categories (
  CategoryId INT(11) NOT NULL AUTO_INCREMENT,
  ParentId INT(11) NOT NULL DEFAULT 0,
  Name VARCHAR(255) NOT NULL DEFAULT '',
  PRIMARY KEY (CategoryId),
  UNIQUE KEY NameInParent (Name, ParentId),
  KEY ParentId (ParentId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS %PREFIX%Products (
  ProductId INT(11) NOT NULL AUTO_INCREMENT,
  ProductCode VARCHAR(190) NOT NULL DEFAULT '',
  Name VARCHAR(255) NOT NULL DEFAULT '',
  Description TEXT NULL,
  Price DECIMAL(20,2) NOT NULL DEFAULT 0.00,
  Weight INT(11) NOT NULL DEFAULT 0,
  Manufacturer VARCHAR(255) NOT NULL DEFAULT '',
  CategoryId INT(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (ProductId),
  UNIQUE KEY ProductCode (ProductCode),
  KEY CategoryId (CategoryId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS %PREFIX%EmailQueue (
  EmailQueueId INT(11) NOT NULL AUTO_INCREMENT,
  ToEmail VARCHAR(255) NOT NULL DEFAULT '',
  Subject VARCHAR(255) NOT NULL DEFAULT '',
  MessageHeaders TEXT NULL,
  MessageBody LONGTEXT NULL,
  Queued INT(11) NULL DEFAULT NULL,
  SendRetries INT(11) NOT NULL DEFAULT 0,
  LastSendRetry INT(11) NULL DEFAULT NULL,
  MailingId INT(11) NOT NULL DEFAULT 0,
  LogData TEXT NULL,
  PRIMARY KEY (EmailQueueId),
  KEY Queued (Queued),
  KEY LastSendRetry (LastSendRetry),
  KEY MailingId (MailingId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS %PREFIX%UserGroups (
  GroupId INT(11) NOT NULL AUTO_INCREMENT,
  Name VARCHAR(255) NOT NULL DEFAULT '',
  PRIMARY KEY (GroupId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS %PREFIX%CategoryPermissionsConfig (
  PermissionConfigId INT(11) NOT NULL AUTO_INCREMENT,
  PermissionName VARCHAR(255) NOT NULL DEFAULT '',
  PRIMARY KEY (PermissionConfigId),
  KEY PermissionName (PermissionName)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS %PREFIX%Permissions (
  PermissionId INT(11) NOT NULL AUTO_INCREMENT,
  Permission VARCHAR(255) NOT NULL DEFAULT '',
  GroupId INT(11) NOT NULL DEFAULT 0,
  PermissionValue INT(11) NOT NULL DEFAULT 0,
  Type TINYINT(4) NOT NULL DEFAULT 0,
  CatId INT(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (PermissionId),
  KEY PermIndex (Permission, GroupId, CatId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS %PREFIX%CategoryPermissionsCache (
  PermCacheId INT(11) NOT NULL AUTO_INCREMENT,
  CategoryId INT(11) NOT NULL DEFAULT 0,
  PermId INT(11) NOT NULL DEFAULT 0,
  ACL VARCHAR(255) NOT NULL DEFAULT '',
  PRIMARY KEY (PermCacheId),
  KEY CategoryId (CategoryId),
  KEY PermId (PermId)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
