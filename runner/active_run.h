// State of a run while a worker does it: its output and reports, why it must stop, and its end. This class
// uses no process, no database and no clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "module/queue/handler_settings.h"
#include "module/queue/sync.h"
#include "runner/captured_stream.h"
#include "runner/protocol.h"

namespace taskqueue::runner {

using SteadyTime = std::chrono::steady_clock::time_point;

enum class StopReason {
  Cancelled,  // A cancel was requested: the run ends as `cancelled`.
  TimeLimit,  // The run exceeded its time limit: it ends as `error`.
  Shutdown,   // The runner stops: the run is released.
  LeaseLost,  // The lease could not be renewed in time: the worker is killed at once, the run released.
  Lost,       // This runner no longer owns the run: nothing may be written.
};

// The write that ends the run. It is empty (std::monostate) when the run was lost.
using RunVerdict = std::variant<std::monostate, RunEnd, RunRelease>;

class ActiveRun {
 public:
  struct Limits {
    StreamLimits output;
    std::chrono::seconds timeLimit{3600};
    std::chrono::seconds retryAfter{60};  // delay after exit status 75
    std::chrono::seconds killGrace{5};
    OnCrash onCrash = OnCrash::Retry;
    RetryPolicy retry;
    // If true, a worker that ends without an outcome has crashed, whatever its exit status. True for
    // persistent workers.
    bool outcomeNeeded = false;
  };

  ActiveRun(ClaimedRun run, Limits limits, SteadyTime now);
  ActiveRun(const ActiveRun&) = delete;
  ActiveRun& operator=(const ActiveRun&) = delete;

  // Call this when a worker gets the run: the time limit counts from `now`.
  void start(SteadyTime now) { startedAt_ = now; }
  SteadyTime::duration age(SteadyTime now) const { return now - startedAt_; }
  // Returns how long a run that has ended took: as its worker measured it, or else its age. We may read the
  // ends of several short runs at once.
  SteadyTime::duration duration(SteadyTime now) const {
    return outcome_ && outcome_->took ? SteadyTime::duration(*outcome_->took) : age(now);
  }
  const std::optional<Outcome>& outcome() const { return outcome_; }
  bool isSilent() const { return standardOutput_.isEmpty() && errorOutput_.isEmpty(); }

  const ClaimedRun& run() const { return run_; }
  const RunOwnership& owned() const { return run_.owned; }

  void addOutput(OutputStream stream, std::string_view bytes);
  void setProgress(const Progress& progress);
  // Masks the value in everything that the run reports from now on. Returns a problem if the value cannot be
  // masked.
  std::optional<std::string> mask(std::string_view value) { return maskedValues_.add(value); }
  std::string masked(std::string_view text) const { return maskedValues_.masked(text); }
  void setOutcome(Outcome outcome) { outcome_ = std::move(outcome); }
  void setBroken(std::string problem) { broken_ = std::move(problem); }

  // Records a stop request. Returns true for the first request: the caller must then tell the worker. A later
  // request replaces the reason only if it ranks higher: Cancelled, then LeaseLost, then Lost.
  bool requestStop(StopReason reason, SteadyTime now);
  std::optional<StopReason> stopReason() const { return stopReason_; }
  // Returns true when the time limit has passed and no stop was requested.
  bool isOverTime(SteadyTime now) const;
  // Returns true when the grace time after a stop request is over: the worker must be killed.
  bool isOverGrace(SteadyTime now) const;

  // These return what is new for the live view since the last call.
  std::optional<RunProgress> takeProgress();
  std::optional<OutputChunk> takeOutput(OutputStream stream);

  // Decides how the run ends, from the worker's outcome, the end of its process, or both. Call it once.
  RunVerdict finish(const ResourceUse* processEnd, double chance, SteadyTime now);
  // Returns the end of a run whose worker could not be started.
  RunEnd finishUnstarted(const std::string& problem, double chance);

 private:
  RunEnd describe(SteadyTime now);
  void maskTexts(RunEnd& end) const;
  void judge(RunEnd& end, const ResourceUse* processEnd) const;
  // Returns whether the work was completed, even if a stop was requested meanwhile.
  bool hasFinished(const ResourceUse* processEnd) const;
  void judgeStop(RunEnd& end) const;
  // Returns the seconds that the handler asked its task to wait, or 0.
  std::int64_t askedDelay() const;
  bool reportedResult() const { return outcome_ && outcome_->kind == Outcome::Kind::Result; }

  ClaimedRun run_;
  Limits limits_;
  SteadyTime startedAt_;
  MaskedValues maskedValues_;
  CapturedStream standardOutput_;
  CapturedStream errorOutput_;
  int percents_ = 0;
  std::string note_;
  bool progressIsNew_ = false;
  std::optional<Outcome> outcome_;
  std::string broken_;
  std::optional<StopReason> stopReason_;
  SteadyTime stopAskedAt_{};
};

}  // namespace taskqueue::runner
