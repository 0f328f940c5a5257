// A worker process of C++ handlers, driven as a runner does: how runs end.
#include "runner/worker_main.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <thread>

#include "module/platform/batch_record.h"
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
  // With a record of batches, the worker's output goes to a pipe as a runner makes it.
  explicit HostedWorker(Work work, int record = -1) {
    std::array<int, 2> ends{};
    std::array<int, 2> pipe{-1, -1};
    if (record >= 0) {
      EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK), 0);
    }
    output_ = pipe[0];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    std::fflush(nullptr);  // otherwise both processes would write the buffered output
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[0]);
      if (record >= 0) {
        const std::string end = "/proc/self/fd/" + std::to_string(pipe[1]);
        const int both = ::open(end.c_str(), O_RDWR);
        ::dup2(::fcntl(record, F_DUPFD, 20), kBatchDescriptor);
        ::dup2(both, STDOUT_FILENO);
        ::dup2(both, STDERR_FILENO);
      }
      ::dup2(::fcntl(ends[1], F_DUPFD, 20), kControlDescriptor);
      std::vector<handlers::HandlerEntry> list(1);
      list[0].taskHandlerClass = "Does";
      list[0].handler = std::make_unique<Does>(std::move(work));
      ::_exit(workerMain(list));
    }
    ::close(ends[1]);
    if (pipe[1] >= 0) ::close(pipe[1]);
    socket_ = ends[0];
    say(helloLine());
    const Report announced = receive();
    if (const auto* list = std::get_if<Handlers>(&announced)) protocol_ = list->protocol;
  }
  ~HostedWorker() {
    ::close(socket_);
    if (output_ >= 0) ::close(output_);
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
  int protocol() const { return protocol_; }
  // Returns what is in the pipe.
  std::string output() const {
    std::array<char, 4096> buffer{};
    const ssize_t size = ::read(output_, buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
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
  int output_ = -1;
  int protocol_ = 0;
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
  worker.say(cancelLine(reason, "token"));
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

// The runner's side of a batch of the runs 1 to 4, whose tokens are t1 to t4.
class WorkerMainBatch : public ::testing::Test {
 protected:
  WorkerMainBatch() {
    std::string name = std::filesystem::temp_directory_path() / "worker-main-XXXXXX";
    configuration_.runner.runDirectory = ::mkdtemp(name.data());
    record_ = std::make_unique<platform::BatchRecord>(configuration_, "name", 1);
  }
  ~WorkerMainBatch() override { std::filesystem::remove_all(configuration_.runner.runDirectory); }

  std::string handOver() {
    std::vector<ClaimedRun> runs(4);
    std::vector<const ClaimedRun*> orders;
    std::vector<std::string> tokens;
    for (int id = 1; id <= 4; ++id) {
      ClaimedRun& run = runs[static_cast<std::size_t>(id) - 1];
      run.owned = {id, id, "t" + std::to_string(id)};
      run.task.taskHandlerClass = "Does";
      run.task.taskData = "{}";
      orders.push_back(&run);
      tokens.push_back(run.owned.runToken);
    }
    EXPECT_TRUE(record_->handOver(tokens));
    return batchLine(orders);
  }

  platform::Configuration configuration_;
  std::unique_ptr<platform::BatchRecord> record_;
};

TEST_F(WorkerMainBatch, ItsRunsAreDoneInOrderAndEachEndIsToldBeforeTheNextRun) {
  HostedWorker worker([](TaskRun& run) { run.setResults(std::to_string(run.id())); }, record_->descriptor());
  for (int round = 0; round < 3; ++round) {
    worker.say(handOver());
    for (int id = 1; id <= 4; ++id) {
      const Outcome end = worker.end();
      EXPECT_EQ(end.runToken, "t" + std::to_string(id));
      EXPECT_EQ(end.results, std::to_string(id));
      EXPECT_EQ(end.next, id < 4);
      EXPECT_TRUE(end.took);
    }
  }
}

TEST_F(WorkerMainBatch, BehindARunWithUnreadOutputNoOtherBegins) {
  HostedWorker worker(
      [](TaskRun& run) {
        if (run.id() == 2) std::cout << "of the second";
      },
      record_->descriptor());
  worker.say(handOver());
  EXPECT_TRUE(worker.end().next);
  EXPECT_FALSE(worker.end().next);
  EXPECT_EQ(worker.output(), "of the second");
  worker.say(handOver());
  EXPECT_EQ(worker.end().runToken, "t1") << "the rest was forgotten";
}

TEST_F(WorkerMainBatch, WhatIsTakenBackDoesNotBegin) {
  HostedWorker worker(
      [](TaskRun& run) {
        if (run.id() == 1) awaitStop(run);
      },
      record_->descriptor());
  worker.say(handOver());
  EXPECT_EQ(record_->holdBack(), 1);
  worker.say(cancelLine(handlers::StopReason::Cancelled, "t1"));
  EXPECT_FALSE(worker.end().next);
}

TEST_F(WorkerMainBatch, AStopForAnotherRunIsNotThisOnes) {
  HostedWorker worker(
      [](TaskRun& run) {
        for (int i = 0; i < 20 && run.id() == 1; ++i, std::this_thread::sleep_for(1ms)) run.stopIfAsked();
      },
      record_->descriptor());
  worker.say(cancelLine(handlers::StopReason::Cancelled, "t0"));
  worker.say(handOver());
  worker.say(cancelLine(handlers::StopReason::Cancelled, "t2"));
  EXPECT_EQ(worker.end().kind, Outcome::Kind::Result);
}

TEST(WorkerMainLaws, WithoutARecordTheWorkerSpeaksVersion1) {
  HostedWorker worker([](TaskRun&) {});
  EXPECT_EQ(worker.protocol(), 1);
  worker.say(order());
  EXPECT_FALSE(worker.end().took);
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
