// A server's global settings do not change the queue's behaviour.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <set>
#include <sstream>

#include "module/store/database/session.h"
#include "module/store/maria_store.h"
#include "module/store/migration.h"
#include "tests/server/task_life.h"
#include "tests/support/database_environment.h"
#include "tests/support/turned_settings.h"

namespace taskqueue::server_tests {
namespace {

using store::Connection;
using test_support::ServerSetting;
using test_support::TurnedSettings;
using ::testing::IsEmpty;

constexpr const char* kSessionDatabase = "session";

// Our statements do not depend on these: they size buffers, tune engines that we do not use, or control logs,
// messages and replication. Isolation, read-only mode and character set have statements of their own.
// store/server_notices reports settings that need more privileges.
const std::set<std::string>& variablesLeftToTheServer() {
  static const char* const kNames =
      "analyze_max_length analyze_sample_percentage aria_repair_threads aria_sort_buffer_size "
      "aria_stats_method auto_increment_increment auto_increment_offset big_tables "
      "binlog_alter_two_phase binlog_annotate_row_events binlog_direct_non_transactional_updates "
      "binlog_format binlog_row_image bulk_insert_buffer_size character_set_client "
      "character_set_connection character_set_database character_set_filesystem character_set_results "
      "character_set_server collation_connection collation_server column_compression_threshold "
      "column_compression_zlib_level column_compression_zlib_strategy column_compression_zlib_wrap "
      "deadlock_search_depth_long deadlock_search_depth_short deadlock_timeout_long "
      "deadlock_timeout_short default_tmp_storage_engine default_week_format enforce_storage_engine "
      "expensive_subquery_limit explicit_defaults_for_timestamp gtid_domain_id histogram_size "
      "histogram_type innodb_compression_default innodb_default_encryption_key_id "
      "innodb_ft_enable_stopword innodb_ft_user_stopword_table innodb_table_locks innodb_tmpdir "
      "interactive_timeout join_buffer_size join_buffer_space_limit keep_files_on_create lc_messages "
      "lc_time_names log_disabled_statements log_queries_not_using_indexes log_slow_admin_statements "
      "log_slow_disabled_statements log_slow_filter log_slow_max_warnings "
      "log_slow_min_examined_row_limit log_slow_query log_slow_query_time log_slow_rate_limit "
      "log_slow_slave_statements log_slow_verbosity log_warnings long_query_time low_priority_updates "
      "max_allowed_packet max_delayed_threads max_error_count max_heap_table_size "
      "max_insert_delayed_threads max_length_for_sort_data max_relay_log_size max_rowid_filter_size "
      "max_sp_recursion_depth max_tmp_tables max_user_connections min_examined_row_limit "
      "mrr_buffer_size myisam_repair_threads myisam_sort_buffer_size myisam_stats_method "
      "net_buffer_length net_retry_count note_verbosity old old_alter_table old_passwords "
      "optimizer_adjust_secondary_key_costs optimizer_extra_pruning_depth "
      "optimizer_join_limit_pref_ratio optimizer_max_sel_args optimizer_trace "
      "optimizer_trace_max_mem_size preload_buffer_size profiling profiling_history_size "
      "progress_report_time query_alloc_block_size query_cache_strip_comments query_cache_type "
      "query_cache_wlock_invalidate query_prealloc_size range_alloc_block_size read_buffer_size "
      "read_rnd_buffer_size rowid_merge_buff_size server_id session_track_schema "
      "session_track_state_change session_track_system_variables session_track_transaction_info "
      "slow_query_log sql_log_bin sql_log_off sql_notes sql_quote_show_create sql_slave_skip_counter "
      "sql_warnings standard_compliant_cte storage_engine system_versioning_alter_history "
      "system_versioning_asof tcp_nodelay thread_pool_priority tmp_memory_table_size tmp_table_size "
      "transaction_alloc_block_size transaction_prealloc_size tx_isolation tx_read_only "
      "updatable_views_with_limit wsrep_causal_reads wsrep_dirty_reads wsrep_on wsrep_osu_method "
      "wsrep_retry_autocommit wsrep_sync_wait wsrep_trx_fragment_size wsrep_trx_fragment_unit ";
  std::istringstream words(kNames);
  static const std::set<std::string> names{std::istream_iterator<std::string>(words), {}};
  return names;
}

class Session : public ::testing::TestWithParam<ServerSetting> {
 protected:
  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kSessionDatabase);
    test_support::migrate(kSessionDatabase);
    expected_ = lifeOfTasks(kSessionDatabase);
  }

  static std::vector<std::string> expected_;
};
std::vector<std::string> Session::expected_;

std::string nameOfSetting(const ::testing::TestParamInfo<ServerSetting>& info) {
  return info.param.name + "_" + std::to_string(info.index);
}

INSTANTIATE_TEST_SUITE_P(Each, Session, ::testing::ValuesIn(test_support::hostileSettings()), nameOfSetting);

TEST_P(Session, AGlobalSettingChangesNothingOfATasksLife) {
  const TurnedSettings turned(test_support::sharedServer(), {GetParam()});
  EXPECT_EQ(lifeOfTasks(kSessionDatabase), expected_);
}

TEST(SessionsOfATurnedServer, AreLikeAnyOther) {
  test_support::sharedServer().createDatabase("session_all", "latin1");
  test_support::migrate("session_all");
  const auto expected = lifeOfTasks("session_all");
  test_support::sharedServer().createDatabase("session_turned", "latin1");
  const TurnedSettings turned(test_support::sharedServer(), test_support::hostileSettings());
  test_support::migrate("session_turned");
  EXPECT_EQ(lifeOfTasks("session_turned"), expected);
}

// An account needs no privilege beyond those for changing its own session.
TEST(SessionsOfATurnedServer, NeedNoRightsBesideThoseOnTheSchema) {
  test_support::sharedServer().createDatabase("session_rights");
  Connection root(test_support::settingsFor("session_rights"), test_support::cmsNames());
  root.queryText("CREATE OR REPLACE USER plain@localhost");
  root.queryText(
      "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP ON session_rights.* TO "
      "plain@localhost");
  const TurnedSettings turned(test_support::sharedServer(), test_support::hostileSettings());
  const std::string file = test_support::sharedServer().optionFileFor("plain");
  Connection connection({.optionFile = file, .database = "session_rights"}, test_support::cmsNames());
  EXPECT_EQ(connection.queryText("SELECT CURRENT_USER()").at(0).text(), "plain@localhost");
  EXPECT_EQ(connection.queryText("SELECT @@autocommit").at(0).integer(), 1);
}

// A variable of a newer server fails this test, so that a person checks it.
TEST(SessionsOfATurnedServer, EachVariableIsSetOrLeftOnPurpose) {
  Connection connection(test_support::settingsFor("mysql"), test_support::cmsNames());
  std::string setup;
  for (const std::string& statement : store::sessionSetup(test_support::settingsFor("mysql")))
    setup += statement;
  std::vector<std::string> unknown;
  for (store::Row& row :
       connection.queryText("SELECT LOWER(VARIABLE_NAME) FROM information_schema.SYSTEM_VARIABLES WHERE "
                            "VARIABLE_SCOPE = 'SESSION' "
                            "AND READ_ONLY = 'NO'")) {
    const std::string name = row.text();
    const bool isSet = setup.find("SESSION " + name + "=") != std::string::npos;
    if (!isSet && !variablesLeftToTheServer().contains(name)) unknown.push_back(name);
  }
  EXPECT_THAT(unknown, IsEmpty()) << "set it in store/session, or say here why nothing rests on it";
}

}  // namespace
}  // namespace taskqueue::server_tests
