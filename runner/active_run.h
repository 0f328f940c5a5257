// A run while a worker does it: what it has written and reported, why it is to stop, and what becomes of it.
// Pure bookkeeping: no process, no database, no clock of its own.
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
  Cancelled,  // somebody asked for it: the run ends as `cancelled`
  TimeLimit,  // it worked too long: an error
  Shutdown,   // the runner ends: the run is released
  LeaseLost,  // the lease could not be renewed in time: killed at once, then released
  Lost,       // it is no longer ours: nothing may be written
};

// What the owner writes when the run is over; nothing when the run was lost.
using RunVerdict = std::variant<std::monostate, RunEnd, RunRelease>;

class ActiveRun {
 public:
  struct Limits {
    StreamLimits output;
    std::chrono::seconds timeLimit{3600};
    std::chrono::seconds retryAfter{60};  // the delay that exit status 75 asks for
    std::chrono::seconds killGrace{5};
    OnCrash onCrash = OnCrash::Retry;
    RetryPolicy retry;
    bool outcomeNeeded =
        false;  // of a persistent worker: its process's end alone is a crash, whatever its status
  };

  ActiveRun(ClaimedRun run, Limits limits, SteadyTime now);
  ActiveRun(const ActiveRun&) = delete;
  ActiveRun& operator=(const ActiveRun&) = delete;

  // It is given to a worker now: its time counts from here.
  void start(SteadyTime now) { startedAt_ = now; }
  SteadyTime::duration age(SteadyTime now) const { return now - startedAt_; }

  const ClaimedRun& run() const { return run_; }
  const RunOwnership& owned() const { return run_.owned; }

  void addOutput(OutputStream stream, std::string_view bytes);
  void setProgress(const Progress& progress);
  // Hides the value in all that the run tells from now on. Returns why it cannot be hidden.
  std::optional<std::string> mask(std::string_view value) { return maskedValues_.add(value); }
  std::string masked(std::string_view text) const { return maskedValues_.masked(text); }
  void setOutcome(Outcome outcome) { outcome_ = std::move(outcome); }
  void setBroken(std::string problem) { broken_ = std::move(problem); }

  // Asks for a stop. True when it was not asked for before: the worker must be told now. What was asked for
  // before does not hold when the run or the lease is lost, nor when a cancel is requested.
  bool requestStop(StopReason reason, SteadyTime now);
  std::optional<StopReason> stopReason() const { return stopReason_; }
  // True when the time limit has passed and no stop was asked for.
  bool isOverTime(SteadyTime now) const;
  // True when the grace time after a stop request is over: the worker must be killed.
  bool isOverGrace(SteadyTime now) const;

  // Updates for the live view since the last call.
  std::optional<RunProgress> takeProgress();
  std::optional<OutputChunk> takeOutput(OutputStream stream);

  // The end, as told by the worker's words (`outcome`), its process's end (`use`), or both. Call once.
  RunVerdict finish(const ResourceUse* processEnd, double chance, SteadyTime now);
  // The worker could not be started.
  RunEnd finishUnstarted(const std::string& problem, double chance);

 private:
  RunEnd describe(SteadyTime now);
  void maskTexts(RunEnd& end) const;
  void judge(RunEnd& end, const ResourceUse* processEnd) const;
  // The work was done all the same, whatever was asked meanwhile.
  bool hasFinished(const ResourceUse* processEnd) const;
  void judgeStop(RunEnd& end) const;
  // How long the handler wants its task to wait.
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
