// The messages between a runner and its workers: one JSON object a line, on file descriptor 3 of the worker.
// What each means stands in runner/PROTOCOL.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "module/json/read.h"
#include "module/queue/runner.h"
#include "module/queue/sync.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::runner {

inline constexpr int kProtocolVersion = 1;
inline constexpr int kControlDescriptor = 3;
inline constexpr std::size_t kMaxLineBytes = 4 << 20;  // a longer line breaks the protocol
inline constexpr std::size_t kMaxResultsBytes = 1 << 20;

// ── runner → worker
// ────────────────────────────────────────────────────────────────────────────────────────────

std::string helloLine();
std::string cancelLine(handlers::StopReason reason);
// A run with its task. TaskData is embedded as JSON, so it must be valid.
std::string runLine(const ClaimedRun& run);

struct Hello {};
struct Cancel {
  handlers::StopReason reason = handlers::StopReason::Cancelled;
};
struct RunOrder {
  int runId = 0;
  int taskQueueId = 0;
  int attempt = 0;
  std::string runToken;
  std::string taskHandlerClass;
  std::string taskData;  // JSON
};
using Order = std::variant<Hello, Cancel, RunOrder>;

// Nothing when the line is not an order of this protocol.
std::optional<Order> readOrder(std::string_view line);

// ── worker → runner
// ────────────────────────────────────────────────────────────────────────────────────────────

struct Handlers {
  std::vector<HandlerDeclaration> handlers;
  std::vector<std::string> problems;  // what was left out since it cannot be used
};
// A persistent worker cannot serve: why. Nothing else follows.
struct Refusal {
  std::string problem;
  bool watches = false;  // it stays until it is worth trying again, and ends then
};
// Of which run a persistent worker speaks, it says by the run's token: what the process has left behind of an
// earlier run may still hold descriptor 3. A command says nothing.
struct Progress {
  int percentsCompleted = 0;
  std::optional<std::string> progressNote;  // nothing: as before
  std::string runToken;
};
// A value that the run must not tell from now on.
struct Mask {
  std::string value;
  std::string runToken;
};
// How a run ended, in the worker's own words.
struct Outcome {
  enum class Kind { Result, Error, RetryAfter, Snooze, GiveUp };
  Kind kind = Kind::Result;
  std::optional<std::string> results;
  std::string errorCode;
  std::string errorMessage;
  std::int64_t seconds = 0;  // of RetryAfter and Snooze
  bool last = false;         // the worker ends after this run
  bool recycle = false;      // it wants to be replaced, and can go on until then
  ResourceUse use;           // of a persistent worker, for this run alone
  std::string runToken;
};
using Report = std::variant<Handlers, Refusal, Progress, Mask, Outcome>;

std::string reportLine(const Handlers& handlers);
std::string reportLine(const Refusal& refusal);
std::string reportLine(const Progress& progress);
std::string reportLine(const Mask& mask);
std::string reportLine(const Outcome& outcome);

// The report, or what is wrong with the line. A NUL in a text has become U+FFFD.
std::variant<Report, std::string> readReport(std::string_view line);

}  // namespace taskqueue::runner
