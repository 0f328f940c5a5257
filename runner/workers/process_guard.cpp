#include "runner/workers/process_guard.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>

namespace taskqueue::runner {
namespace {

constexpr char kTitle[] = "task-guard: ends what its worker leaves behind";

char* shownTitle = nullptr;  // the memory that process lists show as the title, or nullptr
std::size_t shownTitleSize = 0;

constexpr int kRunnerDiedSignal = SIGUSR1;
constexpr int kLookAgainMs = 1;  // pause between two looks while the tree is being killed
// Afterwards the runner, which is also a subreaper, kills the rest.
constexpr int kMaxLooksAtChildren = 10 * 1000;

void wait(int milliseconds) {
  const timespec time{milliseconds / 1000, milliseconds % 1000 * 1000000L};
  ::nanosleep(&time, nullptr);
}

// Kills all current children of this process. Their children become ours in turn.
void killChildren() {
  const int file = ::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  pid_t pid = 0;
  char buffer[4096];
  for (ssize_t size = ::read(file, buffer, sizeof buffer); size > 0;
       size = ::read(file, buffer, sizeof buffer)) {
    for (ssize_t i = 0; i < size; ++i) {
      if (buffer[i] >= '0' && buffer[i] <= '9') {
        pid = pid * 10 + (buffer[i] - '0');
      } else if (pid > 0) {
        ::kill(pid, SIGKILL);
        pid = 0;
      }
    }
  }
  ::close(file);
}

// Repeats until no child is left.
void killAllBelow() {
  for (int look = 0; look < kMaxLooksAtChildren; ++look) {
    const pid_t ended = ::waitpid(-1, nullptr, WNOHANG);
    if (ended < 0 && errno == ECHILD) return;
    if (ended > 0) continue;
    killChildren();
    wait(kLookAgainMs);
  }
}

[[noreturn]] void endAs(int workerStatus) {
  if (WIFSIGNALED(workerStatus)) {
    const int signal = WTERMSIG(workerStatus);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, signal);
    ::signal(signal, SIG_DFL);
    ::kill(::getpid(), signal);
    ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
    ::_exit(128 + signal);
  }
  ::_exit(WEXITSTATUS(workerStatus));
}

void showTitle() {
  ::prctl(PR_SET_NAME, "task-guard");
  for (std::size_t i = 0; i < shownTitleSize; ++i) shownTitle[i] = i < sizeof kTitle ? kTitle[i] : '\0';
  if (shownTitleSize > 0) shownTitle[shownTitleSize - 1] = '\0';
}

[[noreturn]] void keep(pid_t worker, const sigset_t& awaited) {
  // The guard closes the worker's pipes, so that their readers see the end.
  ::close_range(0, UINT_MAX, 0);
  while (true) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, WNOHANG);
    if (ended == worker) {
      killAllBelow();
      endAs(status);
    }
    if (ended > 0) continue;  // an orphan of the worker
    siginfo_t signal{};
    if (::sigwaitinfo(&awaited, &signal) == kRunnerDiedSignal) {
      killAllBelow();
      ::_exit(128 + SIGKILL);
    }
  }
}

// Waits until the guard has closed the descriptors that it inherited. The runner reads a launch pipe to its
// end, so a worker that stopped the guard earlier would block the runner.
void waitForGuard(const int (&gate)[2]) {
  ::close(gate[1]);
  char nothing = 0;
  while (::read(gate[0], &nothing, 1) < 0 && errno == EINTR) {
  }
  ::close(gate[0]);
}

bool become(const platform::ProcessOwner& owner) {
  return ::setgroups(owner.groups.size(), owner.groups.data()) == 0 &&
         ::setresgid(owner.group, owner.group, owner.group) == 0 &&
         ::setresuid(owner.user, owner.user, owner.user) == 0;
}

}  // namespace

void nameGuardsIn(int count, char** arguments) {
  if (count < 1) return;
  const char* last = arguments[count - 1];
  shownTitle = arguments[0];
  shownTitleSize = static_cast<std::size_t>(last + std::strlen(last) + 1 - arguments[0]);
}

bool forkUnderGuard(pid_t runner, const platform::ProcessOwner* owner) {
  sigset_t all;
  sigfillset(&all);
  sigset_t before;
  ::sigprocmask(SIG_SETMASK, &all, &before);  // a SIGTERM for the worker's group must not end the guard
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || ::prctl(PR_SET_PDEATHSIG, kRunnerDiedSignal) != 0)
    return false;
  if (::getppid() != runner) ::_exit(128 + SIGKILL);
  const pid_t guard = ::getpid();
  int gate[2];
  if (::pipe2(gate, O_CLOEXEC) != 0) return false;
  const pid_t worker = ::fork();
  if (worker < 0) return false;
  if (worker > 0) {
    showTitle();
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, kRunnerDiedSignal);
    keep(worker, awaited);
  }
  waitForGuard(gate);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  if (owner != nullptr && !become(*owner)) return false;
  // A change of the user clears these settings, so they come afterwards.
  if (::prctl(PR_SET_CHILD_SUBREAPER, 0) != 0 || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return false;
  if (::getppid() != guard) ::_exit(128 + SIGKILL);
  return true;
}

}  // namespace taskqueue::runner
