// How much MariaDB takes when jobs come and go at once: clients that insert rows one by one, and one claimer
// that takes what is there, marks it, commits and ends it, in a table without history.
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
