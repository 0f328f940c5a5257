// Files of the run directory, in which handlers may place links.
#include "module/platform/run_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "module/platform/descriptor.h"
#include "module/platform/results_journal.h"
#include "module/platform/runner_file.h"
#include "module/platform/started_runs.h"
#include "module/platform/wake.h"

namespace taskqueue::platform {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kNobody = 65534;
constexpr int kRunnerNumber = 7;

class RunDirectoryTest : public ::testing::Test {
 protected:
  RunDirectoryTest() {
    std::string name = fs::temp_directory_path() / "run-directory-XXXXXX";
    base_ = ::mkdtemp(name.data());
    configuration_.runner.runDirectory = base_ + "/run";
    fs::create_directory(base_ + "/run");
    std::ofstream(base_ + "/canary") << kText;
  }
  ~RunDirectoryTest() override { fs::remove_all(base_); }

  std::string canary() const {
    std::ostringstream text;
    text << std::ifstream(base_ + "/canary").rdbuf();
    return text.str();
  }
  std::string fileOf(const std::string& kind, const std::string& ending = "") const {
    return runnerFile(configuration_, kind, kRunnerNumber) + ending;
  }
  void giveToNobody() {
    ASSERT_EQ(::chown((base_ + "/run").c_str(), kNobody, kNobody), 0) << "this test wants root";
  }

  static constexpr const char* kText = "precious";
  std::string base_;
  Configuration configuration_;
};

uid_t ownerOf(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_uid : ~uid_t{0};
}

TEST_F(RunDirectoryTest, AJournalThatIsALinkIsNotWrittenAndNotRead) {
  fs::create_symlink(base_ + "/canary", fileOf("results", ".jsonl"));
  ResultsJournal journal(configuration_, kRunnerNumber);
  const RunEnd end;
  EXPECT_FALSE(journal.append(std::span(&end, 1)));
  EXPECT_TRUE(journal.read().empty());
  EXPECT_EQ(canary(), kText);
}

TEST_F(RunDirectoryTest, AJournalThatIsASecondNameOfAnotherFileIsNotWritten) {
  fs::create_hard_link(base_ + "/canary", fileOf("results", ".jsonl"));
  ResultsJournal journal(configuration_, kRunnerNumber);
  const RunEnd end;
  EXPECT_FALSE(journal.append(std::span(&end, 1)));
  EXPECT_EQ(canary(), kText);
}

TEST_F(RunDirectoryTest, AFileOfStartedRunsThatIsALinkIsNotWritten) {
  fs::create_symlink(base_ + "/canary", fileOf("started"));
  StartedRuns started(configuration_, kRunnerNumber);
  started.add("token");
  EXPECT_EQ(canary(), kText);
  EXPECT_FALSE(StartedRuns::read(configuration_, kRunnerNumber));
}

TEST_F(RunDirectoryTest, APipeInThePlaceOfAFileHoldsNothingUp) {
  ASSERT_EQ(::mkfifo(fileOf("started").c_str(), 0600), 0);
  EXPECT_FALSE(StartedRuns::read(configuration_, kRunnerNumber));
  StartedRuns started(configuration_, kRunnerNumber);
  started.add("token");
}

TEST_F(RunDirectoryTest, AFileOfAnotherUserIsRefused) {
  std::ofstream(base_ + "/run/start.lock");
  ASSERT_EQ(::chown((base_ + "/run/start.lock").c_str(), kNobody, kNobody), 0) << "this test wants root";
  EXPECT_LT(openInRunDirectory(base_ + "/run/start.lock", O_RDWR | O_CREAT), 0);
  EXPECT_EQ(errno, EPERM);
}

TEST_F(RunDirectoryTest, WhatRootWritesCanBeReadByTheOwnerOfTheDirectory) {
  giveToNobody();
  ResultsJournal journal(configuration_, kRunnerNumber);
  const RunEnd end;
  EXPECT_TRUE(journal.append(std::span(&end, 1)));
  StartedRuns started(configuration_, kRunnerNumber);
  started.add("token");
  EXPECT_EQ(ownerOf(fileOf("results", ".jsonl")), kNobody);
  EXPECT_EQ(ownerOf(fileOf("started")), kNobody);
  EXPECT_EQ(journal.read().size(), 1U);
  EXPECT_EQ(StartedRuns::read(configuration_, kRunnerNumber)->size(), 1U);
}

class BoundSocket {
 public:
  explicit BoundSocket(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    EXPECT_EQ(::bind(socket_.number(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  bool wasWoken() const {
    char word = 0;
    return ::recv(socket_.number(), &word, 1, MSG_DONTWAIT) == 1;
  }

 private:
  Descriptor socket_;
};

TEST_F(RunDirectoryTest, ASocketOfRootIsSharedWithTheGroupOfTheDirectoryAndALinkIsNot) {
  giveToNobody();
  const std::string path = wakeSocketPath(base_ + "/run", kRunnerNumber);
  const BoundSocket socket(path);
  EXPECT_TRUE(shareSocketInRunDirectory(path));
  EXPECT_EQ(ownerOf(path), kNobody);
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0660));
  fs::create_symlink(base_ + "/canary", base_ + "/run/link");
  fs::permissions(base_ + "/canary", fs::perms(0600));
  EXPECT_FALSE(shareSocketInRunDirectory(base_ + "/run/link"));
  EXPECT_EQ(fs::status(base_ + "/canary").permissions(), fs::perms(0600));
}

TEST_F(RunDirectoryTest, AWakeUpReachesRunnersAndFollowsNoLink) {
  const BoundSocket runner(wakeSocketPath(base_ + "/run", kRunnerNumber));
  const BoundSocket other(base_ + "/other");
  fs::create_symlink(base_ + "/other", wakeSocketPath(base_ + "/run", kRunnerNumber + 1));
  wakeRunners(base_ + "/run");
  EXPECT_TRUE(runner.wasWoken());
  EXPECT_FALSE(other.wasWoken());
}

}  // namespace
}  // namespace taskqueue::platform
