// A worker process of C++ handlers, driven as a runner does: how runs end.
#include "runner/worker_main.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>

#include "runner/nested_exceptions.h"
#include "runner/protocol.h"

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;
using handlers::TaskRun;

using Work = std::function<void(TaskRun&)>;

class Does : public handlers::ITaskHandler {
 public:
  explicit Does(Work work) : work_(std::move(work)) {}
  void handleTaskRun(TaskRun& run) override { work_(run); }

 private:
  Work work_;
};

// A worker process with one handler, and the runner's end of its control socket.
class HostedWorker {
 public:
  explicit HostedWorker(Work work) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    std::fflush(nullptr);  // otherwise both processes would write the buffered output
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[0]);
      ::dup2(ends[1], kControlDescriptor);
      std::vector<handlers::HandlerEntry> list(1);
      list[0].taskHandlerClass = "Does";
      list[0].handler = std::make_unique<Does>(std::move(work));
      ::_exit(workerMain(list));
    }
    ::close(ends[1]);
    socket_ = ends[0];
    receive();  // the announcement
  }
  ~HostedWorker() {
    ::close(socket_);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  HostedWorker(const HostedWorker&) = delete;
  HostedWorker& operator=(const HostedWorker&) = delete;

  void say(const std::string& line) const {
    EXPECT_EQ(::write(socket_, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  }
  // Returns the next report; the test fails when the worker has ended.
  Report receive() {
    while (received_.find('\n') == std::string::npos) {
      std::array<char, 4096> buffer{};
      const ssize_t size = ::read(socket_, buffer.data(), buffer.size());
      if (size <= 0) {
        ADD_FAILURE() << "the worker has ended";
        return Outcome{};
      }
      received_.append(buffer.data(), static_cast<std::size_t>(size));
    }
    const auto end = received_.find('\n');
    auto report = readReport(received_.substr(0, end));
    received_.erase(0, end + 1);
    if (const auto* problem = std::get_if<std::string>(&report)) {
      ADD_FAILURE() << *problem;
      return Outcome{};
    }
    return std::get<Report>(std::move(report));
  }
  Outcome end() {
    for (;;) {
      Report report = receive();
      if (auto* outcome = std::get_if<Outcome>(&report)) return std::move(*outcome);
    }
  }

 private:
  pid_t pid_ = 0;
  int socket_ = -1;
  std::string received_;
};

std::string order() {
  ClaimedRun run;
  run.owned = {7, 3, "token"};
  run.task.taskHandlerClass = "Does";
  run.task.taskData = "{}";
  return runLine(run);
}

Outcome endOf(Work work) {
  HostedWorker worker(std::move(work));
  worker.say(order());
  return worker.end();
}

Outcome endOfStopped(Work work, handlers::StopReason reason) {
  HostedWorker worker([work = std::move(work)](TaskRun& run) {
    run.setProgress(30, "works");
    work(run);
  });
  worker.say(order());
  EXPECT_TRUE(std::holds_alternative<Progress>(worker.receive()));
  worker.say(cancelLine(reason));
  return worker.end();
}

void awaitStop(TaskRun& run) {
  while (!run.isCancelled()) std::this_thread::sleep_for(1ms);
}

const std::vector<std::pair<handlers::StopReason, std::string>> kReasons{
    {handlers::StopReason::Cancelled, "cancelled"},
    {handlers::StopReason::Shutdown, "shutdown"},
    {handlers::StopReason::TimeLimit, "time_limit"}};

TEST(WorkerMainLaws, ReturningAfterTheQuestionIsTheStopAndTheReasonsAreToldApart) {
  for (const auto& [reason, code] : kReasons) {
    const Outcome end = endOfStopped(
        [](TaskRun& run) {
          awaitStop(run);
          run.setResults("{\"rows\":3}");
        },
        reason);
    EXPECT_EQ(end.kind, Outcome::Kind::Error);
    EXPECT_EQ(end.errorCode, code);
    EXPECT_EQ(end.results, "{\"rows\":3}");
  }
}

TEST(WorkerMainLaws, StopIfAskedThrowsWithTheHandlersWords) {
  for (const auto& [reason, code] : kReasons) {
    const Outcome end = endOfStopped(
        [](TaskRun& run) {
          for (;; std::this_thread::sleep_for(1ms)) run.stopIfAsked("row 3");
        },
        reason);
    EXPECT_EQ(end.errorCode, code);
    EXPECT_EQ(end.errorMessage, "row 3");
  }
}

TEST(WorkerMainLaws, AValueToMaskIsSaidAtOnceAndAnEmptyOneNotAtAll) {
  HostedWorker worker([](TaskRun& run) {
    run.mask("");
    run.mask("hunter2");
  });
  worker.say(order());
  const Report report = worker.receive();
  const auto* mask = std::get_if<Mask>(&report);
  ASSERT_TRUE(mask);
  EXPECT_EQ(mask->value, "hunter2");
  EXPECT_EQ(mask->runToken, "token");
  EXPECT_EQ(worker.end().kind, Outcome::Kind::Result);
}

TEST(WorkerMainLaws, AHandlerThatSaysSoHasFinishedAllTheSame) {
  const Outcome end = endOfStopped(
      [](TaskRun& run) {
        awaitStop(run);
        run.finished();
      },
      handlers::StopReason::Shutdown);
  EXPECT_EQ(end.kind, Outcome::Kind::Result);
}

TEST(WorkerMainLaws, AHandlerThatNeverAsksHasFinished) {
  const Outcome end =
      endOfStopped([](TaskRun&) { std::this_thread::sleep_for(20ms); }, handlers::StopReason::Cancelled);
  EXPECT_EQ(end.kind, Outcome::Kind::Result);
}

TEST(WorkerMainLaws, AnErrorIsToldWholeAlsoBehindANul) {
  const Outcome end = endOf([](TaskRun&) { throw handlers::GiveUp("no", std::string("before\0after", 12)); });
  EXPECT_EQ(end.kind, Outcome::Kind::GiveUp);
  EXPECT_EQ(end.errorMessage,
            "before\xEF\xBF\xBD"
            "after");
}

TEST(WorkerMainLaws, AWaitIsNeverShorterThanAsked) {
  EXPECT_EQ(endOf([](TaskRun&) { throw handlers::Snooze(1ms); }).seconds, 1);
  EXPECT_EQ(endOf([](TaskRun&) { throw handlers::Snooze(2s); }).seconds, 2);
  EXPECT_EQ(endOf([](TaskRun&) { throw handlers::RetryAfter("busy", "later", 1500ms); }).seconds, 2);
  EXPECT_EQ(
      endOf([](TaskRun&) { throw handlers::RetryAfter("busy", "later", std::chrono::hours(1)); }).seconds,
      3600);
}

TEST(WorkerMainLaws, AWaitThatCannotBeIsAnErrorThatSaysSo) {
  for (const auto delay : {std::chrono::seconds(-1), std::chrono::seconds(31622401)}) {
    const Outcome end = endOf([delay](TaskRun&) { throw handlers::RetryAfter("busy", "later", delay); });
    EXPECT_EQ(end.kind, Outcome::Kind::Error);
    EXPECT_NE(end.errorMessage.find("from 0 to 31622400"), std::string::npos) << end.errorMessage;
  }
}

TEST(WorkerMainLaws, ResultsThatAreNoJsonOrTooMuchAreAnErrorOfTheRun) {
  for (const std::string& results :
       {std::string("done"), std::string("[1"), "\"" + std::string(1 << 20, 'x') + "\""}) {
    const Outcome end = endOf([results](TaskRun& run) { run.setResults(results); });
    EXPECT_EQ(end.kind, Outcome::Kind::Error);
    EXPECT_EQ(end.errorCode, "results");
  }
  EXPECT_EQ(endOf([](TaskRun& run) { run.setResults("[1]"); }).results, "[1]");
}

TEST(WorkerMainLaws, WhatIsThrownAndIsNoExceptionIsAnError) {
  const Outcome end = endOf([](TaskRun&) { throw 42; });
  EXPECT_EQ(end.errorCode, "exception");
  EXPECT_NE(end.errorMessage.find("no std::exception"), std::string::npos);
}

// Throws an exception with `depth` nested ones.
void throwNested(int depth) {
  if (depth == 0) throw std::out_of_range("number 0");
  try {
    throwNested(depth - 1);
  } catch (...) {
    std::throw_with_nested(std::runtime_error("number " + std::to_string(depth)));
  }
}

std::string toldOf(int depth) {
  try {
    throwNested(depth);
  } catch (const std::exception& error) {
    return nestedExceptions(error);
  }
  return "nothing was thrown";
}

TEST(NestedExceptions, AllAreToldFromTheOutermostOn) {
  EXPECT_EQ(toldOf(0), "");
  const std::string told = toldOf(2);
  const auto outer = told.find("number 2\ncaused by ");
  const auto inner = told.find("caused by std::out_of_range: number 0\n");
  EXPECT_NE(outer, std::string::npos) << told;
  EXPECT_NE(inner, std::string::npos) << told;
  EXPECT_LT(outer, inner);
}

TEST(NestedExceptions, OfManyTheMiddleIsLeftOutAndThatIsSaid) {
  const std::string told = toldOf(99);
  for (const char* part :
       {"number 99\n", "number 80\n", "… 60 exceptions are left out …", "number 19\n", "number 0\n"})
    EXPECT_NE(told.find(part), std::string::npos) << part << "\n" << told;
  EXPECT_EQ(told.find("number 50\n"), std::string::npos);
}

}  // namespace
}  // namespace taskqueue::runner
