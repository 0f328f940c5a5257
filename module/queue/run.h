// A run is one attempt at a task, stored as a row of TaskRuns.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "module/queue/status.h"
#include "module/queue/task.h"

namespace taskqueue {

// Resources that a worker process used, as the operating system reported them. Absent members were not
// observed.
struct ResourceUse {
  std::optional<int> exitStatus;
  std::optional<int> exitSignal;
  std::optional<std::int64_t> userCpuMs;
  std::optional<std::int64_t> systemCpuMs;
  std::optional<std::int64_t> maxRssKb;
};

// The stored text of one stream. It is valid UTF-8; if the text was too long, its middle is left out.
struct CapturedText {
  std::string kept;               // the beginning, a line with the number of dropped bytes, the end
  std::int64_t totalBytes = 0;    // size of everything that the handler wrote, after cleaning
  std::int64_t droppedBytes = 0;  // size of the part that `kept` leaves out
};

// Returns the line that replaces the dropped middle of a stored text.
std::string droppedLine(std::int64_t droppedBytes);

struct Run {
  int id = 0;
  int taskQueueId = 0;
  int attempt = 0;
  std::optional<UnixSeconds> startedOn;
  std::optional<UnixSeconds> finishedOn;
  int percentsCompleted = 0;
  std::string progressNote;
  std::optional<std::string> results;  // JSON
  RunStatus status = RunStatus::Scheduled;
  std::string errorCode;
  std::string errorMessage;
  std::optional<int> taskRunnerId;
  std::optional<UnixSeconds> cancelRequestedOn;
  std::optional<std::int64_t> runMs;
  ResourceUse use;
  std::int64_t standardOutputBytes = 0;
  std::int64_t standardOutputDropped = 0;
  std::int64_t errorOutputBytes = 0;
  std::int64_t errorOutputDropped = 0;
};

// A file that the run offers for download.
struct RunFile {
  std::string name;
  std::string contentType;
  std::int64_t bytes = 0;
};

enum class OutputStream { StandardOutput, ErrorOutput };
inline constexpr std::array kAllOutputStreams{OutputStream::StandardOutput, OutputStream::ErrorOutput};

// A piece of a run's output. Positions count the bytes of the whole cleaned stream, so they mean the same
// during the run and after it.
struct OutputSlice {
  std::int64_t offset =
      0;  // where `content` begins; larger than the requested offset if that part was dropped
  std::int64_t nextOffset = 0;  // the offset to request next
  std::int64_t totalBytes = 0;
  std::int64_t droppedBytes = 0;
  bool complete = false;  // the run has ended and `content` reaches its end
  std::string content;
};

}  // namespace taskqueue
