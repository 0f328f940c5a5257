#include "runner/workers/child_reaper.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

#include "runner/resource_use.h"
#include "runner/workers/process_tree.h"

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;

// Pause between two looks while orphans die. An orphan that takes longer is reaped when its own SIGCHLD
// comes.
constexpr auto kLookAgain = 1ms;
constexpr int kMaxLooksAtProc = 50;

ResourceUse readSiteUse(int status, const rusage& usage) {
  ResourceUse use;
  if (WIFEXITED(status)) use.exitStatus = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) use.exitSignal = WTERMSIG(status);
  use.userCpuMs = milliseconds(usage.ru_utime);
  use.systemCpuMs = milliseconds(usage.ru_stime);
  use.maxRssKb = usage.ru_maxrss;
  return use;
}

}  // namespace

ChildReaper::ChildReaper(boost::asio::io_context& loop) : signals_(loop, SIGCHLD) {
  for (const int child : childrenOfThisProcess()) inherited_.insert(child);
  waitForSignal();
}

void ChildReaper::waitForSignal() {
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    waitForSignal();
    reap();
  });
}

void ChildReaper::reap() {
  while (true) {
    int status = 0;
    rusage usage{};
    const pid_t pid = ::wait4(-1, &status, WNOHANG | WUNTRACED, &usage);
    if (pid <= 0) break;
    // A worker can stop its own process guard; a stopped guard would end nothing.
    if (WIFSTOPPED(status)) {
      ::kill(pid, SIGCONT);
      continue;
    }
    inherited_.erase(pid);
    const auto found = watched_.find(pid);
    if (found == watched_.end()) continue;  // an orphan that became our child
    const OnExit onExit = std::move(found->second);
    watched_.erase(found);
    killOrphans();  // the worker's tree must be gone before its end is reported
    onExit(readSiteUse(status, usage));
  }
  killOrphans();
}

// Kills our children that are neither watched guards nor inherited. The children of a killed process become
// ours in turn.
void ChildReaper::killOrphans() {
  for (int look = 0; look < kMaxLooksAtProc; ++look) {
    bool anyLeft = false;
    for (const int child : childrenOfThisProcess()) {
      if (watched_.contains(child) || inherited_.contains(child)) continue;
      ::kill(child, SIGKILL);
      anyLeft |= ::waitpid(child, nullptr, WNOHANG) == 0;
    }
    if (!anyLeft) return;
    std::this_thread::sleep_for(kLookAgain);
  }
}

void ChildReaper::killUnwatched(int processId) {
  watched_.erase(processId);
  killTree(processId);
  killOrphans();
}

void ChildReaper::watch(int processId, OnExit onExit) {
  watched_[processId] = std::move(onExit);
}

}  // namespace taskqueue::runner
