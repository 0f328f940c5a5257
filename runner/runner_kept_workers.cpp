// Runner: the workers that are kept, and the runs that wait.
#include <algorithm>
#include <utility>

#include "module/platform/log.h"
#include "runner/runner.h"

namespace taskqueue::runner {

using platform::Level;
using platform::log;

void Runner::launchKeptSeat(std::size_t host) {
  Seat& seat = addSeat(Seat::Kind::Kept, host);
  try {
    LaunchOrder order;
    order.command = hosts_.host(host).command;
    order.owner = settings_.configuration.workerOwner;
    seat.launch(outside_.launcher, order);
  } catch (const LaunchError& error) {
    log(Level::Error, "a worker cannot be started",
        {{"host", hosts_.host(host).name}, {"problem", error.what()}});
    seats_.pop_back();
    onHostFailed(host);
  }
}

// The first words of a host: what of them cannot be used is said on the pages.
void Runner::welcome(std::size_t host, const Handlers& handlers) {
  std::string remark;
  for (const std::string& problem : handlers.problems) remark += problem + ". ";
  for (const std::string& name : handlers_.addHosted(host, hosts_.host(host).kind, handlers.handlers)) {
    remark += "The handler " + name + " is served by another host already. ";
  }
  if (!remark.empty()) log(Level::Warning, remark, {{"host", hosts_.host(host).name}});
  hosts_.setRemark(host, remark);
}

void Runner::onHandlers(std::size_t host, const Handlers& handlers) {
  switch (hosts_.announced(host, handlers.handlers)) {
    case WorkerHosts::Announcement::First:
      welcome(host, handlers);
      break;
    case WorkerHosts::Announcement::Same:
      break;
    case WorkerHosts::Announcement::Changed:
      // What a runner can handle is fixed for its life: the next one starts with the new classes.
      log(Level::Info, "the handlers have changed: the runner ends, to be started anew",
          {{"host", hosts_.host(host).name}});
      return drainAtLeisure();
  }
  if (!registered_ && hosts_.allHaveSpoken()) registerNow();
}

void Runner::showProblems() {
  std::vector<RunnerProblem> problems = settings_.notices;
  for (RunnerProblem& problem : hosts_.problems()) problems.push_back(std::move(problem));
  if (ticker_) ticker_->setProblems(std::move(problems));
}

void Runner::onRefused(Seat& seat, const std::string& problem) {
  const std::size_t host = seat.host();
  const bool isNews = !hosts_.isGivenUp(host);
  hosts_.refused(host, problem, std::chrono::steady_clock::now());
  if (isNews) onHostGivenUp(host, problem);
}

void Runner::onHostFailed(std::size_t host) {
  if (hosts_.isGivenUp(host) && hosts_.hasRefused(host)) return;  // it has said so itself
  if (hosts_.startFailed(host, std::chrono::steady_clock::now()) == WorkerHosts::Failure::TryAgain) return;
  onHostGivenUp(host, "its workers end before they are ready");
}

void Runner::onHostGivenUp(std::size_t host, const std::string& problem) {
  log(Level::Error, "a host of workers is left out: its handlers are not served until it starts",
      {{"host", hosts_.host(host).name}, {"problem", problem}});
  showProblems();
  if (host == 0) return onBroken();
  for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
    if (waiting->handler->command || waiting->handler->host != host) {
      ++waiting;
      continue;
    }
    const auto run = std::move(waiting->run);
    waiting = waiting_.erase(waiting);
    settle(run->finishUnstarted(
        "The worker host \"" + hosts_.host(host).name + "\" does not start; the runner's log says why.",
        outside_.chance()));
  }
  if (!registered_ && hosts_.allHaveSpoken()) registerNow();
}

// Hosts that have never been heard are tried until they are; runs that wait are served.
void Runner::lookAfterHosts(SteadyTime now) {
  for (std::size_t host = 0; host < hosts_.count(); ++host) {
    const bool none = std::none_of(seats_.begin(), seats_.end(), [host](const auto& seat) {
      return seat->kind() == Seat::Kind::Kept && seat->host() == host;
    });
    if (none && hosts_.isUnheard(host) && hosts_.mayStart(host, now)) launchKeptSeat(host);
  }
  if (!waiting_.empty()) serveWaiting();
}

Seat* Runner::idleSeatOf(std::size_t host) const {
  const auto found = std::find_if(seats_.begin(), seats_.end(), [host](const auto& seat) {
    return seat->kind() == Seat::Kind::Kept && seat->host() == host && seat->isIdle();
  });
  return found == seats_.end() ? nullptr : found->get();
}

Runner::Waiting::iterator Runner::firstAhead() {
  const int free = std::max(0, settings_.configuration.slots - runsInSeats());
  return std::next(waiting_.begin(), std::min<std::ptrdiff_t>(free, std::ssize(waiting_)));
}

// Starts the runs that have a slot: commands at once, others in a kept worker that is ready. One more worker
// is started for each run that finds none.
void Runner::serveWaiting() {
  const auto now = std::chrono::steady_clock::now();
  std::vector<int> wanted(hosts_.count());
  const auto end = firstAhead();
  for (auto waiting = waiting_.begin(); waiting != end && !ended_;) {
    const ServedHandler& handler = *waiting->handler;
    Seat* seat = handler.command ? nullptr : idleSeatOf(handler.host);
    if (!handler.command && seat == nullptr) {
      ++wanted[handler.host];
      ++waiting;
      continue;
    }
    auto run = std::move(waiting->run);
    waiting = waiting_.erase(waiting);
    run->start(now);
    if (started_) started_->add(run->owned().runToken);
    if (handler.command) {
      startCommand(std::move(run), handler);
    } else {
      seat->start(std::move(run));
    }
  }
  for (std::size_t host = 0; host < hosts_.count() && !ended_; ++host) launchMissing(host, wanted[host]);
}

void Runner::launchMissing(std::size_t host, int wanted) {
  const auto starting = std::count_if(seats_.begin(), seats_.end(), [host](const auto& seat) {
    return seat->isStarting() && seat->host() == host;
  });
  for (auto missing = wanted - starting; missing > 0; --missing) {
    if (!hosts_.mayStart(host, std::chrono::steady_clock::now())) return;
    launchKeptSeat(host);
  }
}

// Runs that were claimed ahead and have found no slot: another runner may have one.
void Runner::giveBackWhatWaitsTooLong(SteadyTime now) {
  for (auto waiting = firstAhead(); waiting != waiting_.end();) {
    const auto next = std::next(waiting);
    if (now - waiting->since >= ClaimAhead::kLongestWait) {
      claimAhead_.waitedTooLong();
      settle(stopWaiting(waiting, StopReason::Shutdown, now));
    }
    waiting = next;
  }
}

}  // namespace taskqueue::runner
