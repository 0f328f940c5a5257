#include "module/command_line/restart.h"

#include <sysexits.h>

#include <algorithm>
#include <iostream>
#include <set>
#include <thread>

#include "module/platform/keeper.h"
#include "module/platform/terminal_text.h"
#include "module/platform/wake.h"
#include "module/queue/process_identity.h"

namespace taskqueue::command_line {
namespace {

using platform::terminalText;

constexpr int kMaxRunners = 1000;
constexpr int kMaxWaitSeconds = 86400;
constexpr std::chrono::milliseconds kBetweenLooks{100};

// A runner of before. It must end.
struct OldRunner {
  ProcessIdentity identity;
  std::string keeper;  // empty: none is known
  int activeRuns = 0;
  bool isAlive = true;
};

class Restart {
 public:
  Restart(const Stores& stores, TaskQueue& queue, const platform::RunnerConfiguration& configuration)
      : runners_(stores.runners),
        queue_(queue),
        configuration_(configuration),
        beganOn_(stores.clock.now()) {}

  // Drains runners of before that were not asked yet, and looks which ones are alive.
  void look();
  bool isOver() const { return !anyUnregistered_ && std::none_of(old_.begin(), old_.end(), isAlive); }
  bool areKeptOnesBack() const { return successors_ >= countKept(); }
  int reportTimeIsUp(int seconds) const;
  void reportEnd() const;

 private:
  static bool isAlive(const std::pair<const int, OldRunner>& entry) { return entry.second.isAlive; }
  bool isOfBefore(const Runner& runner, Liveness liveness) const;
  bool seesUnregistered(const std::set<int>& registered) const;
  long countKept() const;

  RunnerStore& runners_;
  TaskQueue& queue_;
  const platform::RunnerConfiguration& configuration_;
  UnixSeconds beganOn_;
  ProcessIdentity self_ = currentProcessIdentity();
  std::map<int, OldRunner> old_;  // by Id of the row
  bool anyUnregistered_ = false;
  long successors_ = 0;  // living runners of this host that began later than this program
};

// A runner of another host is known by its row alone: one that registers while its pools may still be
// starting may have begun before.
bool Restart::isOfBefore(const Runner& runner, Liveness liveness) const {
  switch (liveness) {
    case Liveness::Dead:
      return false;
    case Liveness::Alive:
      return runner.identity.processStartTicks <= self_.processStartTicks;
    case Liveness::Remote:
      break;
  }
  const bool isSilent = runner.heartbeatAgeSeconds > configuration_.lease.count();
  return !isSilent && runner.startedOn <= beganOn_ + configuration_.poolsWait.count();
}

void Restart::look() {
  std::set<int> local;    // PIDs of this host
  std::set<int> running;  // Ids
  successors_ = 0;
  for (const Runner& runner : runners_.findRunners(/*onlyRunning=*/true, kMaxRunners)) {
    const Liveness liveness = checkLiveness(runner.identity);
    if (liveness == Liveness::Alive) local.insert(runner.identity.processId);
    if (!isOfBefore(runner, liveness)) {
      if (liveness == Liveness::Alive) ++successors_;
      continue;
    }
    running.insert(runner.id);
    const bool isLocal = liveness == Liveness::Alive;
    const auto [entry, isNew] = old_.try_emplace(
        runner.id,
        OldRunner{runner.identity, isLocal ? platform::findKeeper(runner.identity.processId) : ""});
    entry->second.activeRuns = runner.activeRuns;
    if (!isNew) continue;
    queue_.requestDrain(runner.id);
    std::cout << "runner " << runner.id << " drains: " << terminalText(runner.identity.hostName) << ", pid "
              << runner.identity.processId << ", " << runner.activeRuns << " runs" << std::endl;
  }
  for (auto& [id, runner] : old_) {
    // A process of this host may live a little longer than its row runs.
    const bool isLocal = checkLiveness(runner.identity) != Liveness::Remote;
    runner.isAlive = isLocal ? checkLiveness(runner.identity) == Liveness::Alive : running.contains(id);
    local.insert(runner.identity.processId);
  }
  anyUnregistered_ = seesUnregistered(local);
}

// A starting runner has a socket before it has a row. Its workers may have loaded the old code.
bool Restart::seesUnregistered(const std::set<int>& registered) const {
  const auto pids = platform::wakeSocketOwners(configuration_.wakeDirectory);
  return std::any_of(pids.begin(), pids.end(), [&](int pid) {
    const std::int64_t began = readStartTicks(pid);
    return !registered.contains(pid) && began != 0 && began <= self_.processStartTicks &&
           platform::isProgram(pid, "task-runner");
  });
}

long Restart::countKept() const {
  return std::count_if(old_.begin(), old_.end(),
                       [](const auto& entry) { return !entry.second.keeper.empty(); });
}

int Restart::reportTimeIsUp(int seconds) const {
  std::cerr << "taskqueue: not all is restarted after " << seconds << " s\n";
  for (const auto& [id, runner] : old_) {
    if (!runner.isAlive) continue;
    std::cerr << "  runner " << id << " still has " << runner.activeRuns
              << " runs: wait longer, or release them by "
              << "'taskqueue stop " << id << "'\n";
  }
  if (anyUnregistered_) std::cerr << "  a runner has started and has not registered: look at its log\n";
  if (isOver()) {
    std::cerr << "  " << countKept() - successors_ << " runners were not started again: look at the log of "
              << "supervisord or systemd, and at 'task-runner --check-config'\n";
  }
  return EX_TEMPFAIL;
}

void Restart::reportEnd() const {
  std::cout << old_.size() << " runners of before have ended, " << successors_ << " new ones work\n";
  const long lone = static_cast<long>(old_.size()) - countKept();
  const auto isRemote = [](const auto& entry) {
    return checkLiveness(entry.second.identity) == Liveness::Remote;
  };
  const long remote = std::count_if(old_.begin(), old_.end(), isRemote);
  if (remote > 0) {
    std::cout << remote
              << " of them were on other hosts: 'taskqueue runners' shows whether they were started "
              << "again\n";
  }
  if (lone > remote)
    std::cout << lone - remote << " of them were kept alive by no known program: start them again\n";
}

}  // namespace

RestartCommand::RestartCommand(CLI::App& app)
    : restart_(app.add_subcommand(
          "restart", "let all runners finish what they have and be started again, as after a deployment")) {
  restart_
      ->add_option("--wait", seconds_,
                   "seconds until it gives up with exit code 75; the runners go on draining")
      ->check(CLI::Range(1, kMaxWaitSeconds))
      ->capture_default_str();
}

int RestartCommand::run(const Stores& stores, TaskQueue& queue,
                        const platform::RunnerConfiguration& configuration) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds_);
  Restart restart(stores, queue, configuration);
  while (true) {
    restart.look();
    if (restart.isOver() && restart.areKeptOnesBack()) break;
    if (std::chrono::steady_clock::now() >= end) return restart.reportTimeIsUp(seconds_);
    std::this_thread::sleep_for(kBetweenLooks);
  }
  restart.reportEnd();
  return EX_OK;
}

}  // namespace taskqueue::command_line
