// Work directories of commands: they are created, removed, and swept without touching anything else.
#include "runner/workers/work_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "module/platform/configuration.h"
#include "runner/workers/worker.h"

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

// A process of another user that fills its directory and swaps parts of it for links to `canary` for ever.
class Attacker {
 public:
  Attacker(const std::string& directory, const std::string& canary) : pid_(::fork()) {
    if (pid_ != 0) return;
    if (::setgid(AsNobody::kNobody) != 0 || ::setuid(AsNobody::kNobody) != 0) ::_exit(1);
    for (unsigned count = 0;; ++count) {
      const std::string mine = directory + "/" + std::to_string(count % kPairs);
      ::mkdir(mine.c_str(), 0700);
      (void)!::symlink(canary.c_str(), (mine + "-link").c_str());
      ::renameat2(AT_FDCWD, mine.c_str(), AT_FDCWD, (mine + "-link").c_str(), RENAME_EXCHANGE);
    }
  }
  ~Attacker() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Attacker(const Attacker&) = delete;
  Attacker& operator=(const Attacker&) = delete;

 private:
  static constexpr unsigned kPairs = 40;
  const pid_t pid_;
};

// Root removes what another user still changes.
TEST_F(WorkDirectoryTest, LinksThatTakeThePlaceOfDirectoriesWhileTheyAreRemovedLeadNowhere) {
  ASSERT_EQ(::geteuid(), 0U) << "this test wants root";
  fs::permissions(base_, fs::perms(0755));
  fs::create_directory(base_ + "/canary");
  fs::permissions(base_ + "/canary", fs::perms(0711));
  fs::create_directory(base_ + "/canary/inner");
  std::ofstream(base_ + "/canary/inner/file") << "x";
  const platform::ProcessOwner owner{.user = AsNobody::kNobody, .group = AsNobody::kNobody, .groups = {}};
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  int rounds = 0;
  for (; std::chrono::steady_clock::now() < end; ++rounds) {
    auto directory = std::make_unique<WorkDirectory>(base_ + "/work", "1-1", owner);
    auto attacker = std::make_unique<Attacker>(directory->path(), base_ + "/canary");
    ::usleep(static_cast<useconds_t>(rounds % 10) * 1000);
    std::thread stopsLater([&] {
      ::usleep(20000);
      attacker.reset();
    });
    directory.reset();
    stopsLater.join();
    ASSERT_EQ(fs::status(base_ + "/canary").permissions(), fs::perms(0711)) << "in round " << rounds;
    ASSERT_TRUE(exists("canary/inner/file")) << "in round " << rounds;
  }
  EXPECT_GT(rounds, 3);
}

TEST_F(WorkDirectoryTest, ATreeThatIsDeeperThanAPathCanBeIsGone) {
  {
    const WorkDirectory directory(base_ + "/work", "1-1", std::nullopt);
    const int here = ::open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ASSERT_EQ(::chdir(directory.path().c_str()), 0);
    for (int depth = 0; depth < 600; ++depth) {
      ASSERT_EQ(::mkdir("deeper", 0700), 0);
      ASSERT_EQ(::chdir("deeper"), 0);
    }
    ASSERT_EQ(::fchdir(here), 0);
    ::close(here);
  }
  EXPECT_FALSE(exists("work/1-1"));
}

TEST_F(WorkDirectoryTest, ABaseThatIsALinkIsRefused) {
  fs::create_directory(base_ + "/elsewhere");
  fs::permissions(base_ + "/elsewhere", fs::perms(0700));
  fs::create_directory_symlink(base_ + "/elsewhere", base_ + "/work");
  EXPECT_THROW(WorkDirectory(base_ + "/work", "1-1", std::nullopt), LaunchError);
  EXPECT_EQ(fs::status(base_ + "/elsewhere").permissions(), fs::perms(0700));
}

TEST_F(WorkDirectoryTest, WhatRootMakesInTheRunDirectoryOfAnotherUserIsThatUsers) {
  ASSERT_EQ(::geteuid(), 0U) << "this test wants root";
  ASSERT_EQ(::chown(base_.c_str(), AsNobody::kNobody, 0), 0);
  const WorkDirectory directory(base_ + "/work", "1-1", std::nullopt);
  struct stat status {};
  ASSERT_EQ(::stat((base_ + "/work").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, AsNobody::kNobody);
  EXPECT_EQ(fs::status(base_ + "/work").permissions(), fs::perms(0711));
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
