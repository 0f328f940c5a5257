// Which runs of a batch have begun, as the runner, its worker and a rescuer see it.
#include "module/platform/batch_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "module/platform/started_runs.h"
#include "runner/batch_policy.h"
#include "runner/batch_view.h"

namespace taskqueue::platform {
namespace {

namespace fs = std::filesystem;
using runner::BatchView;
using ::testing::Optional;
using ::testing::UnorderedElementsAre;

constexpr int kRunner = 7;
constexpr const char* kName = "0123abcd";

class BatchRecordTest : public ::testing::Test {
 protected:
  BatchRecordTest() {
    std::string name = fs::temp_directory_path() / "batch-record-XXXXXX";
    configuration_.runner.runDirectory = ::mkdtemp(name.data());
    configuration_.database.name = "cms";
  }
  ~BatchRecordTest() override { fs::remove_all(configuration_.runner.runDirectory); }

  std::optional<std::set<std::string>> readStarted() { return StartedRuns::read(configuration_, kRunner); }
  std::ptrdiff_t countFiles() const {
    return std::distance(fs::directory_iterator(configuration_.runner.runDirectory),
                         fs::directory_iterator());
  }

  Configuration configuration_;
  const std::vector<std::string> tokens_{std::string(32, 'a'), std::string(32, 'b'), std::string(32, 'c')};
};

TEST_F(BatchRecordTest, ARescuerCountsAsStartedOnlyWhatHasBegun) {
  StartedRuns started(configuration_, kRunner, kName);
  BatchRecord record(configuration_, kName, 1);
  BatchView view(record.descriptor());
  ASSERT_TRUE(view.isOpen());
  EXPECT_THAT(readStarted(), Optional(UnorderedElementsAre()));
  started.expect(tokens_);
  ASSERT_TRUE(record.handOver(tokens_));
  EXPECT_THAT(readStarted(), Optional(UnorderedElementsAre(tokens_[0])));
  EXPECT_TRUE(view.begin(2));
  EXPECT_THAT(readStarted(), Optional(UnorderedElementsAre(tokens_[0], tokens_[1])));
}

// The next batch takes the place of the last one, whose ends may not be in the table yet.
TEST_F(BatchRecordTest, ARunThatHasEndedStaysStartedUntilItsEndIsWritten) {
  StartedRuns started(configuration_, kRunner, kName);
  BatchRecord record(configuration_, kName, 1);
  started.expect(tokens_);
  ASSERT_TRUE(record.handOver(tokens_));
  started.remove(tokens_[1]);  // its end was written
  started.keep(tokens_);
  ASSERT_TRUE(record.handOver(std::vector<std::string>{"other"}));
  EXPECT_THAT(readStarted(), Optional(UnorderedElementsAre(tokens_[0], tokens_[2], "other")));
  started.remove(tokens_[0]);
  started.remove(tokens_[2]);
  started.expect(std::vector<std::string>{"x", "y"});
  started.keep(std::vector<std::string>{"x", "y"});
  EXPECT_THAT(readStarted(), Optional(UnorderedElementsAre("x", "y", "other")))
      << "the places are used again";
}

TEST_F(BatchRecordTest, WhatTheRunnerTookBackDoesNotBegin) {
  BatchRecord record(configuration_, kName, 1);
  BatchView view(record.descriptor());
  ASSERT_TRUE(record.handOver(tokens_));
  ASSERT_TRUE(view.begin(2));
  EXPECT_EQ(record.holdBack(), 2);
  EXPECT_FALSE(view.begin(3));
  EXPECT_EQ(record.holdBack(), 2) << "it is noted as not begun again";
  ASSERT_TRUE(record.handOver(tokens_));
  EXPECT_TRUE(view.begin(2)) << "another batch";
}

// Both look at what the other one wrote after they have written themselves.
TEST_F(BatchRecordTest, NoRunIsBothBegunAndTakenBack) {
  BatchRecord record(configuration_, kName, 1);
  BatchView view(record.descriptor());
  const std::vector<std::string> many(64, std::string(32, 'x'));
  for (int round = 0; round < 300; ++round) {
    ASSERT_TRUE(record.handOver(many));
    std::atomic<int> begun{1};
    std::thread worker([&] {
      while (begun < 64 && view.begin(begun + 1)) ++begun;
    });
    std::this_thread::sleep_for(std::chrono::microseconds(round));
    const int kept = record.holdBack();
    worker.join();
    ASSERT_LE(begun, kept) << "a run that was taken back has begun";
  }
}

TEST_F(BatchRecordTest, NoFileIsLeft) {
  {
    StartedRuns started(configuration_, kRunner, kName);
    BatchRecord record(configuration_, kName, 1);
    EXPECT_EQ(countFiles(), 2);
    StartedRuns::removeFile(configuration_, kRunner);  // as a rescuer does
    EXPECT_EQ(countFiles(), 0);
  }
  { BatchRecord record(configuration_, kName, 1); }
  EXPECT_EQ(countFiles(), 0);
}

TEST_F(BatchRecordTest, WithoutARunDirectoryThereAreNoBatches) {
  configuration_.runner.runDirectory.clear();
  BatchRecord record(configuration_, kName, 1);
  EXPECT_EQ(record.descriptor(), -1);
  EXPECT_FALSE(record.handOver(tokens_));
}

TEST(BatchPolicy, BatchesGrowWithShortSilentRunsAndEndWithAnyOther) {
  using namespace std::chrono_literals;
  runner::BatchPolicy policy;
  EXPECT_FALSE(policy.mayHave("A", 2)) << "nothing is known";
  for (int i = 0; i < 3; ++i) policy.ended("A", 100us, true);
  EXPECT_TRUE(policy.mayHave("A", 4));
  EXPECT_FALSE(policy.mayHave("A", 5));
  for (int i = 0; i < 1000; ++i) policy.ended("A", 100us, true);
  EXPECT_TRUE(policy.mayHave("A", runner::BatchPolicy::kMaxRuns));
  EXPECT_FALSE(policy.mayHave("A", runner::BatchPolicy::kMaxRuns + 1));
  policy.ended("A", 100us, false);
  EXPECT_FALSE(policy.mayHave("A", 2)) << "it wrote something";
  for (int i = 0; i < 100; ++i) policy.ended("A", 100us, true);
  policy.ended("A", runner::BatchPolicy::kWork, true);
  EXPECT_FALSE(policy.mayHave("A", 2)) << "it was long";
  EXPECT_FALSE(policy.mayHave("B", 2)) << "each handler for itself";
}

}  // namespace
}  // namespace taskqueue::platform
