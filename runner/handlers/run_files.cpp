#include "runner/handlers/run_files.h"

namespace taskqueue::handlers {

using store::Sql;

const Sql kAppendRunFile("append-run-file",
                         "INSERT INTO {TaskRunFiles} (TaskRunId, Name, ContentType, Part, Bytes, Content)"
                         " VALUES (?, ?, ?, ?, ?, ?)");

void RunFiles::append(const std::string& name, const std::string& contentType, int part,
                      const std::string& content) {
  connection_.execute(kAppendRunFile, {std::int64_t{runId_}, name, contentType, std::int64_t{part},
                                       static_cast<std::int64_t>(content.size()), content});
}

// Uses the unique key TaskRunId (TaskRunId, Name, Part).
const Sql kRemoveRunFiles("remove-run-files", "DELETE FROM {TaskRunFiles} WHERE TaskRunId=?");

void RunFiles::removeAll() {
  connection_.execute(kRemoveRunFiles, {std::int64_t{runId_}});
}

// Uses the unique key TaskRunId (TaskRunId, Name, Part).
const Sql kTakeRunFiles("take-run-files", "UPDATE {TaskRunFiles} SET TaskRunId=? WHERE TaskRunId=?");

void RunFiles::takeFrom(int otherRunId) {
  connection_.execute(kTakeRunFiles, {std::int64_t{runId_}, std::int64_t{otherRunId}});
}

}  // namespace taskqueue::handlers
