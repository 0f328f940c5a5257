// Decisions of the runner that need no process and no database.
#include <gtest/gtest.h>

#include <algorithm>

#include "runner/active_run.h"
#include "runner/captured_stream.h"
#include "runner/protocol.h"
#include "runner/run_log_line.h"
#include "runner/text_cleaner.h"

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;

const SteadyTime kStart{1h};

ClaimedRun claimed() {
  ClaimedRun run;
  run.owned = {7, 3, "token"};
  run.task.id = 3;
  run.task.taskHandlerClass = "Echo";
  run.task.taskData = "{\n\"a\": 1}";
  return run;
}

ActiveRun runInHand() {
  return {claimed(), {.output = {}, .timeLimit = 10s, .killGrace = 2s}, kStart};
}

TEST(TextCleaner, WhatIsNotUtf8IsReplacedAndNulIsDropped) {
  TextCleaner cleaner;
  EXPECT_EQ(cleaner.clean(std::string_view("a\0b\xFF"
                                           "c\x01\n",
                                           7)),
            "ab\xEF\xBF\xBD"
            "c\xEF\xBF\xBD\n");
}

TEST(TextCleaner, ACharacterSplitBetweenTwoPiecesIsKept) {
  TextCleaner cleaner;
  EXPECT_EQ(cleaner.clean("\xE2\x82"), "");
  EXPECT_EQ(cleaner.clean("\xAC!"), "\xE2\x82\xAC!");
}

TEST(TextCleaner, ACharacterThatBreaksOffIsReplaced) {
  TextCleaner cleaner;
  EXPECT_EQ(cleaner.clean("\xE2\x82"), "");
  EXPECT_EQ(cleaner.finish(), "\xEF\xBF\xBD");
  EXPECT_EQ(cleaner.clean("\xC3x\xED\xA0\x80"), "\xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(CapturedStream, ShortTextIsKeptWhole) {
  CapturedStream stream({.headBytes = 8, .tailBytes = 8});
  stream.append("0123456789");
  const CapturedText text = stream.finish();
  EXPECT_EQ(text.kept, "0123456789");
  EXPECT_EQ(text.totalBytes, 10);
  EXPECT_EQ(text.droppedBytes, 0);
}

TEST(CapturedStream, TheMiddleOfLongTextIsDroppedAndCounted) {
  CapturedStream stream({.headBytes = 4, .tailBytes = 4});
  for (int i = 0; i < 1000; ++i) stream.append("abcdefghij");
  const CapturedText text = stream.finish();
  EXPECT_EQ(text.totalBytes, 10000);
  EXPECT_EQ(text.droppedBytes, 9992);
  EXPECT_EQ(text.kept, "abcd" + droppedLine(9992) + "ghij");
}

TEST(CapturedStream, NewsAreToldOnceAndInOrder) {
  CapturedStream stream({.headBytes = 1000, .tailBytes = 1000});
  stream.append("one");
  EXPECT_EQ(stream.takeUpdate()->content, "one");
  EXPECT_FALSE(stream.takeUpdate());
  stream.append("two");
  const auto update = stream.takeUpdate();
  EXPECT_EQ(update->position, 3);
  EXPECT_EQ(update->content, "two");
}

TEST(Protocol, ARunIsOneLineWhateverItsDataLooksLike) {
  const std::string line = runLine(claimed());
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto order = readOrder(line);
  ASSERT_TRUE(order);
  const auto& run = std::get<RunOrder>(*order);
  EXPECT_EQ(run.runId, 7);
  EXPECT_EQ(run.taskData, R"({"a":1})");
}

TEST(Protocol, AnOutcomeSurvivesTheWay) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::RetryAfter;
  outcome.errorCode = "busy";
  outcome.errorMessage = "later\nplease";
  outcome.seconds = 30;
  outcome.results = "{\"n\":\n1}";
  const std::string line = reportLine(outcome);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto read = std::get<Outcome>(std::get<Report>(readReport(line)));
  EXPECT_EQ(read.kind, Outcome::Kind::RetryAfter);
  EXPECT_EQ(read.errorMessage, "later\nplease");
  EXPECT_EQ(read.seconds, 30);
  EXPECT_EQ(read.results, "{\"n\":1}");
}

TEST(Protocol, ALineThatIsNoReportIsNamed) {
  EXPECT_TRUE(std::holds_alternative<std::string>(readReport("hello")));
  EXPECT_TRUE(std::holds_alternative<std::string>(readReport("[]")));
  EXPECT_TRUE(std::holds_alternative<std::string>(readReport(R"({"type":"party"})")));
}

TEST(CapturedStream, EveryPieceOfLiveOutputIsWholeCharacters) {
  for (const std::string character : {"é", "€", "\xF0\x9F\x98\x80"}) {
    for (std::size_t shift = 0; shift < 4; ++shift) {
      std::string text(shift, 'x');
      while (text.size() < 3 << 20) text += character;
      CapturedStream stream({.headBytes = 1 << 20, .tailBytes = 4 << 20});
      stream.append(text);
      std::string seen;
      for (auto update = stream.takeUpdate(); update; update = stream.takeUpdate()) {
        ASSERT_FALSE(update->content.empty());
        EXPECT_NE(static_cast<unsigned char>(update->content.front()) & 0xC0, 0x80);
        EXPECT_EQ(update->position, static_cast<std::int64_t>(seen.size()));
        seen += update->content;
      }
      EXPECT_TRUE(seen == text);
    }
  }
}

TEST(ActiveRun, AProcessThatEndsWellIsASuccess) {
  auto run = runInHand();
  const ResourceUse use{.exitStatus = 0};
  const auto end = std::get<RunEnd>(run.finish(&use, 0, kStart + 1s));
  EXPECT_EQ(end.status, RunStatus::Success);
  EXPECT_EQ(end.percentsCompleted, 100);
  EXPECT_EQ(end.runMs, 1000);
}

TEST(ActiveRun, ExitStatusAndSignalBecomeErrors) {
  auto run = runInHand();
  const ResourceUse status{.exitStatus = 3};
  EXPECT_EQ(std::get<RunEnd>(run.finish(&status, 0, kStart)).errorCode, "exit_status");
  auto other = runInHand();
  const ResourceUse signal{.exitSignal = 11};
  const auto end = std::get<RunEnd>(other.finish(&signal, 0, kStart));
  EXPECT_EQ(end.errorCode, "signal");
  EXPECT_NE(end.errorMessage.find("SIGSEGV"), std::string::npos);
}

TEST(RunLogLine, TellsHowEachRunEnded) {
  ClaimedRun run;
  run.owned = {7, 3, "token"};
  run.attempt = 2;
  run.task.taskHandlerClass = "Import";
  RunEnd end;
  end.status = RunStatus::Error;
  end.errorCode = "no_file";
  ::testing::internal::CaptureStderr();
  {
    platform::LogBatch batch;
    for (int i = 0; i < 400; ++i) logRun(batch, run, end, 1500ms);
    batch.write();
    logRun(batch, run, RunRelease{run.owned, 0}, 2ms);
  }
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find(R"("level":"info")"), std::string::npos) << log;
  EXPECT_NE(log.find(R"("message":"run ended","TaskHandlerClass":"Import","outcome":"error",)"
                     R"("ErrorCode":"no_file","ms":1500,"TaskRunId":7,"TaskQueueId":3,"Attempt":2)"),
            std::string::npos)
      << log;
  EXPECT_NE(log.find(R"("outcome":"released")"), std::string::npos) << log;
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 401) << "each run counts";
}

TEST(ActiveRun, ALostRunWritesNothing) {
  auto run = runInHand();
  run.requestStop(StopReason::Cancelled, kStart);
  run.requestStop(StopReason::Lost, kStart);
  run.requestStop(StopReason::LeaseLost, kStart);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(run.finish(nullptr, 0, kStart)));
}

TEST(ActiveRun, AStopForShutdownGivesTheRunBack) {
  auto run = runInHand();
  run.requestStop(StopReason::Shutdown, kStart);
  EXPECT_TRUE(std::holds_alternative<RunRelease>(run.finish(nullptr, 0, kStart)));
}

TEST(ActiveRun, AResultThatWasReachedBeforeTheStopCounts) {
  auto run = runInHand();
  run.requestStop(StopReason::Cancelled, kStart);
  run.setOutcome({});
  EXPECT_EQ(std::get<RunEnd>(run.finish(nullptr, 0, kStart)).status, RunStatus::Success);
}

TEST(ActiveRun, TimeLimitThenGraceThenKill) {
  auto run = runInHand();
  EXPECT_FALSE(run.isOverTime(kStart + 9s));
  EXPECT_TRUE(run.isOverTime(kStart + 10s));
  EXPECT_TRUE(run.requestStop(StopReason::TimeLimit, kStart + 10s));
  EXPECT_FALSE(run.isOverGrace(kStart + 11s));
  EXPECT_TRUE(run.isOverGrace(kStart + 12s));
  EXPECT_EQ(std::get<RunEnd>(run.finish(nullptr, 0, kStart + 12s)).errorCode, "time_limit");
}

TEST(ActiveRun, ProgressNeverFalls) {
  auto run = runInHand();
  run.setProgress({50, "half"});
  run.setProgress({20, "back"});
  const auto progress = run.takeProgress();
  EXPECT_EQ(progress->percentsCompleted, 50);
  EXPECT_FALSE(run.takeProgress());
}

TEST(ActiveRun, AProgressWithoutANoteKeepsTheLastOne) {
  auto run = runInHand();
  run.setProgress({50, "half"});
  run.setProgress(
      std::get<Progress>(std::get<Report>(readReport(R"({"type":"progress","PercentsCompleted":60})"))));
  EXPECT_EQ(run.takeProgress()->progressNote, "half");
}

}  // namespace
}  // namespace taskqueue::runner
