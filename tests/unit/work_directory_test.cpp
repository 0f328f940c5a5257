// The directories of commands: made, removed, and swept without touching anything else.
#include "runner/workers/work_directory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "module/platform/configuration.h"

namespace taskqueue::runner {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGone = "4194304";  // no process has a PID above the kernel's limit

class WorkDirectoryTest : public ::testing::Test {
 protected:
  WorkDirectoryTest() {
    std::string name = fs::temp_directory_path() / "work-directory-XXXXXX";
    base_ = ::mkdtemp(name.data());
  }
  ~WorkDirectoryTest() override { fs::remove_all(base_); }

  bool exists(const std::string& name) { return fs::exists(base_ + "/" + name); }

  std::string base_;
};

TEST_F(WorkDirectoryTest, IsGoneWithItsRun) {
  {
    const WorkDirectory directory(base_ + "/work", "1-1", std::nullopt);
    std::ofstream(directory.path() + "/left-over") << "x";
    EXPECT_EQ(fs::status(directory.path()).permissions(), fs::perms(0700));
  }
  EXPECT_FALSE(exists("work/1-1"));
}

TEST_F(WorkDirectoryTest, TheSweepTakesWhatDeadRunnersLeftAndNothingElse) {
  const std::string mine = std::to_string(::getpid()) + "-1";
  for (const std::string& name :
       {kGone + std::string("-7"), mine, std::string("1-1"), std::string("2024-backup"), std::string(kGone),
        kGone + std::string("-7-old"), std::string("notes")}) {
    fs::create_directory(base_ + "/" + name);
  }
  WorkDirectory::sweep(base_);
  EXPECT_FALSE(exists(kGone + std::string("-7")));
  for (const std::string& name : {mine, std::string("1-1"), std::string("2024-backup"), std::string(kGone),
                                  kGone + std::string("-7-old"), std::string("notes")}) {
    EXPECT_TRUE(exists(name)) << name;
  }
}

TEST_F(WorkDirectoryTest, WithoutARunDirectoryThereIsNoPlaceForThem) {
  EXPECT_EQ(platform::RunnerConfiguration().workBase(), "");
}

}  // namespace
}  // namespace taskqueue::runner
