#include <stdexcept>

#include "module/platform/random.h"
#include "tests/bench/bare_protocol.h"
#include "tests/bench/history.h"
#include "tests/bench/rows.h"
#include "tests/support/locked_rows.h"

namespace taskqueue::bench {
namespace {

constexpr const char* kFewDatabase = "bench_few";
constexpr int kClaimRowsBatch = 500;

// Claims tasks and finishes them, like a bare database thread of a runner.
class Claimer {
 public:
  explicit Claimer(store::MariaStore& store) : store_(store) {
    NewRunner runner;
    runner.queues = {"default"};
    std::vector<HandlerDeclaration> handlers(1);
    handlers.front().taskHandlerClass = "Noop";
    runner_ = store_.runners.registerRunner(runner, handlers);
  }
  ~Claimer() { store_.runners.endRunner(runner_); }
  Claimer(const Claimer&) = delete;
  Claimer& operator=(const Claimer&) = delete;

  void insert(int tasks) {
    store_.connection().queryText(
        "INSERT INTO inp_TaskQueue (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, NextRunOn) SELECT "
        "'Noop', '{}', UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), UNIX_TIMESTAMP() FROM seq_1_to_" +
        std::to_string(tasks));
  }

  // Returns the seconds of one claim.
  double claim(int tasks) {
    SyncRequest request;
    request.taskRunnerId = runner_;
    request.claimLimit = tasks;
    request.queues = {"default"};
    request.handlers = {"Noop"};
    const auto start = Clock::now();
    claimed_ = store_.runners.sync(request).claimed;
    const double elapsed = secondsSince(start);
    if (static_cast<int>(claimed_.size()) != tasks) throw std::runtime_error("a claim did not get all");
    return elapsed;
  }

  void finish() {
    SyncRequest request;
    request.taskRunnerId = runner_;
    for (const ClaimedRun& run : claimed_)
      request.ends.push_back({.owned = run.owned, .percentsCompleted = 100});
    store_.runners.sync(request);
    claimed_.clear();
  }

 private:
  store::MariaStore& store_;
  int runner_ = 0;
  std::vector<ClaimedRun> claimed_;
};

// Two rows: the median and the tail of a claim's milliseconds.
class ClaimRows {
 public:
  ClaimRows(const std::string& name, const std::string& baseline)
      : middle_{.row = name + ", p50", .unit = "ms", .baselineName = baseline, .better = Better::Lower},
        tail_{.row = name + ", p99", .unit = "ms", .baselineName = baseline, .better = Better::Lower} {}

  // Takes one more sample.
  void measure(Claimer& claimer, const Sizes& sizes) {
    claimer.insert(sizes.claims * sizes.claimSize);
    std::vector<double> sample;
    for (int i = 0; i < sizes.claims; ++i) {
      sample.push_back(1000 * claimer.claim(sizes.claimSize));
      claimer.finish();
    }
    middle_.ours.push_back(quantile(sample, 0.5));
    tail_.ours.push_back(quantile(sample, 0.99));
  }

  void compareWith(const ClaimRows& other) {
    middle_.baseline = other.middle_.ours;
    tail_.baseline = other.tail_.ours;
  }

  void addTo(Table& table) const {
    table.add(middle_);
    table.add(tail_);
  }

 private:
  Figure middle_;
  Figure tail_;
};

void addLockRows(Claimer& claimer, Stack& stack, const Sizes& sizes, Table& table) {
  for (const int tasks : {1, 10, 100}) {
    Figure figure{.row = "rows locked by a claim of " + std::to_string(tasks),
                  .unit = "rows",
                  .baselineName = "tasks",
                  .better = Better::Lower};
    for (int i = 0; i < sizes.repetitions; ++i) {
      claimer.insert(10 * tasks);
      const auto locked = test_support::rowsLockedBy(stack.eye(), [&] { claimer.claim(tasks); });
      claimer.finish();
      figure.ours.push_back(static_cast<double>(locked));
      figure.baseline.push_back(tasks);
    }
    table.add(std::move(figure));
  }
}

}  // namespace

void addClaimRows(Stack& stack, const Sizes& sizes, Table& table) {
  const std::string name = "claim of " + std::to_string(sizes.claimSize);
  const auto histories = [](int rows) { return std::to_string(rows) + " finished tasks"; };
  const std::string baseline = histories(sizes.fewRows);
  const auto fewStore = stack.makeStore(kFewDatabase);
  const BareServer fewServer{stack.bare().socket, kFewDatabase};
  fillHistory(fewStore->connection(), sizes.fewRows);
  fillHistory(stack.eye(), sizes.finishedRows);
  ClaimRows few(name + " beside " + baseline, "");
  ClaimRows many(name + " beside " + histories(sizes.finishedRows), baseline);
  ClaimRows waiting(name + " besides " + std::to_string(sizes.waitingRows) + " waiting tasks", baseline);
  ClaimRows snapshot(name + " under a snapshot of " + std::to_string(sizes.snapshotTasks) + " tasks ago",
                     baseline);
  {
    Claimer fewClaimer(*fewStore);
    Claimer claimer(stack.store());
    for (int i = 0; i < sizes.repetitions; ++i) {
      few.measure(fewClaimer, sizes);
      many.measure(claimer, sizes);
    }
    claimer.insert(sizes.waitingRows);
    stack.eye().queryText("ANALYZE TABLE inp_TaskQueue, inp_TaskRuns");
    for (int i = 0; i < sizes.repetitions; ++i) waiting.measure(claimer, sizes);
    addLockRows(fewClaimer, stack, sizes, table);
    drainBare(fewServer, 1, kClaimRowsBatch);

    BareConnection old(fewServer);
    old.say("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    old.say("START TRANSACTION WITH CONSISTENT SNAPSHOT");
    fewClaimer.insert(sizes.snapshotTasks);
    drainBare(fewServer, 1, kClaimRowsBatch);
    for (int i = 0; i < sizes.repetitions; ++i) snapshot.measure(fewClaimer, sizes);
  }
  for (ClaimRows* rows : {&many, &waiting, &snapshot}) rows->compareWith(few);
  for (const ClaimRows* rows : {&few, &many, &waiting, &snapshot}) rows->addTo(table);
}

}  // namespace taskqueue::bench
