#include "runner/runner.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

#include "module/platform/log.h"
#include "module/queue/due_task.h"
#include "runner/workers/launch_problem.h"

namespace taskqueue::runner {
namespace {

using platform::Level;
using platform::log;
using namespace std::chrono_literals;

constexpr auto kClockPeriod = 100ms;         // precision of time limits and grace times
constexpr auto kRegistrationRetry = 1000ms;  // while the database is away at the start
constexpr auto kLastWrites = 5000ms;         // for the database at the end
// Of a row written by hand; what came through the API has met narrower ones.
constexpr json::Limits kTaskDataLimits{.bytes = 3 << 20};

// The place that its task had in the order of claims. One that is ahead of the database's time counts as
// now.
std::optional<UnixSeconds> placeOf(const Task& task) {
  return dueOn(task, INT32_MAX);
}

}  // namespace

Runner::Runner(Surroundings surroundings, Settings settings)
    : outside_(std::move(surroundings)),
      settings_(std::move(settings)),
      handlers_(settings_.commands, settings_.configuration.timeLimit),
      hosts_(settings_.hosts),
      clock_(outside_.loop) {}

Runner::~Runner() = default;

void Runner::start() {
  if (settings_.standaloneLimit)
    standaloneEnd_ = std::chrono::steady_clock::now() + *settings_.standaloneLimit;
  startedAt_ = std::chrono::steady_clock::now();
  scheduleClock();
  for (std::size_t host = 0; host < hosts_.count(); ++host) launchKeptSeat(host);
}

Seat& Runner::addSeat(Seat::Kind kind, std::size_t host) {
  Seat::Owner owner;
  owner.onHandlers = [this](Seat& seat, const Handlers& handlers) { onHandlers(seat, handlers); };
  owner.onRefused = [this](Seat& seat, const Refusal& refusal) { onRefused(seat, refusal); };
  owner.onWorn = [this](Seat& seat) { onWorn(seat); };
  owner.onReady = [this](Seat&) { serveWaiting(); };
  owner.onRunOver = [this](Seat& seat, const ResourceUse* processEnd) { onRunOver(seat, processEnd); };
  owner.onWorkerGone = [this](Seat& seat) { onWorkerGone(seat); };
  const int launch = kind == Seat::Kind::Kept ? ++launches_ : 0;
  seats_.push_back(std::make_unique<Seat>(kind, host, std::move(owner), launch));
  return *seats_.back();
}

// A host that hangs while it loads must not keep the others away.
void Runner::registerWhenReady() {
  if (registered_ || nextRegistration_ != SteadyTime{} || ended_) return;
  const bool isLate = std::chrono::steady_clock::now() >= startedAt_ + settings_.configuration.hostsWait;
  if (hosts_.allHaveSpoken() || (isLate && hosts_.hasSpoken(0))) registerNow();
}

void Runner::registerNow() {
  NewRunner self;
  TaskQueue::onBeforeTaskRunnerCreate(self);
  self.version = settings_.version;
  self.queues = settings_.configuration.queues;
  self.slots = settings_.configuration.slots;
  try {
    summary_.taskRunnerId = outside_.store.registerRunner(self, handlers_.declarations());
  } catch (const StoreError& error) {
    if (error.kind() == StoreError::Kind::Broken) {
      log(Level::Error, "the runner cannot register", {{"problem", error.what()}});
      return onBroken();
    }
    log(Level::Warning, "the runner cannot register yet", {{"problem", error.what()}});
    nextRegistration_ = std::chrono::steady_clock::now() + kRegistrationRetry;
    return;
  }
  registered_ = true;
  log(Level::Info, "the runner works",
      {{"TaskRunnerId", std::int64_t{summary_.taskRunnerId}},
       {"slots", std::int64_t{settings_.configuration.slots}}});
  startTicker();
}

void Runner::startTicker() {
  const platform::RunnerConfiguration& from = settings_.configuration;
  Ticker::Settings settings{.taskRunnerId = summary_.taskRunnerId,
                            .queues = from.queues,
                            .handlers = handlers_.classes(),
                            .heartbeat = from.heartbeat,
                            .lease = from.lease,
                            .fellowCheck = from.fellowCheck,
                            .flush = from.flush,
                            .pollBusy = from.pollBusy,
                            .pollIdle = from.pollIdle};
  const auto onLoop = [this](auto action) { boost::asio::post(outside_.loop, std::move(action)); };
  Ticker::Callbacks callbacks;
  callbacks.onClaimed = [this, onLoop](std::vector<ClaimedRun> runs) {
    onLoop([this, taken = std::move(runs)]() mutable { onClaimed(std::move(taken)); });
  };
  callbacks.onCancelRequested = [this, onLoop](std::vector<int> runIds) {
    onLoop([this, ids = std::move(runIds)] { stopRuns(ids, StopReason::Cancelled); });
  };
  callbacks.onLost = [this, onLoop](std::vector<int> runIds) {
    onLoop([this, ids = std::move(runIds)] { stopRuns(ids, StopReason::Lost); });
  };
  callbacks.onDrainRequested = [this, onLoop] { onLoop([this] { drainAtLeisure(); }); };
  callbacks.onStopRequested = [this, onLoop] {
    // The next heartbeat says so again: that is no second request.
    onLoop([this] {
      if (!drainEnd_) drain();
    });
  };
  callbacks.onLeaseLost = [this, onLoop](bool forGood) { onLoop([this, forGood] { onLeaseLost(forGood); }); };
  callbacks.onLoopStandsStill = [this] { outside_.onLoopStandsStill(); };
  callbacks.onBroken = [this, onLoop](const std::string&) { onLoop([this] { onBroken(); }); };
  if (settings_.journal) {
    journal_ = settings_.journal(summary_.taskRunnerId);
    callbacks.onKeep = [this](std::span<const RunEnd> ends) { return journal_->append(ends); };
    callbacks.onAllWritten = [this] { journal_->remove(); };
  }
  if (settings_.started) {
    started_ = settings_.started(summary_.taskRunnerId);
    callbacks.onWritten = [this](const TickRequest& written) {
      for (const RunEnd& end : written.ends) started_->remove(end.owned.runToken);
      for (const RunRelease& release : written.releases) started_->remove(release.owned.runToken);
    };
  }
  ticker_ =
      std::make_unique<Ticker>(outside_.store, outside_.queue, std::move(settings), std::move(callbacks));
  showRoom(0);
  showProblems();
  if (draining_) ticker_->stopClaiming();
  ticker_->start();
}

void Runner::onClaimed(std::vector<ClaimedRun> runs) {
  if (ended_) return;
  const bool nothingDue = runs.empty();
  summary_.claimed += static_cast<int>(runs.size());
  for (ClaimedRun& run : runs) startRun(std::move(run));
  serveWaiting();
  if (nothingDue && settings_.standaloneLimit && runsInHand() == 0) drainAtLeisure();
}

RunInHand::Limits Runner::limitsOf(const ServedHandler& handler) const {
  const platform::RunnerConfiguration& from = settings_.configuration;
  RunInHand::Limits limits{.output = {from.outputHeadBytes, from.outputTailBytes},
                           .timeLimit = std::chrono::seconds(handler.declaration.settings.timeLimitSeconds),
                           .killGrace = from.killGrace,
                           .onCrash = handler.declaration.settings.onCrash,
                           .retry = handler.declaration.settings.retryPolicy(settings_.retry)};
  if (handler.command) limits.retryAfter = handler.command->retryAfter;
  limits.wordNeeded = !handler.command;
  return limits;
}

std::unique_ptr<RunInHand> Runner::makeRun(ClaimedRun run, const ServedHandler& handler) const {
  return std::make_unique<RunInHand>(std::move(run), limitsOf(handler), std::chrono::steady_clock::now());
}

void Runner::startRun(ClaimedRun run) {
  auto handler = handlers_.find(run.task.taskHandlerClass);
  if (handler == nullptr) return giveBack(std::move(run));  // it was offered when the run was claimed
  if (run.task.taskData.empty()) run.task.taskData = "{}";
  // What came by plain SQL has met no check yet; a handler is promised what its schema says.
  const auto problems = handler->dataSchema.check(run.task.taskData, kTaskDataLimits);
  if (!problems.empty()) {
    return refuseRun(std::move(run), "task_data",
                     "TaskData" + problems.front().member + " " + problems.front().problem + ".");
  }
  const auto& queues = settings_.configuration.queues;
  const std::pair rank(std::find(queues.begin(), queues.end(), run.task.queue) - queues.begin(),
                       run.task.priority);
  auto before = waiting_.end();
  while (before != waiting_.begin() && std::prev(before)->rank > rank) --before;
  auto inHand = makeRun(std::move(run), *handler);
  waiting_.insert(before, {std::move(inHand), std::move(handler), std::chrono::steady_clock::now(), rank});
}

void Runner::giveBack(ClaimedRun run) {
  const auto now = std::chrono::steady_clock::now();
  const auto place = placeOf(run.task);
  RunInHand inHand(std::move(run), {}, now);
  inHand.requestStop(StopReason::Shutdown, now);
  RunVerdict verdict = inHand.finish(nullptr, outside_.chance(), now);
  if (auto* release = std::get_if<RunRelease>(&verdict)) release->place = place;
  settle(std::move(verdict));
}

void Runner::refuseRun(ClaimedRun run, const std::string& code, const std::string& problem) {
  RunEnd end = RunInHand(std::move(run), {}, std::chrono::steady_clock::now())
                   .finishUnstarted(problem, outside_.chance());
  end.errorCode = code;
  end.giveUp = true;
  settle(std::move(end));
}

void Runner::startCommand(std::unique_ptr<RunInHand> run, const ServedHandler& handler) {
  LaunchOrder order;
  const platform::CommandHandler& command = *handler.command;
  order.command = command.command;
  order.environment = command.environment;
  order.environment.push_back("TASKQUEUE_TASK_ID=" + std::to_string(run->owned().taskQueueId));
  order.environment.push_back("TASKQUEUE_RUN_ID=" + std::to_string(run->owned().runId));
  order.environment.push_back("TASKQUEUE_ATTEMPT=" + std::to_string(run->run().attempt));
  order.workBase = settings_.configuration.workBase();
  order.limits = command.limits;
  order.owner = command.owner ? command.owner : settings_.configuration.ownerOfHandlers();
  Seat& seat = addSeat(Seat::Kind::Command, 0);
  try {
    seat.launch(outside_.launcher, order);
  } catch (const LaunchError& error) {
    seats_.pop_back();
    return settle(run->finishUnstarted(error.what(), outside_.chance()));
  }
  seat.start(std::move(run));
}

void Runner::onRunOver(Seat& seat, const ResourceUse* processEnd) {
  const auto run = seat.takeRun();
  const auto now = std::chrono::steady_clock::now();
  claimAhead_.runTook(run->age(now));
  RunVerdict verdict = run->finish(processEnd, outside_.chance(), now);
  if (auto* end = std::get_if<RunEnd>(&verdict)) addLookAtCommand(*end, run->run().task);
  const bool isLost = std::holds_alternative<std::monostate>(verdict);
  if (started_ && isLost) started_->remove(run->owned().runToken);  // nothing of it will be written
  settle(std::move(verdict));
}

// A script with line ends of Windows may have been started, but by an interpreter that could not make sense
// of it.
void Runner::addLookAtCommand(RunEnd& end, const Task& task) const {
  if (end.errorCode != "exit_status") return;
  const auto handler = handlers_.find(task.taskHandlerClass);
  if (handler == nullptr || !handler->command) return;
  const std::string problem = problemOfFirstLine(handler->command->command.front());
  if (!problem.empty()) end.errorMessage += " " + problem;
}

void Runner::settle(RunVerdict verdict) {
  if (auto* end = std::get_if<RunEnd>(&verdict)) {
    ++summary_.ended[end->status];
    ticker_->finish(std::move(*end));
  } else if (auto* release = std::get_if<RunRelease>(&verdict)) {
    ++summary_.released;
    ticker_->release(std::move(*release));
  }
  showRoom(1);
  endWhenDrained();
}

// Lets the database thread know how many more runs we take: `freed` ones are over.
void Runner::showRoom(int freed) {
  const int slots = settings_.configuration.slots;
  const int room = slots + claimAhead_.beyond(slots - countLongRuns());
  ticker_->addFreeSlots(room - std::exchange(room_, room) + freed);
}

void Runner::onWorkerGone(Seat& seat) {
  const bool neverReady = seat.isStarting() && !seat.hasRefused();
  // Not from inside the seat's own event: it is destroyed when the loop comes back.
  boost::asio::post(outside_.loop, [this, gone = &seat, host = seat.host(), neverReady] {
    seats_.remove_if([gone](const auto& kept) { return kept.get() == gone; });
    if (ended_) return;
    if (neverReady) onHostFailed(host, "");
    if (ended_) return;
    withdrawUnlessServed(host);
    serveWaiting();
    endWhenDrained();
  });
}

void Runner::stopRuns(const std::vector<int>& runIds, StopReason reason) {
  const auto now = std::chrono::steady_clock::now();
  const auto isMeant = [&](const RunInHand& run) {
    return std::find(runIds.begin(), runIds.end(), run.owned().runId) != runIds.end();
  };
  for (const auto& seat : seats_) {
    if (seat->run() != nullptr && isMeant(*seat->run())) seat->requestStop(reason, now);
  }
  for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
    const auto next = std::next(waiting);
    if (isMeant(*waiting->run)) settle(stopWaiting(waiting, reason, now));
    waiting = next;
  }
}

RunVerdict Runner::stopWaiting(Waiting::iterator waiting, StopReason reason, SteadyTime now) {
  waiting->run->requestStop(reason, now);
  const auto run = std::move(waiting->run);
  waiting_.erase(waiting);
  RunVerdict verdict = run->finish(nullptr, outside_.chance(), now);
  if (auto* release = std::get_if<RunRelease>(&verdict)) release->place = placeOf(run->run().task);
  return verdict;
}

void Runner::onLeaseLost(bool forGood) {
  const StopReason reason = forGood ? StopReason::Lost : StopReason::LeaseLost;
  const auto now = std::chrono::steady_clock::now();
  for (const auto& seat : seats_) seat->requestStop(reason, now);
  std::vector<int> waiting;
  for (const WaitingRun& entry : waiting_) waiting.push_back(entry.run->owned().runId);
  stopRuns(waiting, reason);
  if (forGood) finishWith(RunnerEnd::Fenced);
}

void Runner::onBroken() {
  finishWith(RunnerEnd::Broken);
}

void Runner::wake() {
  if (ticker_) ticker_->wake();
}

void Runner::requestDrain() {
  if (!drainEnd_) return drain();
  drainEnd_ = std::chrono::steady_clock::now();  // asked twice: now
}

void Runner::drain() {
  drainEnd_ = std::chrono::steady_clock::now() + settings_.configuration.drainLimit;
  drainAtLeisure();
}

void Runner::drainAtLeisure() {
  if (draining_ || ended_) return;
  log(Level::Info, "the runner drains", {{"runs", std::int64_t{runsInHand()}}});
  draining_ = true;
  if (ticker_) ticker_->stopClaiming();
  endWhenDrained();
}

void Runner::endWhenDrained() {
  if (!draining_ || ended_ || runsInHand() > 0) return;
  finishWith(RunnerEnd::Done);  // a claim that is under way is given back by the database thread
}

int Runner::runsInHand() const {
  return static_cast<int>(waiting_.size()) + runsInSeats();
}

int Runner::runsInSeats() const {
  return static_cast<int>(
      std::count_if(seats_.begin(), seats_.end(), [](const auto& seat) { return seat->run(); }));
}

void Runner::finishWith(RunnerEnd end) {
  if (ended_) return;
  ended_ = true;
  end_ = end;
  if (ticker_) {
    const bool written = ticker_->stop(end == RunnerEnd::Done ? kLastWrites : 0ms);
    if (!written && end_ == RunnerEnd::Done) end_ = RunnerEnd::Unwritten;
    if (started_ && (end_ == RunnerEnd::Done || end_ == RunnerEnd::Fenced)) started_->removeFile();
  }
  boost::asio::post(outside_.loop, [this] {
    seats_.clear();  // kills the workers that are left
    clock_.cancel();
    outside_.loop.stop();
  });
}

// Slots that will not be free within a moment: nothing is claimed ahead for them.
int Runner::countLongRuns() const {
  const auto now = std::chrono::steady_clock::now();
  return static_cast<int>(std::count_if(seats_.begin(), seats_.end(), [&](const auto& seat) {
    return seat->run() != nullptr && seat->run()->age(now) >= ClaimAhead::kLongestWait;
  }));
}

void Runner::scheduleClock() {
  clock_.expires_after(kClockPeriod);
  clock_.async_wait([this](const boost::system::error_code& error) {
    if (error || ended_) return;
    onClock();
    if (!ended_) scheduleClock();
  });
}

void Runner::onClock() {
  const auto now = std::chrono::steady_clock::now();
  if (ticker_) ticker_->loopTurned();
  if (!registered_ && nextRegistration_ != SteadyTime{} && now >= nextRegistration_) {
    nextRegistration_ = {};
    registerNow();
  }
  registerWhenReady();
  if (standaloneEnd_ && !draining_ && now >= *standaloneEnd_) drain();
  const bool drainIsOver = drainEnd_ && now >= *drainEnd_;
  for (const auto& seat : seats_) {
    if (seat->run() != nullptr && seat->run()->isOverTime(now)) seat->requestStop(StopReason::TimeLimit, now);
    if (drainIsOver) seat->requestStop(StopReason::Shutdown, now);
    seat->killIfOverGrace(now);
    seat->killIfLate(now);
  }
  if (ticker_ && ticker_->losesLease()) onLeaseLost(false);
  lookAfterHosts(now);
  giveBackWhatWaitsTooLong(now);
  if (drainIsOver && !waiting_.empty()) {
    std::vector<int> waiting;
    for (const WaitingRun& entry : waiting_) waiting.push_back(entry.run->owned().runId);
    stopRuns(waiting, StopReason::Shutdown);
  }
  if (ticker_ && now >= nextFlush_) {
    nextFlush_ = now + settings_.configuration.flush;
    flushNews();
  }
}

void Runner::flushNews() {
  if (!ticker_->takesNews()) return;
  for (const auto& seat : seats_) {
    RunInHand* run = seat->run();
    if (run == nullptr) continue;
    if (auto progress = run->takeProgress()) ticker_->report(std::move(*progress));
    for (const auto stream : {OutputStream::StandardOutput, OutputStream::ErrorOutput}) {
      if (auto chunk = run->takeOutput(stream)) ticker_->addOutput(std::move(*chunk));
    }
  }
}

}  // namespace taskqueue::runner
