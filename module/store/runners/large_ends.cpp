#include "module/store/runners/large_ends.h"

#include <algorithm>

#include "module/json/run_end.h"
#include "module/store/runners/run_end_size.h"

namespace taskqueue::store {
namespace {

// Served by the primary key.
const Sql kFinishLargeRun{"finish-large-run", R"(
  UPDATE {TaskRuns} r FORCE INDEX (PRIMARY)
  SET
    r.Status = ?,
    r.OpenTaskQueueId = NULL,
    r.FinishedOn = UNIX_TIMESTAMP(),
    r.Results = ?,
    r.ErrorCode = ?,
    r.ErrorMessage = ?,
    r.PercentsCompleted = GREATEST(r.PercentsCompleted, ?),
    r.ProgressNote = ?,
    r.RunMs = COALESCE(?, -1),
    r.ExitStatus = ?,
    r.ExitSignal = ?,
    r.UserCpuMs = COALESCE(?, -1),
    r.SystemCpuMs = COALESCE(?, -1),
    r.MaxRssKb = COALESCE(?, -1),
    r.StandardOutput = ?,
    r.StandardOutputBytes = ?,
    r.StandardOutputDropped = ?,
    r.ErrorOutput = ?,
    r.ErrorOutputBytes = ?,
    r.ErrorOutputDropped = ?
  WHERE r.Id = ? AND r.RunToken = ? AND r.Status = 'running'
)"};

// Served by the primary key of TaskRuns.
const Sql kWriteLargeOutput{"write-large-output", R"(
  INSERT INTO {TaskRunOutput} (TaskRunId, Stream, Position, Bytes, Content)
  SELECT r.Id, ?, ?, ?, ?
  FROM {TaskRuns} r FORCE INDEX (PRIMARY)
  WHERE r.Id = ? AND r.RunToken = ? AND r.Status = 'running'
)"};

}  // namespace

bool isLarge(const Connection& connection, const RunEnd& end) {
  return textBytesOf(end) > std::min(kMaxTextBytesInBatch, connection.batchBytes());
}

bool finishLargeRun(Connection& connection, RunEnd& end) {
  cutToSize(end, connection.statementBytes());
  std::vector<Value> values{toString(end.status)};
  values.push_back(end.results ? Value::borrowed(*end.results) : Value(nullptr));
  values.emplace_back(json::cutTo(end.errorCode, json::kShortTextBytes));
  values.emplace_back(json::cutTo(end.errorMessage, json::kStoredErrorBytes));
  values.emplace_back(std::clamp(end.percentsCompleted, 0, 100));
  values.emplace_back(json::cutTo(end.progressNote, json::kShortTextBytes));
  values.insert(values.end(), {end.runMs, end.use.exitStatus, end.use.exitSignal, end.use.userCpuMs,
                               end.use.systemCpuMs, end.use.maxRssKb});
  for (const CapturedText* text : {&end.standardOutput, &end.errorOutput}) {
    values.push_back(Value::borrowed(text->kept));
    values.emplace_back(text->totalBytes);
    values.emplace_back(text->droppedBytes);
  }
  values.emplace_back(end.owned.runId);
  values.emplace_back(end.owned.runToken);
  return connection.execute(kFinishLargeRun, values) == 1;
}

void writeLargeOutput(Connection& connection, const OutputChunk& chunk, const char* stream) {
  connection.execute(kWriteLargeOutput,
                     {stream, chunk.position, chunk.content.size(), Value::borrowed(chunk.content),
                      chunk.owned.runId, chunk.owned.runToken});
}

}  // namespace taskqueue::store
