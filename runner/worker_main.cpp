#include "runner/worker_main.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include <cxxabi.h>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "module/json/read.h"
#include "runner/batch_view.h"
#include "runner/nested_exceptions.h"
#include "runner/protocol.h"
#include "runner/resource_use.h"

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;

// Shortest time between two progress messages; the runner writes even less often.
constexpr auto kProgressPeriod = 100ms;

// Limits of a message, minus what surrounds the Results.
constexpr json::Limits kResultsLimits{.bytes = kMaxResultsBytes, .depth = 63, .members = 199900};

// The control socket, read line by line; its calls block.
class Control {
 public:
  void send(const std::string& line) {
    for (std::size_t done = 0; done < line.size();) {
      const ssize_t size = ::write(kControlDescriptor, line.data() + done, line.size() - done);
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) std::_Exit(EX_IOERR);  // the runner is gone
      done += static_cast<std::size_t>(size);
    }
  }

  // Returns the next order; nothing when the runner has closed the socket. Lines that are not orders are
  // skipped.
  std::optional<Order> next() {
    while (true) {
      if (auto order = takeOrder()) return order;
      if (!receive()) return std::nullopt;
    }
  }

  // Returns an order that has already arrived, without waiting.
  std::optional<Order> poll() {
    pollfd waiting{.fd = kControlDescriptor, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, 0) == 1 && !receive()) std::_Exit(0);
    return takeOrder();
  }

 private:
  bool receive() {
    constexpr std::size_t kBytesAtOnce = 64 << 10;
    std::array<char, kBytesAtOnce> buffer;
    while (true) {
      const ssize_t size = ::read(kControlDescriptor, buffer.data(), buffer.size());
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return false;
      received_.append(buffer.data(), static_cast<std::size_t>(size));
      return true;
    }
  }

  std::optional<Order> takeOrder() {
    for (auto end = received_.find('\n'); end != std::string::npos; end = received_.find('\n')) {
      auto order = readOrder(std::string_view(received_).substr(0, end));
      received_.erase(0, end + 1);
      if (order) return order;
    }
    return std::nullopt;
  }

  std::string received_;
};

class HostedRun : public handlers::TaskRun {
 public:
  HostedRun(RunOrder order, Control& control) : order_(std::move(order)), control_(control) {
    progress_.runToken = order_.runToken;
  }

  int id() const override { return order_.runId; }
  int taskQueueId() const override { return order_.taskQueueId; }
  int attempt() const override { return order_.attempt; }
  const std::string& runToken() const override { return order_.runToken; }
  std::string_view taskData() const override { return order_.taskData; }

  void setProgress(int percents, std::string_view note) override {
    progress_.percentsCompleted = std::clamp(percents, progress_.percentsCompleted, 100);
    progress_.progressNote = std::string(note);
    unsent_ = true;
    const auto now = std::chrono::steady_clock::now();
    if (now - sentAt_ < kProgressPeriod) return;
    sentAt_ = now;
    sendProgress();
  }

  void setResults(std::string json) override { results_ = std::move(json); }

  std::optional<handlers::StopReason> stopReason() override {
    if (stopReason_) return stopReason_;
    if (auto order = control_.poll()) {
      const auto* cancel = std::get_if<Cancel>(&*order);
      // A stop can come late: the runner meant the run before, and had not read its end yet.
      if (cancel != nullptr && (cancel->runToken.empty() || cancel->runToken == order_.runToken))
        stopReason_ = cancel->reason;
    }
    return stopReason_;
  }

  void finished() override { finished_ = true; }

  void mask(std::string_view value) override {
    if (!value.empty()) control_.send(reportLine(Mask{std::string(value), order_.runToken}));
  }

  // Returns why the handler stops when it returns now; nothing if it has completed its work.
  std::optional<handlers::StopReason> stoppedFor() const { return finished_ ? std::nullopt : stopReason_; }

  void sendProgress() {
    if (std::exchange(unsent_, false)) control_.send(reportLine(progress_));
  }
  const std::optional<std::string>& results() const { return results_; }

 private:
  RunOrder order_;
  Control& control_;
  Progress progress_;
  std::optional<std::string> results_;
  std::chrono::steady_clock::time_point sentAt_{};
  bool unsent_ = false;
  std::optional<handlers::StopReason> stopReason_;  // as told to the handler
  bool finished_ = false;
};

Outcome failure(Outcome::Kind kind, std::string code, std::string message, std::int64_t seconds = 0) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.errorCode = std::move(code);
  outcome.errorMessage = std::move(message);
  outcome.seconds = seconds;
  return outcome;
}

// Turns the handler's return or exception into an outcome. If the run was asked to stop, the runner treats
// any outcome other than a result as the stop.
Outcome outcomeOf(handlers::ITaskHandler& handler, HostedRun& run) {
  try {
    handler.handleTaskRun(run);
    if (const auto reason = run.stoppedFor()) return failure(Outcome::Kind::Error, codeOf(*reason), "");
    return {};
  } catch (const handlers::GiveUp& error) {
    printNested(error);
    return failure(Outcome::Kind::GiveUp, error.code(), error.message());
  } catch (const handlers::RetryAfter& error) {
    printNested(error);
    return failure(Outcome::Kind::RetryAfter, error.code(), error.message(), error.delay().count());
  } catch (const handlers::TaskError& error) {
    printNested(error);
    return failure(Outcome::Kind::Error, error.code(), error.message());
  } catch (const handlers::Snooze& snooze) {
    return failure(Outcome::Kind::Snooze, "", "", snooze.delay().count());
  } catch (const std::exception& error) {
    printNested(error);
    return failure(Outcome::Kind::Error, "exception", error.what());
  } catch (const abi::__forced_unwind&) {
    throw;
  } catch (...) {
    return failure(Outcome::Kind::Error, "exception",
                   "The handler has thrown something that is no std::exception.");
  }
}

// Results that the runner would reject end the run with an error that says so.
void addResults(Outcome& outcome, const std::optional<std::string>& results) {
  if (!results) return;
  const auto read = json::read(*results, kResultsLimits);
  const auto* problem = std::get_if<json::Problem>(&read);
  if (problem == nullptr) {
    outcome.results = results;
    return;
  }
  const std::string words = "What the handler gave as Results cannot be used: " + problem->text + ".";
  if (outcome.kind == Outcome::Kind::Result) {
    outcome = failure(Outcome::Kind::Error, "results", words);
  } else {
    std::cerr << words << std::endl;
  }
}

// The clocks at the end of one run are those at the begin of the next one.
struct Clocks {
  rusage use{};
  std::chrono::steady_clock::time_point time = std::chrono::steady_clock::now();

  Clocks() { ::getrusage(RUSAGE_SELF, &use); }
};

void addUse(Outcome& outcome, const Clocks& before, const Clocks& after) {
  outcome.use.userCpuMs = milliseconds(after.use.ru_utime) - milliseconds(before.use.ru_utime);
  outcome.use.systemCpuMs = milliseconds(after.use.ru_stime) - milliseconds(before.use.ru_stime);
  outcome.use.maxRssKb = after.use.ru_maxrss;
}

// Returns whether the runner has not yet read all that was written to descriptors 1 and 2. In a worker that
// takes batches, they can be read, too.
bool hasUnreadOutput() {
  std::array<pollfd, 2> outputs{pollfd{.fd = STDOUT_FILENO, .events = POLLIN, .revents = 0},
                                pollfd{.fd = STDERR_FILENO, .events = POLLIN, .revents = 0}};
  return ::poll(outputs.data(), outputs.size(), 0) != 0;
}

class Host {
 public:
  Host(const std::vector<handlers::HandlerEntry>& handlers, Control& control)
      : handlers_(handlers), control_(control), batches_(kBatchDescriptor) {
    if (batches_.isOpen()) ::fcntl(kBatchDescriptor, F_SETFD, FD_CLOEXEC);
  }

  // Announces the handlers after the runner's first line. Returns false when the runner has gone.
  bool announce() {
    const auto first = control_.next();
    if (!first) return false;
    const auto* hello = std::get_if<Hello>(&*first);
    Handlers announced;
    takesBatches_ = hello != nullptr && hello->protocol >= kBatchProtocolVersion && batches_.isOpen();
    announced.protocol = takesBatches_ ? kProtocolVersion : 1;
    for (const handlers::HandlerEntry& entry : handlers_) {
      HandlerDeclaration declaration;
      declaration.taskHandlerClass = entry.taskHandlerClass;
      declaration.dataSchema = entry.dataSchema;
      declaration.settings = entry.settings;
      announced.handlers.push_back(std::move(declaration));
    }
    control_.send(reportLine(announced));
    return true;
  }

  // Does the runs one after another until one of them must be read on its own, or the runner has taken the
  // rest back.
  void doRuns(BatchOrder runs) {
    Clocks before;
    for (std::size_t done = 0; done < runs.size(); ++done) {
      Outcome outcome = doRun(std::move(runs[done]));
      std::cout.flush();
      std::fflush(nullptr);  // the runner must have all output before the outcome
      const Clocks after;
      addUse(outcome, before, after);
      if (takesBatches_)
        outcome.took = std::chrono::duration_cast<std::chrono::microseconds>(after.time - before.time);
      before = after;
      outcome.next =
          done + 1 < runs.size() && !hasUnreadOutput() && batches_.begin(static_cast<int>(done) + 2);
      control_.send(reportLine(outcome));
      if (!outcome.next) return;
    }
  }

 private:
  Outcome doRun(RunOrder order) {
    const std::string runToken = order.runToken;
    const auto entry =
        std::find_if(handlers_.begin(), handlers_.end(), [&](const handlers::HandlerEntry& candidate) {
          return candidate.taskHandlerClass == order.taskHandlerClass;
        });
    Outcome outcome;
    if (entry == handlers_.end()) {
      outcome = failure(Outcome::Kind::GiveUp, "unknown_handler", "No such handler here.");
    } else {
      HostedRun run(std::move(order), control_);
      outcome = outcomeOf(*entry->handler, run);
      run.sendProgress();
      addResults(outcome, run.results());
    }
    outcome.runToken = runToken;
    return outcome;
  }

  const std::vector<handlers::HandlerEntry>& handlers_;
  Control& control_;
  BatchView batches_;
  bool takesBatches_ = false;
};

}  // namespace

int refuseToServe(const std::string& problem) {
  Control().send(reportLine(Refusal{problem}));
  return EX_CONFIG;
}

int workerMain(const std::vector<handlers::HandlerEntry>& handlers) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // the runner sees each line at once
  Control control;
  Host host(handlers, control);
  if (!host.announce()) return 0;
  while (auto order = control.next()) {
    if (auto* run = std::get_if<RunOrder>(&*order)) {
      BatchOrder one;
      one.push_back(std::move(*run));
      host.doRuns(std::move(one));
    } else if (auto* batch = std::get_if<BatchOrder>(&*order)) {
      host.doRuns(std::move(*batch));
    }
  }
  return 0;
}

}  // namespace taskqueue::runner
