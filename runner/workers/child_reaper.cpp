#include "runner/workers/child_reaper.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <utility>

namespace taskqueue::runner {
namespace {

std::int64_t millisecondsOf(const timeval& time) {
  return time.tv_sec * 1000LL + time.tv_usec / 1000;
}

ResourceUse useOf(int status, const rusage& usage) {
  ResourceUse use;
  if (WIFEXITED(status)) use.exitStatus = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) use.exitSignal = WTERMSIG(status);
  use.userCpuMs = millisecondsOf(usage.ru_utime);
  use.systemCpuMs = millisecondsOf(usage.ru_stime);
  use.maxRssKb = usage.ru_maxrss;
  return use;
}

}  // namespace

ChildReaper::ChildReaper(boost::asio::io_context& loop) : signals_(loop, SIGCHLD) {
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
    const pid_t pid = ::wait4(-1, &status, WNOHANG, &usage);
    if (pid <= 0) return;
    const auto found = watched_.find(pid);
    if (found == watched_.end()) continue;  // an orphan that came back to us
    const OnExit onExit = std::move(found->second);
    watched_.erase(found);
    onExit(useOf(status, usage));
  }
}

void ChildReaper::watch(int processId, OnExit onExit) {
  watched_[processId] = std::move(onExit);
}

}  // namespace taskqueue::runner
