#include "module/store/runners/run_reports.h"

#include <algorithm>
#include <span>

#include "module/queue/utf8_text.h"
#include "module/store/database/batches.h"
#include "module/store/runners/large_ends.h"
#include "module/store/runners/run_end_size.h"
#include "module/store/sql/owned_rows.h"

namespace taskqueue::store {
namespace {

// Served by the primary key. Progress never falls within a run (I7).
const Sql kWriteProgress{"write-progress", R"(
  UPDATE JSON_TABLE(?, '$[*]' COLUMNS (
    {owned_columns}, Percents INT PATH '$.p', Note VARCHAR(255) PATH '$.n'
  )) v
  STRAIGHT_JOIN {TaskRuns} r FORCE INDEX (PRIMARY) ON r.Id = v.Id
  SET
    r.PercentsCompleted = GREATEST(r.PercentsCompleted, v.Percents),
    r.ProgressNote = v.Note
  WHERE r.RunToken = v.RunToken COLLATE utf8mb4_nopad_bin AND r.Status = 'running'
)"};

// Served by the primary key of TaskRuns.
const Sql kWriteOutput{"write-output", R"(
  INSERT INTO {TaskRunOutput} (TaskRunId, Stream, Position, Bytes, Content)
  SELECT v.Id, v.Stream, v.Position, v.Bytes, v.Content
  FROM JSON_TABLE(?, '$[*]' COLUMNS (
    {owned_columns}, Stream VARCHAR(6) PATH '$.st', Position BIGINT PATH '$.po',
    Bytes INT PATH '$.b', Content MEDIUMTEXT PATH '$.c'
  )) v
  STRAIGHT_JOIN {TaskRuns} r FORCE INDEX (PRIMARY) ON r.Id = v.Id
  WHERE r.RunToken = v.RunToken COLLATE utf8mb4_nopad_bin
    AND r.Status = 'running'
    AND v.Bytes > 0
)"};

// Served by the primary key of TaskRuns and the index TaskRunId (TaskRunId, Stream, Position).
const Sql kDropOutput{"drop-output", R"(
  DELETE o
  FROM JSON_TABLE(?, '$[*]' COLUMNS (
    {owned_columns}, Stream VARCHAR(6) PATH '$.st', DropFrom BIGINT PATH '$.df',
    DropTo BIGINT PATH '$.dt'
  )) v
  STRAIGHT_JOIN {TaskRuns} r FORCE INDEX (PRIMARY) ON r.Id = v.Id
  STRAIGHT_JOIN {TaskRunOutput} o FORCE INDEX (TaskRunId)
    ON o.TaskRunId = v.Id
    AND o.Stream = v.Stream COLLATE utf8mb4_unicode_ci
  WHERE r.RunToken = v.RunToken COLLATE utf8mb4_nopad_bin
    AND r.Status = 'running'
    AND v.DropTo > v.DropFrom
    AND o.Position >= v.DropFrom
    AND o.Position + o.Bytes <= v.DropTo
)"};

std::size_t sizeOfChunk(const OutputChunk& chunk) {
  return chunk.content.size();
}

const char* streamWord(OutputStream stream) {
  return stream == OutputStream::StandardOutput ? "stdout" : "stderr";
}

}  // namespace

void writeProgress(Connection& connection, const std::vector<RunProgress>& progress) {
  if (progress.empty()) return;
  connection.execute(kWriteProgress, {ownedRows(progress, [](json::Writer& to, const RunProgress& report) {
                       to.member("p", std::clamp(report.percentsCompleted, 0, 100));
                       to.member("n", cutAtCharacter(report.progressNote, json::kShortTextBytes));
                     })});
}

void writeOutput(Connection& connection, const std::vector<OutputChunk>& output) {
  if (output.empty()) return;
  std::vector<OutputChunk> chunks = splitToSize(output, connection.statementBytes());
  const std::size_t maxSmall = std::min(kMaxTextBytesInBatch, connection.batchBytes());
  const auto firstLarge = std::stable_partition(
      chunks.begin(), chunks.end(),
      [maxSmall](const OutputChunk& chunk) { return chunk.content.size() <= maxSmall; });
  const std::span<const OutputChunk> small(chunks.begin(), firstLarge);
  for (const auto batch : batchesOf(small, connection.batchBytes(), sizeOfChunk)) {
    connection.execute(kWriteOutput, {ownedRows(batch, [](json::Writer& to, const OutputChunk& chunk) {
                         to.member("st", streamWord(chunk.stream)).member("po", chunk.position);
                         to.member("b", chunk.content.size()).member("c", chunk.content);
                       })});
  }
  std::for_each(firstLarge, chunks.end(), [&](const OutputChunk& chunk) {
    writeLargeOutput(connection, chunk, streamWord(chunk.stream));
  });
  std::erase_if(chunks, [](const OutputChunk& chunk) { return chunk.dropTo <= chunk.dropFrom; });
  if (chunks.empty()) return;
  connection.execute(kDropOutput, {ownedRows(chunks, [](json::Writer& to, const OutputChunk& chunk) {
                       to.member("st", streamWord(chunk.stream));
                       to.member("df", chunk.dropFrom).member("dt", chunk.dropTo);
                     })});
}

}  // namespace taskqueue::store
