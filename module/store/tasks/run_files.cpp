// Reads the files that runs offer for download.
#include "module/store/tasks/maria_tasks.h"

namespace taskqueue::store {

// Served by the unique key TaskRunId (TaskRunId, Name, Part).
const Sql kFilesOfRun{"files-of-run", R"(
  SELECT f.Name, MIN(f.ContentType), SUM(f.Bytes)
  FROM {TaskRunFiles} f
  WHERE f.TaskRunId = ?
  GROUP BY f.Name
  ORDER BY f.Name
)"};

std::vector<RunFile> MariaTasks::filesOfRun(int runId) {
  std::vector<RunFile> files;
  for (Row& row : connection_.query(kFilesOfRun, {runId})) {
    RunFile file;
    row.into(file.name, file.contentType, file.bytes);
    files.push_back(std::move(file));
  }
  return files;
}

// Served by the same key.
const Sql kReadRunFile{"read-run-file", R"(
  SELECT f.Content
  FROM {TaskRunFiles} f
  WHERE f.TaskRunId = ? AND f.Name = ?
  ORDER BY f.Part
)"};

std::optional<std::string> MariaTasks::readRunFile(int runId, std::string_view name) {
  auto parts = connection_.query(kReadRunFile, {runId, name});
  if (parts.empty()) return std::nullopt;
  std::string content;
  for (Row& part : parts) content += part.as<std::string>();
  return content;
}

}  // namespace taskqueue::store
