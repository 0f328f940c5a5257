#include "module/queue/status.h"

#include <gtest/gtest.h>

namespace taskqueue {
namespace {

constexpr RunStatus kRunStatuses[] = {RunStatus::Scheduled, RunStatus::Running, RunStatus::Success,
                                      RunStatus::Error,     RunStatus::Timeout, RunStatus::Cancelled};

TEST(StatusWords, AreThoseOfTheDesignDocument) {
  EXPECT_EQ(wordOf(RunStatus::Scheduled), "scheduled");
  EXPECT_EQ(wordOf(RunStatus::Running), "running");
  EXPECT_EQ(wordOf(RunStatus::Success), "success");
  EXPECT_EQ(wordOf(RunStatus::Error), "error");
  EXPECT_EQ(wordOf(RunStatus::Timeout), "timeout");
  EXPECT_EQ(wordOf(RunStatus::Cancelled), "cancelled");
  EXPECT_EQ(wordOf(RunnerStatus::Running), "running");
  EXPECT_EQ(wordOf(RunnerStatus::Success), "success");
  EXPECT_EQ(wordOf(RunnerStatus::Timeout), "timeout");
}

TEST(StatusWords, LeadBackToTheirStatus) {
  for (const RunStatus status : kRunStatuses) EXPECT_EQ(runStatusOf(wordOf(status)), status);
  for (const RunnerStatus status : {RunnerStatus::Running, RunnerStatus::Success, RunnerStatus::Timeout}) {
    EXPECT_EQ(runnerStatusOf(wordOf(status)), status);
  }
}

TEST(StatusWords, OthersAreNotGuessed) {
  for (const char* word : {"", "Running", "running ", "failed", "scheduled\n"})
    EXPECT_FALSE(runStatusOf(word)) << word;
  EXPECT_FALSE(runnerStatusOf("scheduled"));
  EXPECT_FALSE(runnerStatusOf("cancelled"));
}

TEST(StatusWords, OnlyErrorAndTimeoutAreFailures) {
  for (const RunStatus status : kRunStatuses) {
    EXPECT_EQ(isFailure(status), status == RunStatus::Error || status == RunStatus::Timeout);
  }
}

TEST(StatusWords, OnlyScheduledAndRunningAreOpen) {
  for (const RunStatus status : kRunStatuses) {
    EXPECT_EQ(isOpen(status), status == RunStatus::Scheduled || status == RunStatus::Running);
  }
}

}  // namespace
}  // namespace taskqueue
