// The throughput of MariaDB when jobs arrive and end at the same time. Clients insert rows one by one. One
// claimer takes all rows, marks them, commits and ends them, in a table without history.
#pragma once

#include <chrono>

#include "tests/bench/bare_connection.h"

namespace taskqueue::bench {

struct MixRates {
  double enqueued = 0;  // per second
  double finished = 0;
};

MixRates runRawMix(const BareServer& server, int clients, std::chrono::duration<double> time);

}  // namespace taskqueue::bench
