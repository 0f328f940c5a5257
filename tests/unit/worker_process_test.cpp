// Workers as real processes: their leftovers, their effect on the process guard, and their last output.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>

#include "runner/worker_slot.h"
#include "runner/workers/process_launcher.h"
#include "runner/workers/process_tree.h"
#include "tests/support/eventually.h"

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;

constexpr auto kLimit = 10s;

struct Heard : WorkerEvents {
  void onLine(std::string_view line) override { lines.emplace_back(line); }
  void onLastLine(std::string_view line) override { lastLine = line; }
  void onControlClosed() override { controlIsClosed = true; }
  void onOutput(OutputStream, std::string_view bytes) override { output += bytes; }
  void onExit(const ResourceUse& use) override { end = use; }
  void onBrokenProtocol(const std::string& problem) override { broken = problem; }

  std::vector<std::string> lines;
  std::optional<std::string> lastLine;
  bool controlIsClosed = false;
  std::string output;
  std::optional<ResourceUse> end;
  std::string broken;
};

class WorkerProcessTest : public ::testing::Test {
 protected:
  WorkerProcessTest() { becomeSubreaper(); }

  static LaunchOrder shell(const std::string& script) {
    LaunchOrder order;
    order.command = {"/bin/bash", "-c", script};
    return order;
  }

  // Waits until the worker has ended.
  Heard runToEnd(const std::string& script) {
    Heard heard;
    const auto worker = launcher_.launch(shell(script), heard);
    EXPECT_TRUE(eventually([&] { return turnLoop(), heard.end.has_value(); }, kLimit)) << script;
    return heard;
  }

  void turnLoop() {
    loop_.restart();
    loop_.poll();
  }
  static bool lives(int pid) { return ::kill(pid, 0) == 0; }

  boost::asio::io_context loop_;
  ProcessLauncher launcher_{loop_};
};

TEST_F(WorkerProcessTest, WhatHasNoMarkerIsKilledAlsoWhenTheGuardWasKilledFirst) {
  const Heard heard = runToEnd(
      "env -i setsid sleep 779 < /dev/null > /dev/null 2>&1 3>&- &\n"
      "until [ \"$(cat /proc/$!/comm)\" = sleep ]; do :; done\necho $!\nkill -9 $PPID\nsleep 60\n");
  EXPECT_EQ(heard.end->exitSignal, SIGKILL);
  const int left = std::atoi(heard.output.c_str());
  ASSERT_GT(left, 1) << heard.output;
  EXPECT_TRUE(eventually([&] { return turnLoop(), !lives(left); }, 1s));
}

TEST_F(WorkerProcessTest, BlankLinesAreNoMessages) {
  const Heard heard = runToEnd("printf '\\n\\r\\n \\t\\r\\n{\"a\":1}\\r\\n\\r' >&3\n");
  EXPECT_EQ(heard.lines, std::vector<std::string>{"{\"a\":1}\r"});
  EXPECT_FALSE(heard.lastLine);
}

// Output that follows is delivered after the mask.
TEST_F(WorkerProcessTest, AMaskCountsBeforeItsLineFeed) {
  const std::string mask = R"({"type":"mask","Value":"hunter2"})";
  Heard heard;
  const auto worker = launcher_.launch(
      shell("printf '%s' '" + mask + "' >&3; echo hunter2; read -r; printf '\\n{\"type\":\"mask\"' >&3"), heard);
  EXPECT_TRUE(eventually([&] { return turnLoop(), !heard.output.empty(); }, kLimit));
  EXPECT_EQ(heard.lines, std::vector{mask});
  worker->giveInput("\n");
  EXPECT_TRUE(eventually([&] { return turnLoop(), heard.end.has_value(); }, kLimit));
  EXPECT_EQ(heard.lines.size(), 1U);
  EXPECT_EQ(heard.lastLine, R"({"type":"mask")");
}

TEST_F(WorkerProcessTest, AGuardThatItsWorkerStoppedGoesOn) {
  const Heard heard = runToEnd("kill -STOP $PPID\nexit 3\n");
  EXPECT_EQ(heard.end->exitStatus, 3);
}

TEST_F(WorkerProcessTest, ALineWithoutItsEndIsToldWhenTheProcessEndsByItself) {
  const Heard heard = runToEnd("echo '{\"a\":1}' >&3; printf '{\"b\":2}' >&3");
  EXPECT_EQ(heard.lines, std::vector<std::string>{"{\"a\":1}"});
  EXPECT_EQ(heard.lastLine, "{\"b\":2}");
}

TEST_F(WorkerProcessTest, ALineThatASignalCutOffIsNotTold) {
  const Heard heard = runToEnd("printf '{\"b\":' >&3; kill -9 $$");
  EXPECT_EQ(heard.end->exitSignal, SIGKILL);
  EXPECT_FALSE(heard.lastLine);
}

// Descriptors without close-on-exec, as a library or the program that started the runner may leave them.
class InheritableDescriptors {
 public:
  InheritableDescriptors() {
    for (int count = 0; count < kCount; ++count) numbers_.push_back(::dup(STDIN_FILENO));
  }
  ~InheritableDescriptors() {
    for (const int number : numbers_) ::close(number);
  }
  InheritableDescriptors(const InheritableDescriptors&) = delete;
  InheritableDescriptors& operator=(const InheritableDescriptors&) = delete;

 private:
  static constexpr int kCount = 100;  // enough to lie below and above the numbers that a launch itself uses
  std::vector<int> numbers_;
};

TEST_F(WorkerProcessTest, AWorkerHasTheStandardStreamsAndTheControlSocketAndNothingElse) {
  const InheritableDescriptors open;
  // A child process lists the worker's descriptors, because listing needs a descriptor of its own.
  const Heard heard = runToEnd("ls /proc/$$/fd; :");
  EXPECT_EQ(heard.output, "0\n1\n2\n3\n");
}

struct Child {
  Child() : pid(::fork()) {
    if (pid != 0) return;
    ::pause();
    ::_exit(0);
  }
  ~Child() {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  const pid_t pid;
};

TEST(ChildReaperLaws, AChildThatWasThereBeforeIsLeftAlone) {
  const Child child;
  boost::asio::io_context loop;
  ProcessLauncher launcher(loop);
  Heard heard;
  LaunchOrder order;
  order.command = {"/bin/true"};
  const auto worker = launcher.launch(order, heard);
  ASSERT_TRUE(eventually([&] { return loop.poll(), heard.end.has_value(); }, kLimit));
  siginfo_t state{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child.pid), &state, WEXITED | WNOHANG | WNOWAIT), 0);
  EXPECT_EQ(state.si_pid, 0) << "it has ended";
}

// Runs a command in a worker slot to its end. `stop` asks it to stop after its first output.
class CommandInSlot : public WorkerProcessTest {
 protected:
  RunVerdict verdictOf(const std::string& script, std::optional<StopReason> stop = std::nullopt) {
    std::optional<RunVerdict> verdict;
    WorkerSlot::Owner owner;
    owner.onRunOver = [&](WorkerSlot& slot, const ResourceUse* use) {
      progress_ = slot.run()->takeProgress();
      verdict = slot.takeRun()->finish(use, 0, std::chrono::steady_clock::now());
    };
    owner.onWorkerGone = [](WorkerSlot&) {};
    WorkerSlot slot(WorkerSlot::Kind::Command, 0, owner);
    slot.launch(launcher_, shell(script));
    ClaimedRun run;
    run.owned = {7, 3, "token"};
    slot.start(
        std::make_unique<ActiveRun>(run, ActiveRun::Limits{.output = {}, .timeLimit = 60s, .killGrace = 60s},
                                    std::chrono::steady_clock::now()));
    const auto hasWritten = [&] {
      return turnLoop(), slot.run() != nullptr && slot.run()->takeOutput(OutputStream::StandardOutput);
    };
    if (stop) {
      EXPECT_TRUE(eventually(hasWritten, kLimit)) << script;
      slot.requestStop(*stop, std::chrono::steady_clock::now());
    }
    EXPECT_TRUE(eventually([&] { return turnLoop(), verdict.has_value(); }, kLimit)) << script;
    return verdict.value_or(RunVerdict{});
  }
  RunEnd endOf(const std::string& script, std::optional<StopReason> stop = std::nullopt) {
    return std::get<RunEnd>(verdictOf(script, stop));
  }

  std::optional<RunProgress> progress_;  // progress of the last run
};

TEST_F(CommandInSlot, AResultOfACommandCountsWithoutALineFeed) {
  const RunEnd end = endOf("printf '{\"type\":\"result\",\"Results\":{\"n\":7}}' >&3");
  EXPECT_EQ(end.status, RunStatus::Success);
  EXPECT_EQ(end.results, "{\"n\":7}");
}

TEST_F(CommandInSlot, PercentsWithAFractionAreTakenAndOthersEndTheRunByTheirName) {
  const RunEnd end = endOf("echo '{\"type\":\"progress\",\"PercentsCompleted\":12.5}' >&3");
  EXPECT_EQ(end.status, RunStatus::Success);
  ASSERT_TRUE(progress_);
  EXPECT_EQ(progress_->percentsCompleted, 12);
  const RunEnd broken = endOf("echo '{\"type\":\"progress\",\"PercentsCompleted\":120}' >&3; sleep 60");
  EXPECT_EQ(broken.errorCode, "protocol");
  EXPECT_NE(broken.errorMessage.find("PercentsCompleted must be a number from 0 to 100, not 120"),
            std::string::npos)
      << broken.errorMessage;
}

TEST_F(CommandInSlot, AValueThatItMasksIsToldNowhereFromThenOn) {
  const RunEnd end = endOf(
      "echo before hunter2; sleep 0.2; echo '{\"type\":\"mask\",\"Value\":\"hunter2\"}' >&3; echo out "
      "hunter2; "
      "echo err hunter2 >&2; echo '{\"type\":\"progress\",\"PercentsCompleted\":5,\"ProgressNote\":\"note "
      "hunter2\"}' >&3; echo '{\"type\":\"error\",\"ErrorCode\":\"hunter2\",\"ErrorMessage\":\"message "
      "hunter2\","
      "\"Results\":{\"dsn\":\"root:hunter2@db\"}}' >&3");
  EXPECT_EQ(end.standardOutput.kept, "before hunter2\nout ••••••\n");
  EXPECT_EQ(end.errorOutput.kept, "err ••••••\n");
  EXPECT_EQ(end.progressNote, "note ••••••");
  ASSERT_TRUE(progress_);
  EXPECT_EQ(progress_->progressNote, "note ••••••");
  EXPECT_EQ(end.errorCode, "••••••");
  EXPECT_EQ(end.errorMessage, "message ••••••");
  EXPECT_EQ(end.results, "{\"dsn\":\"root:••••••@db\"}");
}

// The runner may read output before a message that was sent earlier.
TEST_F(CommandInSlot, WhatIsWrittenRightBehindItsMaskIsMasked) {
  for (int i = 0; i < 50; ++i) {
    const RunEnd end = endOf("echo '{\"type\":\"mask\",\"Value\":\"hunter2\"}' >&3; echo hunter2");
    ASSERT_EQ(end.standardOutput.kept, "••••••\n");
  }
}

TEST_F(CommandInSlot, AValueThatCannotBeMaskedEndsTheRunAndIsNotQuoted) {
  for (const char* value : {"12345678", "[\"12345678\"]"}) {
    const RunEnd end =
        endOf("echo '{\"type\":\"mask\",\"Value\":" + std::string(value) + "}' >&3; sleep 60; echo 12345678");
    EXPECT_EQ(end.errorCode, "protocol");
    EXPECT_EQ(end.errorMessage, "The worker broke the protocol: Value must be a string.");
  }
  const RunEnd many =
      endOf("for i in {1..101}; do echo '{\"type\":\"mask\",\"Value\":\"value '$i'\"}' >&3; done; sleep 60");
  EXPECT_EQ(many.errorMessage, "The worker broke the protocol: a run masks at most 100 values.");
}

// A script that exits with status 0 on SIGTERM.
const std::string kTidiesUp = "trap 'exit 0' TERM; echo works; while :; do sleep 0.01; done\n";

TEST_F(CommandInSlot, OneThatTidiesUpAtTheSignalAndEndsWellIsNoSuccess) {
  EXPECT_EQ(endOf(kTidiesUp, StopReason::Cancelled).status, RunStatus::Cancelled);
  EXPECT_EQ(endOf(kTidiesUp, StopReason::TimeLimit).errorCode, "time_limit");
  EXPECT_TRUE(std::holds_alternative<RunRelease>(verdictOf(kTidiesUp, StopReason::Shutdown)));
}

TEST_F(CommandInSlot, OneThatSaysItsResultAfterTheSignalIsASuccess) {
  const RunEnd end = endOf(
      "trap 'echo \"{\\\"type\\\":\\\"result\\\"}\" >&3; exit 0' TERM; echo works; while :; do sleep 0.01; "
      "done\n",
      StopReason::Cancelled);
  EXPECT_EQ(end.status, RunStatus::Success);
}

TEST_F(CommandInSlot, OneThatTheSignalEndsBehindItsResultLosesNoTry) {
  const auto verdict = verdictOf(
      "echo '{\"type\":\"result\"}' >&3; echo works; while :; do sleep 0.01; done\n", StopReason::Shutdown);
  EXPECT_TRUE(std::holds_alternative<RunRelease>(verdict));
}

// Leftover processes of a run may write to the worker's descriptor 3 while the worker waits for its next run.
TEST_F(CommandInSlot, JunkOnDescriptor3DoesNotFillTheLog) {
  ::testing::internal::CaptureStderr();
  WorkerSlot::Owner owner;
  owner.onHandlers = [](WorkerSlot&, const Handlers&) {};
  owner.onReady = [](WorkerSlot&) {};
  owner.onRunOver = [](WorkerSlot& slot, const ResourceUse*) { (void)slot.takeRun(); };
  bool isGone = false;
  owner.onWorkerGone = [&](WorkerSlot&) { isGone = true; };
  WorkerSlot slot(WorkerSlot::Kind::Persistent, 1, owner);
  slot.launch(launcher_,
              shell("echo '{\"type\":\"handlers\",\"handlers\":[]}' >&3; read -r hello <&3; read -r run <&3\n"
                    "yes '{\"type\":\"progress\",\"RunToken\":\"other\"}' | head -n 2000 >&3; yes junk | "
                    "head -c 2000000\n"));
  EXPECT_TRUE(eventually([&] { return turnLoop(), slot.isIdle(); }, kLimit));
  ClaimedRun run;
  run.owned = {7, 3, "token"};
  slot.start(std::make_unique<ActiveRun>(run,
                                         ActiveRun::Limits{.output = {}, .timeLimit = 60s, .killGrace = 60s},
                                         std::chrono::steady_clock::now()));
  EXPECT_TRUE(eventually([&] { return turnLoop(), isGone; }, 3 * kLimit));
  EXPECT_LT(::testing::internal::GetCapturedStderr().size(), 20000U);
}

TEST_F(WorkerProcessTest, StandardInputOfAPersistentWorkerAndOfWhatItStartsIsAtItsEnd) {
  bool ready = false;
  WorkerSlot::Owner owner;
  owner.onHandlers = [](WorkerSlot&, const Handlers&) {};
  owner.onReady = [&](WorkerSlot&) { ready = true; };
  WorkerSlot slot(WorkerSlot::Kind::Persistent, 1, owner);
  slot.launch(launcher_,
              shell("cat && bash -c cat && echo '{\"type\":\"handlers\",\"handlers\":[]}' >&3 && sleep 300"));
  EXPECT_TRUE(eventually([&] { return turnLoop(), ready; }, kLimit));
}

}  // namespace
}  // namespace taskqueue::runner
