#include "module/store/database/server_notices.h"

#include <algorithm>

namespace taskqueue::store {
namespace {

constexpr std::int64_t kWantedPacket = 16 << 20;
constexpr std::int64_t kWantedPrepared = 2'000;

void noticePackets(const Connection& connection, const ServerNeeds& needs,
                   std::vector<std::string>& notices) {
  constexpr int kStreams = 2;
  const auto room = static_cast<std::int64_t>(connection.statementBytes());
  if (room >= std::max(needs.taskDataBytes, kStreams * needs.outputBytes)) return;
  notices.push_back(
      "max_allowed_packet is " + std::to_string(connection.limits().packetBytes) +
      ": TaskData of more than " + std::to_string(room) +
      " bytes is refused, and outputs and Results are cut to that; SET GLOBAL max_allowed_packet=" +
      std::to_string(kWantedPacket));
}

}  // namespace

std::vector<std::string> serverNotices(Connection& connection, const ServerNeeds& needs) {
  std::vector<std::string> notices;
  Row row = std::move(connection
                          .queryText("SELECT @@log_bin AND @@binlog_format = 'STATEMENT', "
                                     "COALESCE(@@enforce_storage_engine, ''), @@max_connections")
                          .at(0));
  const auto [logsStatements, engine, connections] = row.as<bool, std::string, std::int64_t>();
  if (logsStatements) {
    notices.emplace_back(
        "the server logs statements, which InnoDB refuses under READ COMMITTED: SET GLOBAL "
        "binlog_format=MIXED");
  }
  if (!engine.empty() && engine != "InnoDB") {
    notices.push_back("enforce_storage_engine is " + engine +
                      ": migrations cannot make tables; SET GLOBAL enforce_storage_engine=NULL");
  }
  if (connections < needs.connections) {
    notices.push_back("max_connections is " + std::to_string(connections) +
                      ", and this program alone opens up to " + std::to_string(needs.connections) +
                      ": requests wait or fail with 1040; raise it");
  }
  noticePackets(connection, needs, notices);
  if (const std::int64_t prepared = connection.limits().preparedStatements; prepared < kWantedPrepared) {
    notices.push_back("max_prepared_stmt_count is " + std::to_string(prepared) +
                      ": statements go as text, which costs the server more work; SET GLOBAL "
                      "max_prepared_stmt_count=16382");
  }
  return notices;
}

}  // namespace taskqueue::store
