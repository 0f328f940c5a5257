// A runner's record of the runs that it had begun.
#include "module/platform/started_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace taskqueue::platform {
namespace {

namespace fs = std::filesystem;
using ::testing::Optional;
using ::testing::UnorderedElementsAre;

constexpr int kRunner = 7;

class StartedRunsTest : public ::testing::Test {
 protected:
  StartedRunsTest() {
    std::string name = fs::temp_directory_path() / "started-runs-XXXXXX";
    configuration_.runner.runDirectory = ::mkdtemp(name.data());
    configuration_.database.name = "cms";
  }
  ~StartedRunsTest() override { fs::remove_all(configuration_.runner.runDirectory); }

  std::optional<std::set<std::string>> read() { return StartedRuns::read(configuration_, kRunner); }

  Configuration configuration_;
};

TEST_F(StartedRunsTest, WhatWasBegunIsRead) {
  StartedRuns started(configuration_, kRunner);
  EXPECT_THAT(read(), Optional(UnorderedElementsAre()));
  started.add("a");
  started.add(std::string(32, 'b'));
  started.add("c");
  EXPECT_THAT(read(), Optional(UnorderedElementsAre("a", std::string(32, 'b'), "c")));
}

TEST_F(StartedRunsTest, TheRecordOfARunThatEndedIsUsedAgain) {
  StartedRuns started(configuration_, kRunner);
  for (int run = 0; run < 1000; ++run) {
    started.add("long " + std::to_string(run));
    started.add("short " + std::to_string(run));
    started.remove("short " + std::to_string(run));
    started.remove("long " + std::to_string(run));
  }
  started.remove("never added");
  started.add("now");
  EXPECT_LE(read()->size(), 2U);
  EXPECT_TRUE(read()->contains("now"));
}

TEST_F(StartedRunsTest, WithoutAFileNothingIsKnown) {
  EXPECT_EQ(read(), std::nullopt);
  StartedRuns started(configuration_, kRunner);
  started.removeFile();
  started.add("a");
  EXPECT_EQ(read(), std::nullopt);
  configuration_.runner.runDirectory = configuration_.runner.runDirectory + "/missing";
  StartedRuns elsewhere(configuration_, kRunner);
  elsewhere.add("a");
  EXPECT_EQ(read(), std::nullopt);
  configuration_.runner.runDirectory = fs::path(configuration_.runner.runDirectory).parent_path();
}

TEST_F(StartedRunsTest, AFileOfAnotherBootSaysNothing) {
  StartedRuns started(configuration_, kRunner);
  started.add("a");
  const fs::path path = fs::directory_iterator(configuration_.runner.runDirectory)->path();
  std::fstream file(path, std::ios::in | std::ios::out);
  file.seekp(10);
  file << "?";
  file.close();
  EXPECT_EQ(read(), std::nullopt);
}

}  // namespace
}  // namespace taskqueue::platform
