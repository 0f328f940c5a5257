#include "module/store/database/session.h"

#include "module/store/database/connection.h"

namespace taskqueue::store {
namespace {

struct Variable {
  const char* name;
  const char* value;  // as SET takes it; never DEFAULT, which would be the global value
};

// The values are MariaDB's defaults, unless a comment says otherwise. `contract/session_test` changes each of
// them for the whole server.
//
// Other variables are left to the server, since no statement depends on them: auto_increment_increment and
// _offset (each node of a Galera cluster has its own), sizes of buffers, languages of messages, logs,
// replication. Our account lacks the right to set binlog_format, sql_log_bin and enforce_storage_engine;
// store/server_notices tells when one of them is in the way.
constexpr Variable kVariables[] = {
    // Each statement is a transaction of its own. COMMIT ends one and opens none unless it says so.
    {"autocommit", "1"},
    {"completion_type", "'NO_CHAIN'"},
    // These decide what a statement means. A value that does not fit is refused and never changed. A key of 0
    // is kept instead of becoming the next number.
    {"sql_mode",
     "'STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO,"
     "SIMULTANEOUS_ASSIGNMENT,NO_AUTO_VALUE_ON_ZERO'"},
    {"old_mode", "''"},
    {"sql_auto_is_null", "0"},
    {"sql_if_exists", "0"},
    {"div_precision_increment", "4"},
    {"default_regex_flags", "''"},
    {"time_zone", "'+00:00'"},
    // Text columns of JSON_TABLE take the schema's character set, which on an old site is latin1.
    {"collation_database", "'utf8mb4_unicode_ci'"},
    // These decide what a statement may do, and how much of its answer comes.
    {"sql_safe_updates", "0"},
    {"max_join_size", "18446744073709551615"},
    {"sql_big_selects", "1"},
    {"sql_select_limit", "18446744073709551615"},
    {"sql_buffer_result", "0"},
    {"group_concat_max_len", "1048576"},
    {"max_sort_length", "1024"},
    {"max_recursive_iterations", "1000"},
    {"sort_buffer_size", "2097152"},
    {"max_session_mem_used", "9223372036854775807"},
    {"tmp_disk_table_size", "18446744073709551615"},
    // The rules of the tables are checked.
    {"unique_checks", "1"},
    {"foreign_key_checks", "1"},
    {"check_constraint_checks", "1"},
    {"innodb_snapshot_isolation", "0"},
    {"system_versioning_insert_history", "0"},
    // Tables are made and changed as the migrations say.
    {"default_storage_engine", "'InnoDB'"},
    {"innodb_strict_mode", "1"},
    {"alter_algorithm", "'DEFAULT'"},
    // A session may idle, and a statement may wait, as long as we need. Waits for rows have their limit
    // below.
    {"wait_timeout", "28800"},
    {"idle_transaction_timeout", "0"},
    {"idle_readonly_transaction_timeout", "0"},
    {"idle_write_transaction_timeout", "0"},
    {"lock_wait_timeout", "86400"},
    {"net_read_timeout", "30"},
    {"net_write_timeout", "60"},
    // The server finds rows by the plans that the tests have pinned.
    {"optimizer_switch", "'default'"},
    {"optimizer_search_depth", "62"},
    {"optimizer_prune_level", "1"},
    {"optimizer_use_condition_selectivity", "4"},
    {"optimizer_selectivity_sampling_limit", "100"},
    {"optimizer_max_sel_arg_weight", "32000"},
    {"join_cache_level", "2"},
    {"use_stat_tables", "'PREFERABLY_FOR_QUERIES'"},
    {"eq_range_index_dive_limit", "200"},
    // Not the default: a long list of Ids stays a range of the primary key.
    {"in_predicate_conversion_threshold", "0"},
    {"max_seeks_for_key", "4294967295"},
};

// The isolation level is set by statement, because MariaDB 11 has renamed its variable.
constexpr const char* kIsolation = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE";
// A server may ignore the character set that a client asks for when it connects.
constexpr const char* kCharacters = "SET NAMES 'utf8mb4' COLLATE 'utf8mb4_unicode_ci'";

std::vector<std::string> assignments(const ConnectionSettings& settings) {
  std::vector<std::string> all;
  for (const Variable& variable : kVariables) {
    all.push_back(std::string("SESSION ") + variable.name + "=" + variable.value);
  }
  all.push_back("SESSION innodb_lock_wait_timeout=" + std::to_string(settings.lockWait.count()));
  all.push_back("SESSION max_statement_time=" + std::to_string(settings.statementLimit.count()));
  return all;
}

}  // namespace

std::vector<std::string> sessionSetup(const ConnectionSettings& settings) {
  std::string all = kCharacters;
  for (const std::string& assignment : assignments(settings)) all.append(", ").append(assignment);
  return {kIsolation, all};
}

std::vector<std::string> sessionSetupOneByOne(const ConnectionSettings& settings) {
  std::vector<std::string> statements{kIsolation, kCharacters};
  for (const std::string& assignment : assignments(settings)) statements.push_back("SET " + assignment);
  return statements;
}

}  // namespace taskqueue::store
