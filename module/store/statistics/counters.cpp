#include "module/store/statistics/counters.h"

#include "module/store/runners/maria_runners.h"
#include "module/store/statistics/maria_statistics.h"

namespace taskqueue::store {
namespace {

// Served by the unique key Name. It is the last statement of a transaction, since others that raise the same
// counter wait for it.
const Sql kCount{"count", R"(
  INSERT INTO {TaskQueueCounters} (Name, Value)
  VALUES (?, ?)
  ON DUPLICATE KEY UPDATE Value = Value + VALUES(Value)
)"};
// The table is small and read whole.
const Sql kCounters{"counters", R"(
  SELECT Name, Value
  FROM {TaskQueueCounters}
)"};

}  // namespace

void addToCounter(Connection& connection, Counter counter, std::int64_t by) {
  if (by > 0) connection.execute(kCount, {toString(counter), by});
}

void MariaRunners::count(Counter counter, std::int64_t by) {
  addToCounter(connection_, counter, by);
}

std::map<Counter, std::int64_t> MariaStatistics::readCounters() {
  std::map<Counter, std::int64_t> values;
  for (const Counter counter : kAllCounters) values[counter] = 0;
  for (Row& row : connection_.query(kCounters)) {
    const auto [name, value] = row.as<std::string, std::int64_t>();
    for (const Counter counter : kAllCounters) {
      if (name == toString(counter)) values[counter] = value;
    }
  }
  return values;
}

}  // namespace taskqueue::store
