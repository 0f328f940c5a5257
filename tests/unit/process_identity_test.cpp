#include "module/queue/process_identity.h"

#include <gtest/gtest.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/support/eventually.h"

namespace taskqueue {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): 5s reads better than
                                       // seconds(5)

// A child that waits to be killed; the destructor reaps it.
class Child {
 public:
  Child() : processId_(::fork()) {
    if (processId_ != 0) return;
    while (true) ::pause();
  }
  ~Child() {
    ::kill(processId_, SIGKILL);
    reap();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int processId() const { return processId_; }
  ProcessIdentity identity() const {
    ProcessIdentity identity = currentProcessIdentity();
    identity.processId = processId_;
    identity.processStartTicks = readStartTicks(processId_);
    return identity;
  }
  void kill() const { ::kill(processId_, SIGKILL); }
  void reap() {
    if (!reaped_) ::waitpid(processId_, nullptr, 0);
    reaped_ = true;
  }

 private:
  int processId_;
  bool reaped_ = false;
};

TEST(ProcessIdentityLaws, AProcessKnowsItself) {
  const ProcessIdentity identity = currentProcessIdentity();
  EXPECT_EQ(identity.processId, ::getpid());
  EXPECT_FALSE(identity.hostName.empty());
  EXPECT_EQ(identity.bootId.size(), 36U);
  EXPECT_GT(identity.pidNamespace, 0);
  EXPECT_GT(identity.processStartTicks, 0);
  EXPECT_EQ(checkLiveness(identity), Liveness::Alive);
}

TEST(ProcessIdentityLaws, ALivingProcessOfOthersIsAlive) {
  const Child child;
  EXPECT_EQ(checkLiveness(child.identity()), Liveness::Alive);
}

TEST(ProcessIdentityLaws, AProcessThatIsGoneIsDead) {
  Child child;
  const ProcessIdentity identity = child.identity();
  child.kill();
  child.reap();
  EXPECT_EQ(checkLiveness(identity), Liveness::Dead);
  EXPECT_EQ(readStartTicks(identity.processId), 0);
}

TEST(ProcessIdentityLaws, AProcessThatNobodyHasReapedIsDead) {
  const Child child;
  const ProcessIdentity identity = child.identity();
  child.kill();
  EXPECT_TRUE(test_support::eventually([&] { return checkLiveness(identity) == Liveness::Dead; }, 5s));
}

TEST(ProcessIdentityLaws, AReusedPidIsNotTakenForTheOldProcess) {
  ProcessIdentity identity = currentProcessIdentity();
  --identity.processStartTicks;
  EXPECT_EQ(checkLiveness(identity), Liveness::Dead);
  identity.processStartTicks = 0;
  EXPECT_EQ(checkLiveness(identity), Liveness::Dead);
}

TEST(ProcessIdentityLaws, AnotherBootIsRemote) {
  ProcessIdentity identity = currentProcessIdentity();
  identity.bootId = "00000000-0000-0000-0000-000000000000";
  EXPECT_EQ(checkLiveness(identity), Liveness::Remote);
  identity.bootId = "";
  EXPECT_EQ(checkLiveness(identity), Liveness::Remote);
}

TEST(ProcessIdentityLaws, AnotherPidNamespaceIsRemote) {
  ProcessIdentity identity = currentProcessIdentity();
  ++identity.pidNamespace;
  EXPECT_EQ(checkLiveness(identity), Liveness::Remote);
}

// Forks a process with exactly this PID; the kernel lets root choose it.
pid_t forkAs(pid_t wanted) {
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<std::uint64_t>(&wanted);
  arguments.set_tid_size = 1;
  const auto pid = static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
  while (pid == 0) ::pause();
  return pid;
}

TEST(ProcessIdentityLaws, AStrangerWithAPidThatWasUsedBeforeIsNotMistaken) {
  constexpr int kRecycled = 50;
  constexpr auto kMoreThanATick = 12ms;  // start times have a resolution of 1/100 s
  for (int i = 0; i < kRecycled; ++i) {
    ProcessIdentity identity;
    {
      const Child child;
      identity = child.identity();
    }
    std::this_thread::sleep_for(kMoreThanATick);
    const pid_t stranger = forkAs(identity.processId);
    ASSERT_EQ(stranger, identity.processId) << "this test must be run as root";
    EXPECT_EQ(checkLiveness(identity), Liveness::Dead);
    ::kill(stranger, SIGKILL);
    ::waitpid(stranger, nullptr, 0);
  }
}

}  // namespace
}  // namespace taskqueue
