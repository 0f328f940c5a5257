// The rows of the benchmark, by subject.
#pragma once

#include "tests/bench/measurement.h"
#include "tests/bench/stack.h"

namespace taskqueue::bench {

struct Sizes {
  int repetitions = 5;
  int drainTasks = 100000;
};

// Tasks per second that runners work off, with the full history, beside the bare protocol of the database.
void addDrainRows(Stack& stack, const Sizes& sizes, Table& table);

}  // namespace taskqueue::bench
