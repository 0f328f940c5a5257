// A runner that supervisord started just before supervisord died.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "tests/chaos/runners_test.h"

namespace taskqueue::chaos {
namespace {

constexpr int kMaxMs = 10'000;
constexpr int kLongEnoughMs = 1'500;  // time for a runner to start, and to exit if it would

class EndWithParent : public RunnersTest {
 protected:
  EndWithParent() : RunnersTest("parent") {}

  // Starts a runner whose parent has died already, with its output in a pipe. The pipe is read by the test,
  // or has no reader. The returned descriptor reaches its end when the runner exits. Closing it ends the
  // runner.
  int startOrphan(bool read) {
    std::array<int, 2> life{};
    std::array<int, 2> output{};
    EXPECT_EQ(::pipe2(life.data(), O_CLOEXEC), 0);
    EXPECT_EQ(::pipe2(output.data(), O_CLOEXEC), 0);
    const std::string program = directory() + "/bin/task-runner";
    const std::string configuration = directory() + "/runner.ini";
    const pid_t parent = ::fork();
    if (parent == 0) {
      const pid_t before = ::getpid();
      if (::fork() != 0) ::_exit(0);
      while (::getppid() == before) ::usleep(1000);
      ::dup2(output[1], STDOUT_FILENO);
      ::dup2(output[1], STDERR_FILENO);
      ::dup2(life[1], STDIN_FILENO);  // inherited over exec by this process alone
      ::close(output[0]);
      ::execl(program.c_str(), program.c_str(), "--config", configuration.c_str(), "--end-with-parent",
              nullptr);
      ::_exit(127);
    }
    ::waitpid(parent, nullptr, 0);
    ::close(life[1]);
    ::close(output[1]);
    if (read) {
      outputs_.push_back(output[0]);
    } else {
      ::close(output[0]);
    }
    return life[0];
  }
  ~EndWithParent() override {
    for (const int descriptor : outputs_) ::close(descriptor);
  }

  static bool endsWithin(int life, int milliseconds) {
    pollfd asked{life, POLLIN, 0};
    return ::poll(&asked, 1, milliseconds) == 1;
  }

 private:
  std::vector<int> outputs_;
};

TEST_F(EndWithParent, ARunnerThatIsStartedWhenItsParentIsDeadEndsAtOnce) {
  const int life = startOrphan(/*read=*/false);
  EXPECT_TRUE(endsWithin(life, kMaxMs));
  EXPECT_TRUE(eye().queryText("SELECT Id FROM inp_TaskRunners").empty()) << "it has registered";
  ::close(life);
}

// The output still has a reader, so supervisord cannot have died.
TEST_F(EndWithParent, ARunnerWhoseOutputIsReadGoesOn) {
  const int life = startOrphan(/*read=*/true);
  EXPECT_FALSE(endsWithin(life, kLongEnoughMs));
  auto row = eye().queryText("SELECT ProcessId FROM inp_TaskRunners");
  ASSERT_EQ(row.size(), 1U);
  ::kill(row.front().number(), SIGTERM);
  EXPECT_TRUE(endsWithin(life, kMaxMs));
  ::close(life);
}

}  // namespace
}  // namespace taskqueue::chaos
