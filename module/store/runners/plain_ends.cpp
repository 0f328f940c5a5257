#include "module/store/runners/plain_ends.h"

#include <compare>
#include <map>
#include <vector>

#include "module/json/writer.h"

namespace taskqueue::store {
namespace {

// Smaller groups of runs with equal figures are written together with all others: each group is a statement.
constexpr std::size_t kSmallestGroup = 8;

// Ends runs whose figures are equal. The server updates the rows of a list as it finds them; rows of a
// JSON_TABLE pass through a temporary table (DATABASE-51). A token is drawn once for one run, so two lists
// are as exact as pairs. Served by the primary key.
const Sql kFinishEqualRuns{"finish-equal-runs", R"(
  UPDATE {TaskRuns} r FORCE INDEX (PRIMARY)
  SET
    r.Status = 'success',
    r.OpenTaskQueueId = NULL,
    r.FinishedOn = UNIX_TIMESTAMP(),
    r.PercentsCompleted = 100,
    r.RunMs = COALESCE(?, -1),
    r.UserCpuMs = COALESCE(?, -1),
    r.SystemCpuMs = COALESCE(?, -1),
    r.MaxRssKb = COALESCE(?, -1)
  WHERE r.Id IN (?) AND r.RunToken IN (?) AND r.Status = 'running'
)"};

// Rows are arrays. Served by the primary key.
const Sql kFinishPlainRuns{"finish-plain-runs", R"(
  UPDATE JSON_TABLE(?, '$[*]' COLUMNS (
    Id INT PATH '$[0]', RunToken VARCHAR(32) PATH '$[1]', RunMs BIGINT PATH '$[2]',
    UserCpuMs BIGINT PATH '$[3]', SystemCpuMs BIGINT PATH '$[4]', MaxRssKb BIGINT PATH '$[5]'
  )) v
  STRAIGHT_JOIN {TaskRuns} r FORCE INDEX (PRIMARY) ON r.Id = v.Id
  SET
    r.Status = 'success',
    r.OpenTaskQueueId = NULL,
    r.FinishedOn = UNIX_TIMESTAMP(),
    r.PercentsCompleted = 100,
    r.RunMs = COALESCE(v.RunMs, -1),
    r.UserCpuMs = COALESCE(v.UserCpuMs, -1),
    r.SystemCpuMs = COALESCE(v.SystemCpuMs, -1),
    r.MaxRssKb = COALESCE(v.MaxRssKb, -1)
  WHERE r.RunToken = v.RunToken COLLATE utf8mb4_nopad_bin AND r.Status = 'running'
)"};

struct Figures {
  std::optional<std::int64_t> runMs;
  std::optional<std::int64_t> userCpuMs;
  std::optional<std::int64_t> systemCpuMs;
  std::optional<std::int64_t> maxRssKb;

  auto operator<=>(const Figures&) const = default;
};

Figures figuresOf(const RunEnd& end) {
  return {end.runMs, end.use.userCpuMs, end.use.systemCpuMs, end.use.maxRssKb};
}

std::int64_t finishEqual(Connection& connection, const Figures& figures,
                         const std::vector<const RunEnd*>& group) {
  std::vector<std::int64_t> ids;
  std::vector<std::string> tokens;
  for (const RunEnd* end : group) {
    ids.push_back(end->owned.runId);
    tokens.push_back(end->owned.runToken);
  }
  return connection.execute(kFinishEqualRuns,
                            {figures.runMs, figures.userCpuMs, figures.systemCpuMs, figures.maxRssKb,
                             Value::anyOf(std::move(ids)), Value::anyOf(std::move(tokens))});
}

}  // namespace

bool isPlainSuccess(const RunEnd& end) {
  return end.status == RunStatus::Success && end.percentsCompleted == 100 && !end.results &&
         end.errorCode.empty() && end.errorMessage.empty() && end.progressNote.empty() &&
         end.standardOutput.totalBytes == 0 && end.errorOutput.totalBytes == 0 && !end.hadLiveOutput &&
         !end.use.exitStatus && !end.use.exitSignal;
}

bool finishPlainRuns(Connection& connection, std::span<const RunEnd> ends) {
  std::map<Figures, std::vector<const RunEnd*>> groups;
  for (const RunEnd& end : ends) groups[figuresOf(end)].push_back(&end);
  std::int64_t matched = 0;
  bool anyOther = false;
  json::Writer others;
  others.startArray();
  for (const auto& [figures, group] : groups) {
    if (group.size() >= kSmallestGroup) {
      matched += finishEqual(connection, figures, group);
      continue;
    }
    anyOther = true;
    for (const RunEnd* end : group) {
      others.startArray().value(end->owned.runId).value(end->owned.runToken).value(figures.runMs);
      others.value(figures.userCpuMs).value(figures.systemCpuMs).value(figures.maxRssKb).endArray();
    }
  }
  if (anyOther) matched += connection.execute(kFinishPlainRuns, {others.endArray().text()});
  return matched == static_cast<std::int64_t>(ends.size());
}

}  // namespace taskqueue::store
