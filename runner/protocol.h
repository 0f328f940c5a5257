// The messages between a runner and its workers: one JSON object per line, on file descriptor 3 of the
// worker. runner/PROTOCOL.md defines their meaning.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "module/json/read.h"
#include "module/queue/runner.h"
#include "module/queue/sync.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::runner {

inline constexpr int kProtocolVersion = 2;
inline constexpr int kBatchProtocolVersion = 2;  // from this version on, a worker takes batches
inline constexpr int kControlDescriptor = 3;
inline constexpr int kBatchDescriptor = 4;             // a BatchRecord
inline constexpr std::size_t kMaxLineBytes = 4 << 20;  // a longer line breaks the protocol
inline constexpr std::size_t kMaxResultsBytes = 1 << 20;

// ── runner → worker
// ────────────────────────────────────────────────────────────────────────────────────────────

std::string helloLine();
// The stop is meant for the run with this token. It is empty for a command, which does no other run.
std::string cancelLine(handlers::StopReason reason, const std::string& runToken);
// Returns the order for a run and its task. TaskData should be JSON, which is embedded; other text is sent as
// a string.
std::string runLine(const ClaimedRun& run);
// Returns the order for a batch: the worker does the runs one after another.
std::string batchLine(std::span<const ClaimedRun* const> runs);

struct Hello {
  int protocol = 1;
};
struct Cancel {
  handlers::StopReason reason = handlers::StopReason::Cancelled;
  std::string runToken;  // empty: the current run
};
struct RunOrder {
  int runId = 0;
  int taskQueueId = 0;
  int attempt = 0;
  std::string runToken;
  std::string taskHandlerClass;
  std::string taskData;  // JSON
};
using BatchOrder = std::vector<RunOrder>;
using Order = std::variant<Hello, Cancel, RunOrder, BatchOrder>;

// Returns nothing when the line is not an order of this protocol.
std::optional<Order> readOrder(std::string_view line);

// ── worker → runner
// ────────────────────────────────────────────────────────────────────────────────────────────

struct Handlers {
  std::vector<HandlerDeclaration> handlers;
  std::vector<std::string> problems;  // settings and handlers that were left out because they cannot be used
  int protocol = 1;                   // the version that the worker speaks
};
// A persistent worker says why it cannot serve. It sends nothing else.
struct Refusal {
  std::string problem;
  bool watches = false;  // the worker stays until a new start is worthwhile, and then ends
};
// An idle persistent worker asks to be replaced, because its code has changed.
struct Recycle {};
// A persistent worker names its run by the run token, because leftover processes of an earlier run may still
// hold descriptor 3. A command names no run.
struct Progress {
  int percentsCompleted = 0;
  std::optional<std::string> progressNote;  // absent: the note stays as it is
  std::string runToken;
};
// A value to be masked in everything that the run reports from now on.
struct Mask {
  std::string value;
  std::string runToken;
};
// The worker reports how a run ended.
struct Outcome {
  enum class Kind { Result, Error, RetryAfter, Snooze, GiveUp };
  Kind kind = Kind::Result;
  std::optional<std::string> results;
  std::string errorCode;
  std::string errorMessage;
  std::int64_t seconds = 0;                       // delay asked by RetryAfter and Snooze
  bool last = false;                              // the worker ends after this run
  bool recycle = false;                           // the worker asks to be replaced, and can go on until then
  bool next = false;                              // the worker has begun the next run of its batch
  ResourceUse use;                                // use by this run alone, as measured by a persistent worker
  std::optional<std::chrono::microseconds> took;  // as measured by a persistent worker
  std::string runToken;
};
using Report = std::variant<Handlers, Refusal, Recycle, Progress, Mask, Outcome>;

std::string reportLine(const Handlers& handlers);
std::string reportLine(const Refusal& refusal);
std::string reportLine(const Progress& progress);
std::string reportLine(const Mask& mask);
std::string reportLine(const Outcome& outcome);

// Returns the report, or what is wrong with the line. A NUL in a text becomes U+FFFD.
std::variant<Report, std::string> readReport(std::string_view line);
// Returns whether the text is a complete message `mask`. No longer line begins with such a text.
bool isWholeMask(std::string_view text);

}  // namespace taskqueue::runner
