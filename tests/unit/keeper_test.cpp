// Which program keeps a process alive, with real processes.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "module/platform/keeper.h"
#include "tests/support/eventually.h"

namespace taskqueue::platform {
namespace {

using namespace std::chrono_literals;

class KeeperTest : public ::testing::Test {
 protected:
  ~KeeperTest() override {
    for (const int pid : pids_) {
      ::kill(-pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
    std::filesystem::remove_all(directory_);
  }

  // Runs a shell that is a copy with this name. The script writes the PID in question to the file $PID.
  // Returns that PID.
  int start(const std::string& name, const std::string& script, const std::string& word = "") {
    std::filesystem::create_directories(directory_);
    const std::string shell = directory_ / name;
    std::filesystem::copy_file("/bin/sh", shell, std::filesystem::copy_options::overwrite_existing);
    const std::string file = directory_ / "pid";
    std::filesystem::remove(file);
    const pid_t child = ::fork();
    if (child == 0) {
      ::setpgid(0, 0);
      ::setenv("PID", file.c_str(), 1);
      ::execl(shell.c_str(), shell.c_str(), "-c", script.c_str(), word.c_str(), nullptr);
      ::_exit(127);
    }
    pids_.push_back(child);
    int pid = 0;
    EXPECT_TRUE(test_support::eventually([&] { return std::ifstream(file) >> pid && pid > 0; }, 5s));
    return pid;
  }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("taskqueue-keeper-" + std::to_string(::getpid()));
  std::vector<int> pids_;
};

constexpr const char* kChild = "sleep 60 & echo $! > $PID; wait";

TEST_F(KeeperTest, IsTheProgramThatStartedTheProcessIfItIsKnownToStartThingsAgain) {
  EXPECT_EQ(findKeeper(start("supervisord", kChild)), "supervisord");
  EXPECT_EQ(findKeeper(start("taskqueue", kChild, "work")), "taskqueue work");
  EXPECT_EQ(findKeeper(start("taskqueue", kChild, "event")), "");
  EXPECT_EQ(findKeeper(start("bash", kChild)), "");
}

TEST_F(KeeperTest, IsCronForARunnerThatItsLineIs) {
  start("taskqueue", kChild);  // makes the copy
  const std::string program = directory_ / "taskqueue";
  EXPECT_EQ(findKeeper(start("cron", "bash -c \"" + program +
                                         " -c 'sleep 60 & echo \\$! > $PID.new; mv $PID.new "
                                         "$PID; wait'; true\"; true")),
            "cron");
}

TEST_F(KeeperTest, IsSystemdOnlyForTheProcessThatItStartedItself) {
  const int own =
      start("bash", "export SYSTEMD_EXEC_PID=$$; echo $$ > $PID.new; mv $PID.new $PID; exec sleep 60");
  EXPECT_TRUE(test_support::eventually([&] { return findKeeper(own) == "systemd"; }, 5s));
  const int child =
      start("bash", "export SYSTEMD_EXEC_PID=$$; sleep 60 & echo $! > $PID.new; mv $PID.new $PID; wait");
  EXPECT_EQ(findKeeper(child), "");
}

TEST_F(KeeperTest, OfAProcessThatIsGoneIsNobody) {
  EXPECT_EQ(findKeeper(0x7FFFFFF), "");
  EXPECT_TRUE(isProgram(start("my-program", "echo $$ > $PID; while :; do sleep 1; done"), "my-program"));
}

}  // namespace
}  // namespace taskqueue::platform
