// Runner: the workers that are kept, and the runs that wait.
#include <algorithm>
#include <utility>

#include "module/platform/log.h"
#include "runner/runner.h"

namespace taskqueue::runner {

using platform::Level;
using platform::log;

namespace {

constexpr std::size_t kShippedHandlers = 0;  // the host of the C++ handlers comes first

}  // namespace

void Runner::launchKeptSeat(std::size_t host) {
  Seat& seat = addSeat(Seat::Kind::Kept, host);
  try {
    LaunchOrder order;
    order.command = hosts_.host(host).command;
    // The handlers that we ship need the database account; those of a site must not get it.
    const platform::RunnerConfiguration& from = settings_.configuration;
    order.owner = host == kShippedHandlers ? from.workerOwner : from.ownerOfHandlers();
    seat.launch(outside_.launcher, order);
  } catch (const LaunchError& error) {
    log(Level::Error, "a worker cannot be started",
        {{"host", hosts_.host(host).name}, {"problem", error.what()}});
    seats_.pop_back();
    onHostFailed(host, error.what());
  }
}

// The pages show which of a host's words cannot be used.
void Runner::welcome(std::size_t host, const Handlers& handlers) {
  std::string remark;
  for (const std::string& problem : handlers.problems) remark += problem + ". ";
  for (const std::string& name : handlers_.setHosted(host, hosts_.host(host).kind, handlers.handlers)) {
    remark += "The handler " + name + " is served by another host already. ";
  }
  if (!remark.empty()) {
    log(Level::Warning, "a host has announced what cannot be used",
        {{"host", hosts_.host(host).name}, {"problem", remark}});
  }
  hosts_.setRemark(host, remark);
}

void Runner::onHandlers(Seat& seat, const Handlers& handlers) {
  const std::size_t host = seat.host();
  const bool wasGivenUp = hosts_.isGivenUp(host);
  switch (hosts_.announced(host, handlers.handlers, seat.launchNumber())) {
    case WorkerHosts::Announcement::News:
      welcome(host, handlers);
      retireOthers(seat, /*alsoUnworn=*/true);
      if (registered_) {
        log(Level::Info, "a host of workers has announced its handlers", {{"host", hosts_.host(host).name}});
        offerAnew();
      }
      break;
    case WorkerHosts::Announcement::Same:
      retireOthers(seat, /*alsoUnworn=*/false);
      break;
    case WorkerHosts::Announcement::Outdated:
      return seat.retire(std::chrono::steady_clock::now());
  }
  if (wasGivenUp || registered_) showProblems();
  registerWhenReady();
}

// The other ready workers of the host get no further run: those that want to be replaced, or all, since they
// may not know what is offered now.
void Runner::retireOthers(const Seat& successor, bool alsoUnworn) {
  const auto now = std::chrono::steady_clock::now();
  for (const auto& seat : seats_) {
    const bool isOther = seat.get() != &successor && seat->kind() == Seat::Kind::Kept &&
                         seat->host() == successor.host() && !seat->isStarting();
    if (isOther && (alsoUnworn || seat->isHeld())) seat->retire(now);
  }
}

// Runs that wait must be of classes that are served now; the others are given back.
void Runner::offerAnew() {
  if (ticker_) ticker_->announce(handlers_.declarations());
  const auto now = std::chrono::steady_clock::now();
  for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
    const auto next = std::next(waiting);
    if (auto handler = handlers_.find(waiting->run->run().task.taskHandlerClass)) {
      waiting->handler = std::move(handler);
    } else {
      settle(stopWaiting(waiting, StopReason::Shutdown, now));
    }
    waiting = next;
  }
}

// Whether a worker of the host can take runs, now or after the one that it does.
bool Runner::isServed(std::size_t host) const {
  return std::any_of(seats_.begin(), seats_.end(), [host](const auto& seat) {
    return seat->kind() == Seat::Kind::Kept && seat->host() == host && seat->mayServe();
  });
}

// A host that does not start is offered for as long as an earlier worker of it works.
void Runner::withdrawUnlessServed(std::size_t host) {
  if (host == 0 || !hosts_.isGivenUp(host) || hosts_.isUnheard(host) || hosts_.isAway(host) || isServed(host))
    return;
  log(Level::Error, "the handlers of a host are withdrawn until it starts",
      {{"host", hosts_.host(host).name}});
  hosts_.setAway(host);
  handlers_.removeHosted(host);
  offerAnew();
}

void Runner::showProblems() {
  std::vector<RunnerProblem> problems = settings_.notices;
  for (RunnerProblem& problem : hosts_.problems()) problems.push_back(std::move(problem));
  if (ticker_) ticker_->setProblems(std::move(problems));
}

void Runner::onRefused(Seat& seat, const Refusal& refusal) {
  const std::size_t host = seat.host();
  const bool isNews = !hosts_.isGivenUp(host) || hosts_.problemOf(host) != refusal.problem;
  hosts_.refused(host, refusal.problem, std::chrono::steady_clock::now(), refusal.watches);
  if (isNews) onHostGivenUp(host, refusal.problem);
}

// Its successor is started at once; it takes no run meanwhile.
void Runner::onWorn(Seat& seat) {
  const std::size_t host = seat.host();
  if (draining_ || hosts_.isGivenUp(host)) return seat.goOn();
  const bool isComing = std::any_of(seats_.begin(), seats_.end(), [host](const auto& other) {
    return other->isStarting() && other->host() == host;
  });
  if (!isComing && hosts_.mayStart(host, std::chrono::steady_clock::now())) launchKeptSeat(host);
}

void Runner::onHostFailed(std::size_t host, const std::string& problem) {
  const bool isNews = !hosts_.isGivenUp(host);
  if (hosts_.startFailed(host, std::chrono::steady_clock::now(), problem) == WorkerHosts::Failure::TryAgain)
    return;
  if (isNews) onHostGivenUp(host, problem.empty() ? "its workers end before they are ready" : problem);
}

void Runner::onHostGivenUp(std::size_t host, const std::string& problem) {
  log(Level::Error, "a host of workers is left out until it starts",
      {{"host", hosts_.host(host).name}, {"problem", problem}});
  showProblems();
  if (host == 0) return onBroken();
  for (const auto& seat : seats_) {
    if (seat->kind() == Seat::Kind::Kept && seat->host() == host) seat->goOn();
  }
  withdrawUnlessServed(host);
  registerWhenReady();
}

// Hosts that do not work are tried until they do; runs that wait are served.
void Runner::lookAfterHosts(SteadyTime now) {
  for (std::size_t host = 0; host < hosts_.count(); ++host) {
    const bool isComing = std::any_of(seats_.begin(), seats_.end(), [host](const auto& seat) {
      return seat->isStarting() && seat->host() == host;
    });
    const bool isWanted = hosts_.isUnheard(host) || hosts_.isGivenUp(host);
    if (isWanted && !isComing && hosts_.mayStart(host, now)) launchKeptSeat(host);
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
