// Work directories of commands: they are created, removed, and swept without touching anything else.
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

// Root may remove anything, so this test needs an ordinary user.
class AsNobody {
 public:
  AsNobody() {
    if (::geteuid() == 0) changed_ = ::seteuid(kNobody) == 0;
  }
  ~AsNobody() {
    if (changed_ && ::seteuid(0) != 0) std::abort();  // other tests need the original user
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

  static constexpr uid_t kNobody = 65534;

 private:
  bool changed_ = false;
};

TEST_F(WorkDirectoryTest, WhatItsOwnerMadeInaccessibleIsGoneTooAndLinksAreNotFollowed) {
  ASSERT_TRUE(::geteuid() != 0 || ::chown(base_.c_str(), AsNobody::kNobody, 0) == 0);
  const AsNobody user;
  ASSERT_NE(::geteuid(), 0U);
  fs::create_directory(base_ + "/elsewhere");
  fs::permissions(base_ + "/elsewhere", fs::perms(0500));
  {
    const WorkDirectory directory(base_ + "/work", "1-1", std::nullopt);
    fs::create_directories(directory.path() + "/a/b/c");
    std::ofstream(directory.path() + "/a/b/c/file") << "x";
    fs::create_directory_symlink(base_ + "/elsewhere", directory.path() + "/a/link");
    for (const char* closed : {"/a/b/c", "/a/b", "/a", ""}) {
      fs::permissions(directory.path() + closed, fs::perms(0));
    }
  }
  EXPECT_FALSE(exists("work/1-1"));
  EXPECT_EQ(fs::status(base_ + "/elsewhere").permissions(), fs::perms(0500));
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
