// How much harm the chaos tests do. The defaults are for every submission; tests/chaos/run asks for more.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace taskqueue::chaos {

struct Sizes {
  int cuts = 2000;    // of database connections
  int kills = 100;    // of runners
  int crashes = 3;    // of the database server
  int saves = 500;    // of old copies, by the CMS's editor
  int restarts = 20;  // of runners, by SIGTERM
  int tasks = 1500;   // of one runner that must not grow
  int seconds = 0;    // at most, of kills and of cuts each; 0: as long as their numbers take
  std::uint64_t seed = 1;
};

// From the environment: TASKQUEUE_CHAOS_CUTS, _KILLS, _CRASHES, _SAVES, _RESTARTS,
// _TASKS, _SECONDS, _SEED.
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
