// Reads and sets TaskRunnerLimit, a row of the CMS's settings.
#include "module/store/handlers/maria_handlers.h"

namespace taskqueue::store {
namespace {

// The CMS's table has no unique key on the name; the first row counts everywhere.
const Sql kRunnerLimit{"runner-limit", R"(
  SELECT VariableValue
  FROM {Settings}
  WHERE VariableName = 'TaskRunnerLimit'
  LIMIT 1
)"};
const Sql kSetRunnerLimit{"set-runner-limit", R"(
  UPDATE {Settings}
  SET VariableValue = ?
  WHERE VariableName = 'TaskRunnerLimit' AND VariableValue <=> ?
)"};
const Sql kAddRunnerLimit{"add-runner-limit", R"(
  INSERT INTO {Settings} (VariableName, VariableValue)
  SELECT 'TaskRunnerLimit', ?
  FROM DUAL
  WHERE NOT EXISTS (SELECT 1 FROM {Settings} WHERE VariableName = 'TaskRunnerLimit')
)"};

struct Stored {
  bool isThere = false;
  std::optional<std::string> value;  // empty: NULL
};

Stored readStored(Connection& connection) {
  auto rows = connection.query(kRunnerLimit);
  if (rows.empty()) return {};
  return {true, rows.front().as<std::optional<std::string>>()};
}

RunnerLimit limitOf(const Stored& stored) {
  return readRunnerLimit(stored.isThere ? std::optional(stored.value.value_or("")) : std::nullopt);
}

}  // namespace

RunnerLimit MariaHandlers::findRunnerLimit() {
  return limitOf(readStored(connection_));
}

bool MariaHandlers::setTaskRunnerLimit(int limit, std::optional<int> onlyIf) {
  return context_.inTransaction([&] {
    const Stored stored = readStored(connection_);
    const RunnerLimit before = limitOf(stored);
    if (onlyIf && before.limit != *onlyIf) return false;
    const std::string wanted = std::to_string(limit);
    // The value that was read must still be there: another program may have changed it in between.
    const auto old = stored.value ? Value(*stored.value) : Value(nullptr);
    const auto changed = stored.isThere ? connection_.execute(kSetRunnerLimit, {wanted, old})
                                        : connection_.execute(kAddRunnerLimit, {wanted});
    if (changed == 0) return false;
    context_.record("limit", std::nullopt, "TaskRunnerLimit",
                    before.isMissing
                        ? wanted + "; it was missing"
                        : wanted + "; it was " + before.unreadable.value_or(std::to_string(before.limit)));
    return true;
  });
}

}  // namespace taskqueue::store
