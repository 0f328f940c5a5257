#include "module/store/handlers/unpark_tasks.h"

#include "module/json/writer.h"

namespace taskqueue::store {
namespace {

constexpr std::int64_t kUnparkedAtOnce = 1000;  // tasks of one transaction

// Served by the index TaskHandlerClass (TaskHandlerClass, ParkedReason).
const Sql kLockParkedOf{"lock-parked-of-handler", R"(
  SELECT Id
  FROM {TaskQueue} FORCE INDEX (TaskHandlerClass)
  WHERE TaskHandlerClass = ?
    AND ParkedReason > ''
    AND NextRunOn IS NULL
  LIMIT ?
  FOR UPDATE
)"};
// Served by the primary key.
const Sql kUnpark{"unpark-tasks", R"(
  UPDATE JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$')) v
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = v.Id
  SET
    t.NextRunOn = COALESCE(t.ScheduledOn, UNIX_TIMESTAMP()),
    t.ParkedReason = ''
)"};

}  // namespace

bool unparkSome(Connection& connection, const std::string& taskHandlerClass) {
  const auto rows = connection.query(kLockParkedOf, {taskHandlerClass, kUnparkedAtOnce});
  if (rows.empty()) return false;
  json::Writer ids;
  ids.startArray();
  for (Row row : rows) ids.value(row.as<int>());
  connection.execute(kUnpark, {ids.endArray().text()});
  return static_cast<std::int64_t>(rows.size()) == kUnparkedAtOnce;
}

void unparkAll(StoreContext& context, const std::string& taskHandlerClass) {
  while (context.inTransaction([&] { return unparkSome(context.connection, taskHandlerClass); })) {
  }
}

}  // namespace taskqueue::store
