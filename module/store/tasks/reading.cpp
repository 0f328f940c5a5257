// Reads tasks, runs and output for the pages and the API.
#include <algorithm>

#include "module/json/runner_problems.h"
#include "module/queue/listed.h"
#include "module/queue/utf8_text.h"
#include "module/store/sql/columns.h"
#include "module/store/tasks/maria_tasks.h"

namespace taskqueue::store {
namespace {

// Served by the primary key.
const Sql kFindTask{"find-task", R"(
  SELECT {task_columns}
  FROM {TaskQueue} t
  WHERE t.Id = ?
)"};

// Served by the primary key.
const Sql kFindRun{"find-run", R"(
  SELECT {run_columns}
  FROM {TaskRuns} r
  WHERE r.Id = ?
)"};

// Served by the index TaskQueueId (TaskQueueId, Attempt).
const Sql kRunsOfTask{"runs-of-task", R"(
  SELECT {run_columns}
  FROM {TaskRuns} r
  WHERE r.TaskQueueId = ?
  ORDER BY r.Attempt DESC, r.Id DESC
  LIMIT 100
)"};

// Served by the primary key.
const Sql kFinishedOutput{"finished-output", R"(
  SELECT Status, StandardOutput, StandardOutputBytes, StandardOutputDropped
  FROM {TaskRuns}
  WHERE Id = ?
)"};
const Sql kFinishedErrorOutput{"finished-error-output", R"(
  SELECT Status, ErrorOutput, ErrorOutputBytes, ErrorOutputDropped
  FROM {TaskRuns}
  WHERE Id = ?
)"};

// Served by the index TaskRunId (TaskRunId, Stream, Position).
const Sql kLiveOutput{"live-output", R"(
  SELECT Position, Content
  FROM {TaskRunOutput}
  WHERE TaskRunId = ? AND Stream = ? AND Position + Bytes > ?
  ORDER BY Position
  LIMIT 100
)"};

const Sql kLiveOutputEnd{"live-output-end", R"(
  SELECT Position + Bytes
  FROM {TaskRunOutput}
  WHERE TaskRunId = ? AND Stream = ?
  ORDER BY Position DESC
  LIMIT 1
)"};

// Moves a slice that begins inside a character on to the next one.
void beginAtCharacter(OutputSlice& slice) {
  std::size_t inside = 0;
  while (inside < slice.content.size() && continuesCharacter(slice.content[inside])) ++inside;
  slice.content.erase(0, inside);
  slice.offset += static_cast<std::int64_t>(inside);
}

constexpr std::int64_t kMostDropped = std::int64_t{1} << 62;  // sums with it fit into 64 bits

// The kept text of a long stream has three parts: its head, a line with the number of dropped bytes, and its
// tail.
OutputSlice sliceOfKept(const std::string& kept, std::int64_t total, std::int64_t dropped,
                        std::int64_t offset, std::int64_t limit) {
  OutputSlice slice;
  // A row written by hand may hold any numbers. The text counts as long as it is.
  dropped = std::clamp<std::int64_t>(dropped, 0, kMostDropped);
  const std::string line = droppedLine(dropped);
  const auto gap = dropped > 0 ? kept.find(line) : std::string::npos;
  const auto keptBytes = static_cast<std::int64_t>(kept.size());
  total = std::max(total, gap == std::string::npos
                              ? keptBytes
                              : keptBytes - static_cast<std::int64_t>(line.size()) + dropped);
  slice.totalBytes = total;
  slice.droppedBytes = dropped;
  std::string_view from = kept;
  slice.offset = std::clamp<std::int64_t>(offset, 0, total);
  if (gap == std::string::npos) {
    from.remove_prefix(std::min<std::size_t>(static_cast<std::size_t>(slice.offset), from.size()));
  } else if (slice.offset < static_cast<std::int64_t>(gap)) {
    from = from.substr(static_cast<std::size_t>(slice.offset), gap - static_cast<std::size_t>(slice.offset));
  } else {
    const auto tailStart = static_cast<std::int64_t>(gap) + dropped;
    slice.offset = std::max(slice.offset, tailStart);
    from = from.substr(
        std::min(gap + line.size() + static_cast<std::size_t>(slice.offset - tailStart), from.size()));
  }
  slice.content = cutAtCharacter(from, static_cast<std::size_t>(limit));
  slice.nextOffset = slice.offset + static_cast<std::int64_t>(slice.content.size());
  slice.complete = slice.nextOffset >= total;
  beginAtCharacter(slice);
  return slice;
}

}  // namespace

std::optional<Task> MariaTasks::findTask(int id) {
  auto rows = connection_.query(kFindTask, {id});
  return rows.empty() ? std::nullopt : std::optional(readTask(rows.front()));
}

std::optional<Run> MariaTasks::findRun(int id) {
  auto rows = connection_.query(kFindRun, {id});
  return rows.empty() ? std::nullopt : std::optional(readRun(rows.front()));
}

std::vector<Run> MariaTasks::runsOfTask(int taskQueueId) {
  std::vector<Run> runs;
  for (Row& row : connection_.query(kRunsOfTask, {taskQueueId})) runs.push_back(readRun(row));
  std::reverse(runs.begin(), runs.end());
  return runs;
}

std::optional<OutputSlice> MariaTasks::readOutput(int runId, OutputStream stream, std::int64_t offset,
                                                  std::int64_t limit) {
  const bool isError = stream == OutputStream::ErrorOutput;
  auto rows = connection_.query(isError ? kFinishedErrorOutput : kFinishedOutput, {runId});
  if (rows.empty()) return std::nullopt;
  const auto [word, kept, total, dropped] =
      rows.front().as<std::string, std::string, std::int64_t, std::int64_t>();
  const auto status = parseRunStatus(word);
  if (!status || !isOpen(*status)) return sliceOfKept(kept, total, dropped, offset, limit);

  const char* const streamName = isError ? "stderr" : "stdout";
  auto ends = connection_.query(kLiveOutputEnd, {runId, streamName});
  OutputSlice slice;
  slice.totalBytes = ends.empty() ? 0 : ends.front().as<std::int64_t>();
  slice.offset = std::clamp<std::int64_t>(offset, 0, slice.totalBytes);
  bool first = true;
  for (Row& row : connection_.query(kLiveOutput, {runId, streamName, slice.offset})) {
    const auto [position, content] = row.as<std::int64_t, std::string>();
    if (first) slice.offset = std::max(slice.offset, position);
    first = false;
    const std::int64_t end = slice.offset + static_cast<std::int64_t>(slice.content.size());
    if (position > end) break;  // a gap: the next call begins after it
    if (static_cast<std::int64_t>(slice.content.size()) >= limit) break;
    const std::size_t known = static_cast<std::size_t>(end - position);  // above 0: these bytes came twice
    if (known < content.size()) slice.content += std::string_view(content).substr(known);
  }
  slice.content = std::string(cutAtCharacter(slice.content, static_cast<std::size_t>(limit)));
  slice.nextOffset = slice.offset + static_cast<std::int64_t>(slice.content.size());
  beginAtCharacter(slice);
  return slice;
}

}  // namespace taskqueue::store
