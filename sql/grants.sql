-- The rights that TaskQueue's account needs. They concern one schema only. `nginx/serve` runs this file in
-- its private database. On another server, the administrator replaces the words between the @ signs and runs
-- it. In @SCHEMA@ a '_' is written '\_', since a bare one stands for any character. An example:
--
--   sed 's/@SCHEMA@/my\\_site/; s/@USER@/taskqueue/; s/@HOST@/localhost/' sql/grants.sql | mariadb
--
-- The account must exist already, with a password or another way to log in:
--
--   CREATE USER taskqueue@localhost IDENTIFIED BY '…';

-- These rights serve the queue itself, and the rows of the CMS's tables that handlers write.
GRANT SELECT, INSERT, UPDATE, DELETE ON `@SCHEMA@`.* TO `@USER@`@`@HOST@`;

-- These rights serve `taskqueue migrate` and tables that handlers create. They may be revoked between two
-- migrations.
GRANT CREATE, ALTER, INDEX, DROP ON `@SCHEMA@`.* TO `@USER@`@`@HOST@`;
