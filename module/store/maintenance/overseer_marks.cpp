// Marks the passes of the overseer and of its fallback.
#include "module/store/maintenance/maria_maintenance.h"

namespace taskqueue::store {
namespace {

// Served by the unique key Name.
const Sql kMarkOverseer{"mark-overseer", R"(
  INSERT INTO {TaskQueueMarks} (Name, MarkedOn)
  VALUES ('overseer', UNIX_TIMESTAMP())
  ON DUPLICATE KEY UPDATE MarkedOn = VALUES(MarkedOn)
)"};

const Sql kOverseerMarked{"overseer-marked", R"(
  SELECT MarkedOn
  FROM {TaskQueueMarks}
  WHERE Name = 'overseer'
)"};

// Served by the unique key Name.
const Sql kMarkFallbackPass{"mark-fallback-pass", R"(
  INSERT INTO {TaskQueueMarks} (Name, MarkedOn)
  VALUES ('fallback', UNIX_TIMESTAMP())
  ON DUPLICATE KEY UPDATE MarkedOn = VALUES(MarkedOn)
)"};

// The schedules are a small table, read whole. The marks are served by the unique key Name.
const Sql kOverseerFacts{"overseer-facts", R"(
  SELECT UNIX_TIMESTAMP(), (SELECT MarkedOn FROM {TaskQueueMarks} WHERE Name = 'overseer'),
    (SELECT MarkedOn FROM {TaskQueueMarks} WHERE Name = 'fallback'), COUNT(*),
    COALESCE(SUM(Problem <> ''), 0), MIN(NULLIF(NextFireOn, 0))
  FROM {TaskSchedules}
  WHERE Enabled = 1
)"};

}  // namespace

void MariaMaintenance::markOverseer() {
  connection_.execute(kMarkOverseer);
}

std::optional<UnixSeconds> MariaMaintenance::overseerMarkedOn() {
  auto rows = connection_.query(kOverseerMarked);
  return rows.empty() ? std::nullopt : rows.front().as<std::optional<UnixSeconds>>();
}

void MariaMaintenance::markFallbackPass() {
  connection_.execute(kMarkFallbackPass);
}

OverseerFacts MariaMaintenance::findOverseerFacts() {
  Row row = connection_.query(kOverseerFacts).at(0);
  OverseerFacts facts;
  row.into(facts.now, facts.overseerPassedOn, facts.fallbackPassedOn, facts.schedules, facts.brokenSchedules,
           facts.earliestFireOn);
  return facts;
}

}  // namespace taskqueue::store
