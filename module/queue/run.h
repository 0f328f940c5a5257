// A run: a row of TaskRuns, one attempt at a task.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "module/queue/status.h"
#include "module/queue/task.h"

namespace taskqueue {

// What the operating system said of a worker process. Absent members were not observed.
struct ResourceUse {
  std::optional<int> exitStatus;
  std::optional<int> exitSignal;
  std::optional<std::int64_t> userCpuMs;
  std::optional<std::int64_t> systemCpuMs;
  std::optional<std::int64_t> maxRssKb;
};

// The text of one stream as it is kept: valid UTF-8, its middle left out when there was too much.
struct CapturedText {
  std::string kept;               // head, a line that tells the dropped count, tail
  std::int64_t totalBytes = 0;    // all that the handler wrote, after cleaning
  std::int64_t droppedBytes = 0;  // what `kept` leaves out
};

// The line that stands in kept text for what was left out of the middle.
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

// A file that the run has left for download.
struct RunFile {
  std::string name;
  std::string contentType;
  std::int64_t bytes = 0;
};

enum class OutputStream { StandardOutput, ErrorOutput };

// A piece of a run's output, from a byte on. Positions count the bytes of the whole cleaned stream, so they
// mean the same while the run works and after it.
struct OutputSlice {
  std::int64_t offset = 0;  // where `content` begins; beyond what was asked for when that part was dropped
  std::int64_t nextOffset = 0;  // ask for this next
  std::int64_t totalBytes = 0;
  std::int64_t droppedBytes = 0;
  bool complete = false;  // the run has ended and `content` reaches its end
  std::string content;
};

}  // namespace taskqueue
