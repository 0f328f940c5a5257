#include "module/store/claim/priority_corrector.h"

#include <algorithm>

#include "module/json/writer.h"

namespace taskqueue::store {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kAtOnce = 1000;  // rows of one transaction
constexpr auto kBetweenLooks = 1s;      // shortest time between looks while there is no such row
// While there is no such row, these looks take at most one part in kShareOfLooks of the time.
constexpr int kShareOfLooks = 20;
// While there are such rows, corrections take at most one part in kShareOfCorrections of the time.
constexpr int kShareOfCorrections = 5;

// Served by the index Claim. Locks nothing.
const Sql kFindOutside{"find-priorities-outside", R"(
  (SELECT Id FROM {TaskQueue} FORCE INDEX (Claim) WHERE Queue = ? AND Priority < ? LIMIT ?)
  UNION ALL
  (SELECT Id FROM {TaskQueue} FORCE INDEX (Claim) WHERE Queue = ? AND Priority > ? LIMIT ?)
)"};
// Served by the primary key.
const Sql kLockOutside{"lock-priorities-outside", R"(
  SELECT t.Id, t.Priority
  FROM JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$')) v
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = v.Id
  WHERE t.Priority NOT BETWEEN ? AND ?
  FOR UPDATE SKIP LOCKED
)"};
const SqlPiece kCorrectedPriorities{"corrected_priorities", R"(
  JSON_TABLE(?, '$[*]' COLUMNS (
    Id INT PATH '$.q', Priority INT PATH '$.p', Detail VARCHAR(255) PATH '$.d'
  )) v
)"};
// Served by the primary key.
const Sql kCorrect{"correct-priorities", R"(
  UPDATE {corrected_priorities}
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = v.Id
  SET t.Priority = v.Priority
)"};
const Sql kRecordCorrections{"record-corrected-priorities", R"(
  INSERT INTO {TaskQueueAudit} (ChangedOn, ChangedBy, Source, Action, TaskQueueId, Detail)
  SELECT UNIX_TIMESTAMP(), 'task-runner', 'runner', 'priority', v.Id, v.Detail
  FROM {corrected_priorities}
)"};

}  // namespace

bool PriorityCorrector::correct(std::span<const std::string> queues) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  if (start < nextCorrection_) return false;
  bool anyMore = false;
  try {
    for (const std::string& queue : queues) anyMore = correctQueue(queue) || anyMore;
  } catch (const StoreError& error) {
    // The audit table may be full, for example: claims go on without these rows.
    if (error.kind() != StoreError::Kind::TryAgain) throw;
  }
  const auto end = Clock::now();
  nextCorrection_ =
      end + (anyMore ? (end - start) * (kShareOfCorrections - 1)
                     : std::max<Clock::duration>(kBetweenLooks, (end - start) * (kShareOfLooks - 1)));
  return anyMore;
}

// Leaves rows that another transaction has locked. Returns true when there may be more rows than were found.
bool PriorityCorrector::correctQueue(const std::string& queue) {
  std::vector<int> ids;
  for (Row& row :
       connection_.query(kFindOutside, {queue, kFirstPriority, kAtOnce, queue, kLastPriority, kAtOnce})) {
    ids.push_back(row.as<int>());
  }
  if (ids.empty()) return false;
  if (ids.size() > kAtOnce) ids.resize(kAtOnce);
  const bool mayBeMore = ids.size() == kAtOnce;
  std::sort(ids.begin(), ids.end());
  json::Writer found;
  found.startArray();
  for (const int id : ids) found.value(id);
  const std::string candidates = found.endArray().text();
  context_.inTransaction(
      [&] {
        json::Writer corrected;
        corrected.startArray();
        bool any = false;
        for (Row& row : connection_.query(kLockOutside, {candidates, kFirstPriority, kLastPriority})) {
          any = true;
          const auto [id, given] = row.as<int, int>();
          corrected.startObject().member("q", id);
          const int nearest = std::clamp(given, kFirstPriority, kLastPriority);
          corrected.member("p", nearest);
          corrected.member("d", "Priority was " + std::to_string(given) + ", which there is not: it is " +
                                    std::to_string(nearest) + " now");
          corrected.endObject();
        }
        if (!any) return;
        const std::string rows = corrected.endArray().text();
        connection_.execute(kCorrect, {rows});
        connection_.execute(kRecordCorrections, {rows});
      },
      AfterLockWait::GiveUp);
  return mayBeMore;
}

}  // namespace taskqueue::store
