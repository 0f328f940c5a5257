#include <thread>

#include "tests/bench/bare_insert.h"
#include "tests/bench/raw_mix.h"
#include "tests/bench/rows.h"

namespace taskqueue::bench {
namespace {

constexpr int kMixedRowsRunners = 2;

// Clients INSERT as the CMS does, while runners work.
MixRates runMix(Stack& stack, int clients, std::chrono::duration<double> time) {
  stack.empty();
  MixRates rates;
  std::jthread inserters([&] { rates.enqueued = insertBare(stack.bare(), clients, time); });
  const auto start = Clock::now();
  std::this_thread::sleep_for(time);
  const auto finished = stack.eye()
                            .queryText("SELECT COUNT(*) FROM inp_TaskQueue WHERE LastStatus = 'success'")
                            .at(0)
                            .integer();
  rates.finished = static_cast<double>(finished) / secondsSince(start);
  inserters.join();
  return rates;
}

}  // namespace

void addMixedRows(Stack& stack, const Sizes& sizes, Table& table) {
  const std::chrono::duration<double> time(sizes.seconds);
  for (const int clients : {1, 8, 32}) {
    const std::string name = std::to_string(clients) + " client" + (clients > 1 ? "s" : "") + " enqueue, " +
                             std::to_string(kMixedRowsRunners) + " runners drain: ";
    Figure enqueued{.row = name + "enqueued", .unit = "tasks/s", .baselineName = "raw mix"};
    Figure finished{.row = name + "finished", .unit = "tasks/s", .baselineName = "raw mix"};
    for (int i = 0; i < sizes.repetitions; ++i) {
      stack.stopRunners();
      const MixRates raw = runRawMix(stack.bare(), clients, time);
      stack.startRunners(kMixedRowsRunners);
      const MixRates ours = runMix(stack, clients, time);
      enqueued.baseline.push_back(raw.enqueued);
      enqueued.ours.push_back(ours.enqueued);
      finished.baseline.push_back(raw.finished);
      finished.ours.push_back(ours.finished);
    }
    table.add(std::move(enqueued));
    table.add(std::move(finished));
  }
}

}  // namespace taskqueue::bench
