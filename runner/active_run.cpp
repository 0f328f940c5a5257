#include "runner/active_run.h"

#include <sysexits.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace taskqueue::runner {
namespace {

// Exit codes by which a command says more than that it failed; see runner/PROTOCOL.md.
constexpr int kExitGiveUp = EX_DATAERR;
constexpr int kExitRetryLater = EX_TEMPFAIL;

std::string nameOfSignal(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : "SIG" + std::string(name);
}

}  // namespace

ActiveRun::ActiveRun(ClaimedRun run, Limits limits, SteadyTime now)
    : run_(std::move(run)),
      limits_(limits),
      startedAt_(now),
      standardOutput_(limits.output, maskedValues_),
      errorOutput_(limits.output, maskedValues_) {}

void ActiveRun::addOutput(OutputStream stream, std::string_view bytes) {
  (stream == OutputStream::StandardOutput ? standardOutput_ : errorOutput_).append(bytes);
}

void ActiveRun::setProgress(const Progress& progress) {
  percents_ = std::max(percents_, progress.percentsCompleted);
  if (progress.progressNote) note_ = *progress.progressNote;
  progressIsNew_ = true;
}

bool ActiveRun::requestStop(StopReason reason, SteadyTime now) {
  if (stopReason_) {
    const auto rankOf = [](StopReason of) {
      return of == StopReason::Cancelled   ? 1
             : of == StopReason::LeaseLost ? 2
             : of == StopReason::Lost      ? 3
                                           : 0;
    };
    if (rankOf(reason) > rankOf(*stopReason_)) stopReason_ = reason;
    return false;
  }
  stopReason_ = reason;
  stopAskedAt_ = now;
  return true;
}

bool ActiveRun::isOverTime(SteadyTime now) const {
  return !stopReason_ && now - startedAt_ >= limits_.timeLimit;
}

bool ActiveRun::isOverGrace(SteadyTime now) const {
  return stopReason_ && (*stopReason_ == StopReason::Lost || now - stopAskedAt_ >= limits_.killGrace);
}

std::optional<RunProgress> ActiveRun::takeProgress() {
  if (!std::exchange(progressIsNew_, false)) return std::nullopt;
  return RunProgress{run_.owned, percents_, masked(note_)};
}

std::optional<OutputChunk> ActiveRun::takeOutput(OutputStream stream) {
  auto update = (stream == OutputStream::StandardOutput ? standardOutput_ : errorOutput_).takeUpdate();
  if (!update) return std::nullopt;
  return OutputChunk{run_.owned,       stream,        update->position, std::move(update->content),
                     update->dropFrom, update->dropTo};
}

RunEnd ActiveRun::describe(SteadyTime now) {
  RunEnd end;
  end.owned = run_.owned;
  end.percentsCompleted = percents_;
  end.progressNote = note_;
  end.hadLiveOutput = standardOutput_.hadUpdates() || errorOutput_.hadUpdates();
  end.standardOutput = standardOutput_.finish();
  end.errorOutput = errorOutput_.finish();
  end.runMs = std::chrono::duration_cast<std::chrono::milliseconds>(duration(now)).count();
  return end;
}

// Masks all texts except the output, which was masked as it came.
void ActiveRun::maskTexts(RunEnd& end) const {
  for (std::string* text : {&end.progressNote, &end.errorCode, &end.errorMessage}) *text = masked(*text);
  if (end.results) end.results = maskedValues_.maskedJson(*end.results);
}

void ActiveRun::judge(RunEnd& end, const ResourceUse* processEnd) const {
  const auto fail = [&](std::string code, std::string message) {
    end.status = RunStatus::Error;
    end.errorCode = std::move(code);
    end.errorMessage = std::move(message);
  };
  if (!broken_.empty()) return fail("protocol", "The worker broke the protocol: " + broken_ + ".");
  if (outcome_ && !reportedResult()) {
    end.giveUp = outcome_->kind == Outcome::Kind::GiveUp;
    return fail(outcome_->errorCode, outcome_->errorMessage);
  }
  if (processEnd != nullptr && processEnd->exitSignal) {
    end.giveUp = limits_.onCrash == OnCrash::Fail;
    return fail("signal", "The worker was killed by " + nameOfSignal(*processEnd->exitSignal) + ".");
  }
  if (processEnd != nullptr && limits_.outcomeNeeded && !outcome_) {
    end.giveUp = limits_.onCrash == OnCrash::Fail;
    return fail("worker_ended", "The worker ended with status " +
                                    std::to_string(processEnd->exitStatus.value_or(0)) +
                                    " before it said how the run had ended.");
  }
  if (processEnd != nullptr && processEnd->exitStatus.value_or(0) != 0) {
    end.giveUp = *processEnd->exitStatus == kExitGiveUp;
    if (*processEnd->exitStatus == kExitRetryLater) end.retryDelaySeconds = limits_.retryAfter.count();
    return fail("exit_status",
                "The worker exited with status " + std::to_string(*processEnd->exitStatus) + ".");
  }
  end.status = RunStatus::Success;
  end.percentsCompleted = 100;
}

// A command's result counts only if its process then exits with status 0.
bool ActiveRun::hasFinished(const ResourceUse* processEnd) const {
  return reportedResult() && broken_.empty() && (processEnd == nullptr || processEnd->exitStatus == 0);
}

std::int64_t ActiveRun::askedDelay() const {
  const bool isWait =
      outcome_ && (outcome_->kind == Outcome::Kind::RetryAfter || outcome_->kind == Outcome::Kind::Snooze);
  return isWait ? outcome_->seconds : 0;
}

// Describes a run that was asked to stop, by a cancel or at its time limit, and did not finish.
void ActiveRun::judgeStop(RunEnd& end) const {
  const bool isCancel = stopReason_ == StopReason::Cancelled;
  end.status = isCancel ? RunStatus::Cancelled : RunStatus::Error;
  end.errorCode = isCancel ? "cancelled" : "time_limit";
  end.errorMessage = isCancel ? "The run was stopped because its task was cancelled."
                              : "The run was stopped at its time limit of " +
                                    std::to_string(limits_.timeLimit.count()) + " s.";
  end.giveUp = outcome_ && outcome_->kind == Outcome::Kind::GiveUp;
  if (outcome_ && !outcome_->errorMessage.empty())
    end.errorMessage += " Its handler said: " + outcome_->errorMessage;
}

RunVerdict ActiveRun::finish(const ResourceUse* processEnd, double chance, SteadyTime now) {
  if (stopReason_ == StopReason::Lost) return std::monostate{};
  const bool stopped = stopReason_ && !hasFinished(processEnd);
  if (stopped && (stopReason_ == StopReason::Shutdown || stopReason_ == StopReason::LeaseLost)) {
    return RunRelease{run_.owned, askedDelay()};
  }
  if (!stopped && outcome_ && outcome_->kind == Outcome::Kind::Snooze && broken_.empty()) {
    return RunRelease{run_.owned, outcome_->seconds};
  }

  RunEnd end = describe(now);
  if (processEnd != nullptr) end.use = *processEnd;
  if (outcome_) {
    end.results = outcome_->results;
    if (processEnd == nullptr) end.use = outcome_->use;
  }
  end.retryDelaySeconds = limits_.retry.delayAfter(run_.task.taskRunsFailed + 1, chance).count();
  if (stopped) {
    judgeStop(end);
    end.retryDelaySeconds = std::max(end.retryDelaySeconds, askedDelay());
  } else {
    judge(end, processEnd);
    if (outcome_ && outcome_->kind == Outcome::Kind::RetryAfter) end.retryDelaySeconds = outcome_->seconds;
  }
  maskTexts(end);
  return end;
}

RunEnd ActiveRun::finishUnstarted(const std::string& problem, double chance) {
  RunEnd end;
  end.owned = run_.owned;
  end.status = RunStatus::Error;
  end.errorCode = "launch_failed";
  end.errorMessage = withVisibleNul(problem);
  end.runMs = 0;
  end.retryDelaySeconds = limits_.retry.delayAfter(run_.task.taskRunsFailed + 1, chance).count();
  return end;
}

}  // namespace taskqueue::runner
