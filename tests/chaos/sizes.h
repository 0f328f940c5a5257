// The size of the chaos tests. The defaults suit every submission; tests/chaos/run allows more.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace taskqueue::chaos {

struct Sizes {
  int cuts = 2000;    // cut database connections
  int kills = 100;    // killed runners
  int crashes = 3;    // crashes of the database server
  int saves = 500;    // old copies saved by the CMS's editor
  int restarts = 20;  // clean restarts of runners, by SIGTERM
  int tasks = 1500;   // done by one runner, which must not grow
  int seconds = 0;    // limit for kills and for cuts each; 0: no limit
  std::uint64_t seed = 1;
};

// Reads the environment: TASKQUEUE_CHAOS_CUTS, _KILLS, _CRASHES, _SAVES, _RESTARTS, _TASKS, _SECONDS, _SEED.
inline Sizes sizes() {
  Sizes sizes;
  if (const char* cuts = std::getenv("TASKQUEUE_CHAOS_CUTS")) sizes.cuts = std::atoi(cuts);
  if (const char* kills = std::getenv("TASKQUEUE_CHAOS_KILLS")) sizes.kills = std::atoi(kills);
  if (const char* crashes = std::getenv("TASKQUEUE_CHAOS_CRASHES")) sizes.crashes = std::atoi(crashes);
  if (const char* saves = std::getenv("TASKQUEUE_CHAOS_SAVES")) sizes.saves = std::atoi(saves);
  if (const char* restarts = std::getenv("TASKQUEUE_CHAOS_RESTARTS")) sizes.restarts = std::atoi(restarts);
  if (const char* tasks = std::getenv("TASKQUEUE_CHAOS_TASKS")) sizes.tasks = std::atoi(tasks);
  if (const char* seconds = std::getenv("TASKQUEUE_CHAOS_SECONDS")) sizes.seconds = std::atoi(seconds);
  if (const char* seed = std::getenv("TASKQUEUE_CHAOS_SEED")) sizes.seed = std::strtoull(seed, nullptr, 10);
  return sizes;
}

}  // namespace taskqueue::chaos
