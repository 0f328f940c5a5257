#include "tests/bench/raw_mix.h"

#include <atomic>
#include <memory>
#include <thread>

#include "tests/bench/bare_insert.h"
#include "tests/bench/measurement.h"

namespace taskqueue::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kRawMixBatch = 200;
constexpr const char* kMakeTable =
    "CREATE OR REPLACE TABLE raw_jobs (Id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, State TINYINT NOT NULL "
    "DEFAULT 0, Priority SMALLINT NOT NULL DEFAULT 5, DueOn INT NOT NULL, Content TEXT, LeaseUntil INT, "
    "FinishedOn INT, KEY Claim (State, Priority, DueOn), KEY LeaseUntil (LeaseUntil), KEY FinishedOn "
    "(FinishedOn)) ENGINE=InnoDB";
constexpr const char* kInsert = "INSERT INTO raw_jobs (DueOn, Content) VALUES (UNIX_TIMESTAMP(), ?)";
const std::string kRawMixLockDue =
    "SELECT Id FROM raw_jobs WHERE State = 0 AND Priority = 5 AND DueOn <= UNIX_TIMESTAMP() ORDER BY DueOn "
    "LIMIT " +
    std::to_string(kRawMixBatch) + " FOR UPDATE SKIP LOCKED";

// Returns the number of finished rows; 0: nothing was due.
int claimAndFinish(BareConnection& connection) {
  connection.say("START TRANSACTION");
  const auto ids = connection.firstColumn(kRawMixLockDue);
  std::string list;
  for (const std::string& id : ids) list += (list.empty() ? "" : ",") + id;
  if (!ids.empty()) {
    connection.say("UPDATE raw_jobs SET State = 1, LeaseUntil = UNIX_TIMESTAMP() + 60 WHERE Id IN (" + list +
                   ")");
  }
  connection.say("COMMIT");
  if (!ids.empty()) {
    connection.say(
        "UPDATE raw_jobs SET State = 2, LeaseUntil = NULL, FinishedOn = UNIX_TIMESTAMP() WHERE Id IN "
        "(" +
        list + ")");
  }
  return static_cast<int>(ids.size());
}

}  // namespace

MixRates runRawMix(const BareServer& server, int clients, std::chrono::duration<double> time) {
  BareConnection claimer(server);
  claimer.say(kMakeTable);
  std::vector<std::unique_ptr<BareConnection>> inserters;
  for (int i = 0; i < clients; ++i) inserters.push_back(std::make_unique<BareConnection>(server));
  std::atomic<int> enqueued = 0;
  int finished = 0;
  const auto start = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (const auto& inserter : inserters) {
      threads.emplace_back([&, connection = inserter.get()] {
        MYSQL_STMT* insert = connection->prepare(kInsert);
        for (; Clock::now() - start < time; ++enqueued) run(insert, kTaskData);
      });
    }
    while (Clock::now() - start < time) {
      try {
        const int done = claimAndFinish(claimer);
        finished += done;
        if (done == 0) std::this_thread::sleep_for(1ms);
      } catch (const Lost&) {
        claimer.say("ROLLBACK");
      }
    }
  }
  const double elapsed = secondsSince(start);
  claimer.say("DROP TABLE raw_jobs");
  return {enqueued / elapsed, finished / elapsed};
}

}  // namespace taskqueue::bench
