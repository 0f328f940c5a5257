#include "tests/support/turned_settings.h"

#include <algorithm>
#include <utility>

#include "module/store/database/connection.h"

namespace taskqueue::test_support {
namespace {

std::string quoted(const std::string& value) {
  const bool isNumber = !value.empty() && value.find_first_not_of("0123456789.") == std::string::npos;
  std::string text = "'";
  for (const char c : value) text += c == '\'' ? "''" : std::string(1, c);
  return isNumber ? value : text + "'";
}

}  // namespace

const std::vector<ServerSetting>& hostileSettings() {
  static const std::vector<ServerSetting> settings{
      {"autocommit", "0"},
      {"completion_type", "'RELEASE'"},
      {"completion_type", "'CHAIN'"},
      {"sql_mode", "'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,HIGH_NOT_PRECEDENCE,IGNORE_SPACE'"},
      {"sql_mode", "'ORACLE,EMPTY_STRING_IS_NULL'"},
      {"sql_mode", "''"},
      {"old_mode", "'NO_DUP_KEY_WARNINGS_WITH_IGNORE,ZERO_DATE_TIME_CAST,NO_NULL_COLLATION_IDS'"},
      {"sql_auto_is_null", "1"},
      {"sql_if_exists", "1"},
      {"div_precision_increment", "0"},
      {"default_regex_flags", "'EXTENDED'"},
      {"time_zone", "'+13:00'"},
      {"character_set_server", "'latin1'"},
      {"character_set_client", "'latin1'"},
      {"character_set_connection", "'latin1'"},
      {"character_set_results", "'latin1'"},
      {"character_set_database", "'latin1'"},
      {"sql_safe_updates", "1"},
      {"max_join_size", "1"},
      {"sql_big_selects", "0"},
      {"sql_select_limit", "0"},
      {"sql_select_limit", "1"},
      {"sql_buffer_result", "1"},
      {"big_tables", "1"},
      {"group_concat_max_len", "4"},
      {"max_sort_length", "64"},
      {"max_length_for_sort_data", "4"},
      {"max_recursive_iterations", "1"},
      {"max_session_mem_used", "1000000"},
      {"max_error_count", "0"},
      {"tmp_disk_table_size", "1024"},
      {"tmp_memory_table_size", "0"},
      {"max_heap_table_size", "16384"},
      {"sort_buffer_size", "1024"},
      {"join_buffer_size", "128"},
      {"read_buffer_size", "8192"},
      {"unique_checks", "0"},
      {"foreign_key_checks", "0"},
      {"check_constraint_checks", "0"},
      {"innodb_snapshot_isolation", "1"},
      {"innodb_table_locks", "0"},
      {"tx_isolation", "'SERIALIZABLE'"},
      {"tx_read_only", "1"},
      {"system_versioning_insert_history", "1"},
      {"default_storage_engine", "'MyISAM'"},
      {"innodb_strict_mode", "0"},
      {"alter_algorithm", "'INSTANT'"},
      {"explicit_defaults_for_timestamp", "0"},
      {"wait_timeout", "1"},
      {"idle_transaction_timeout", "1"},
      {"idle_readonly_transaction_timeout", "1"},
      {"idle_write_transaction_timeout", "1"},
      {"lock_wait_timeout", "0"},
      {"innodb_lock_wait_timeout", "0"},
      {"max_statement_time", "0.000001"},
      {"net_read_timeout", "1"},
      {"net_write_timeout", "1"},
      {"low_priority_updates", "1"},
      {"auto_increment_increment", "7"},
      {"auto_increment_offset", "3"},
      {"sql_notes", "0"},
      {"sql_warnings", "1"},
      {"sql_quote_show_create", "0"},
      {"lc_messages", "'de_DE'"},
      {"lc_time_names", "'de_DE'"},
      {"standard_compliant_cte", "0"},
      {"updatable_views_with_limit", "'NO'"},
      {"optimizer_switch",
       "'index_merge=off,index_condition_pushdown=off,derived_merge=off,materialization=off,semijoin=off,"
       "in_to_exists=on,firstmatch=off,loosescan=off,subquery_cache=off,mrr=on,mrr_cost_based=off,"
       "join_cache_incremental=off,join_cache_hashed=off,join_cache_bka=off,extended_keys=off,"
       "condition_pushdown_for_derived=off,split_materialized=off,rowid_filter=off,not_null_range_scan=on'"},
      {"optimizer_search_depth", "1"},
      {"optimizer_prune_level", "0"},
      {"optimizer_use_condition_selectivity", "1"},
      {"optimizer_selectivity_sampling_limit", "10"},
      {"optimizer_max_sel_arg_weight", "0"},
      {"join_cache_level", "8"},
      {"join_cache_level", "0"},
      {"use_stat_tables", "'NEVER'"},
      {"eq_range_index_dive_limit", "1"},
      {"in_predicate_conversion_threshold", "2"},
      {"expensive_subquery_limit", "0"},
      {"max_seeks_for_key", "1"},
  };
  return settings;
}

TurnedSettings::TurnedSettings(const MariadbServer& server, std::vector<ServerSetting> settings)
    : server_(server) {
  {
    store::Connection connection({.optionFile = server.optionFile(), .database = "mysql"}, {"", ""});
    for (const ServerSetting& setting : settings) {
      const auto value = connection.queryText("SELECT @@GLOBAL." + setting.name).at(0).optionalText();
      before_.push_back({setting.name, value ? quoted(*value) : "NULL"});
    }
  }
  std::reverse(before_.begin(), before_.end());  // a setting changed twice must get its first value back last
  set(settings);
}

TurnedSettings::~TurnedSettings() {
  set(before_);
}

void TurnedSettings::set(const std::vector<ServerSetting>& settings) {
  store::Connection connection({.optionFile = server_.optionFile(), .database = "mysql"}, {"", ""});
  for (const ServerSetting& setting : settings) {
    connection.queryText("SET GLOBAL " + setting.name + " = " + setting.value);
  }
}

}  // namespace taskqueue::test_support
