#include "module/queue/status.h"

#include <gtest/gtest.h>

namespace taskqueue {
namespace {

constexpr RunStatus kRunStatuses[] = {RunStatus::Scheduled, RunStatus::Running, RunStatus::Success,
                                      RunStatus::Error,     RunStatus::Timeout, RunStatus::Cancelled};

TEST(StatusWords, AreThoseOfTheDesignDocument) {
  EXPECT_EQ(toString(RunStatus::Scheduled), "scheduled");
  EXPECT_EQ(toString(RunStatus::Running), "running");
  EXPECT_EQ(toString(RunStatus::Success), "success");
  EXPECT_EQ(toString(RunStatus::Error), "error");
  EXPECT_EQ(toString(RunStatus::Timeout), "timeout");
  EXPECT_EQ(toString(RunStatus::Cancelled), "cancelled");
  EXPECT_EQ(toString(RunnerStatus::Running), "running");
  EXPECT_EQ(toString(RunnerStatus::Success), "success");
  EXPECT_EQ(toString(RunnerStatus::Timeout), "timeout");
}

TEST(StatusWords, LeadBackToTheirStatus) {
  for (const RunStatus status : kRunStatuses) EXPECT_EQ(parseRunStatus(toString(status)), status);
  for (const RunnerStatus status : {RunnerStatus::Running, RunnerStatus::Success, RunnerStatus::Timeout}) {
    EXPECT_EQ(parseRunnerStatus(toString(status)), status);
  }
}

TEST(StatusWords, OthersAreNotGuessed) {
  for (const char* word : {"", "Running", "running ", "failed", "scheduled\n"})
    EXPECT_FALSE(parseRunStatus(word)) << word;
  EXPECT_FALSE(parseRunnerStatus("scheduled"));
  EXPECT_FALSE(parseRunnerStatus("cancelled"));
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
