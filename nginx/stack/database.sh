# Runs the private database, or finds the existing one that an option file names. Sourced, after home.sh.
# shellcheck shell=bash disable=SC2034,SC2154  # the other parts and nginx/serve share the variables

readonly kDatabaseSeconds=60
readonly kExistingDatabaseSeconds=10

install_database() {
  [[ ! -d $home/database ]] || return 0
  say "Making the private database in $home/database"
  rm -rf "$home/database.new"
  directory database.new "$kDatabaseAccount:$kDatabaseAccount" 700
  job_ends=yes
  run_logged "$home/log/database-install.log" env TMPDIR="$home/database.new" mariadb-install-db --no-defaults --force --user="$kDatabaseAccount" \
    --datadir="$home/database.new" --auth-root-authentication-method=socket --skip-test-db ||
    fail_with_log "$home/log/database-install.log" "mariadb-install-db failed"
  mv "$home/database.new" "$home/database"
}

# Runs SQL from standard input as the database's root, who is identified by the unix account.
private_sql() { mariadb --no-defaults --socket="$home/run/database/mariadb.sock" --user=root --batch; }

private_database_answers() {
  supervisord_lives || fail_with_log "$home/log/supervisord.log" "supervisord ended while the database was starting"
  private_sql <<<'SELECT 1' >/dev/null 2>&1
}

make_schema() {
  local statements
  statements=$(<"$checkout/sql/grants.sql")
  statements=${statements//@SCHEMA@/"$schema"}
  statements=${statements//@USER@/"$database_user"}
  statements=${statements//@HOST@/localhost}
  private_sql <<SQL
CREATE DATABASE IF NOT EXISTS \`$schema\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER IF NOT EXISTS '$database_user'@localhost;
ALTER USER '$database_user'@localhost IDENTIFIED BY '$database_password';
$statements
SQL
}

start_private_database() {
  install_database
  fill "$checkout/runner/supervisord/database.conf" | write_file "$home/supervisord.d/database.conf" root:root 644
  start_supervisord
  say "Waiting for the database"
  eventually "$kDatabaseSeconds" private_database_answers ||
    fail_with_log "$home/log/database.log" "the database does not answer after $kDatabaseSeconds s"
  make_schema || fail "the schema $schema and its account could not be made; the log is $home/log/database.log"
}

# Prints the last value of this name in [client] of the option file.
client_option() {
  my_print_defaults --defaults-file="$database_file" client | sed -n "s/^--$1=//p" | tail -n 1
}

read_option_file() {
  [[ -r $database_file ]] || fail "the option file $database_file cannot be read"
  my_print_defaults --defaults-file="$database_file" client >/dev/null 2>&1 ||
    fail "$database_file is not a MariaDB option file"
  database_socket=$(client_option socket)
  database_host=$(client_option host)
  database_port=$(client_option port)
  database_user=$(client_option user)
  database_password=$(client_option password)
  schema=${schema:-$(client_option database)}
  [[ -n $schema ]] ||
    fail "which schema? Say --schema NAME, or add a line 'database=NAME' to [client] in $database_file"
}

existing_sql() { mariadb --defaults-file="$home/database.cnf" --connect-timeout=3 --batch "$@"; }

existing_database_answers() { existing_sql <<<'SELECT 1' >/dev/null 2>"$home/log/database-client.log"; }

check_existing_database() {
  say "Trying the database that $database_file names"
  eventually "$kExistingDatabaseSeconds" existing_database_answers ||
    fail_with_log "$home/log/database-client.log" "the database that $database_file names does not let us in"
  existing_sql "$schema" <<<'SELECT 1' >/dev/null 2>"$home/log/database-client.log" ||
    fail_with_log "$home/log/database-client.log" "the schema $schema cannot be used by the account of $database_file"
}

# Writes the account for the module, the runners and the command line. The configuration itself contains no secret.
write_database_option_file() {
  if [[ -z $private_database ]]; then
    write_file "$home/database.cnf" "root:$kAccount" 640 <"$database_file"
    return 0
  fi
  printf '[client]\nsocket=%s\nuser=%s\npassword=%s\n' "$database_socket" "$database_user" "$database_password" |
    write_file "$home/database.cnf" "root:$kAccount" 640
}

# run_taskqueue LOG PROBLEM ARGUMENT…: the command line, as the user of the programs.
run_taskqueue() {
  local log=$1 problem=$2
  : >"$log"
  job_ends=yes
  run_logged "$log" setpriv --reuid "$kAccount" --regid "$kAccount" --init-groups -- \
    "$home/program/bin/taskqueue" --config "$home/taskqueue.ini" "${@:3}" || fail_with_log "$log" "$problem"
}

migrate() {
  say "Applying the schema"
  run_taskqueue "$home/log/migrate.log" "the schema could not be applied" migrate
}

# The events of the CMS start runners up to the number that this stack keeps.
set_runner_limit() {
  run_taskqueue "$home/log/runner-limit.log" "TaskRunnerLimit could not be set" runner-limit "$runners"
}
