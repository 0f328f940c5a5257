// The benchmark's rows, by group.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/measurement.h"
#include "tests/bench/stack.h"

namespace taskqueue::bench {

struct Sizes {
  int repetitions = 5;
  double seconds = 3;             // per timed rate
  int drainTasks = 100'000;       // per drain by the C++ worker
  int phpTasks = 20'000;          // … by the PHP worker
  int commandTasks = 2'000;       // … by commands
  int probes = 100;               // tasks per latency sample
  int backlog = 100'000;          // low-priority tasks that wait meanwhile
  int claims = 200;               // per sample
  int claimSize = 10;             // tasks per claim
  int fewRows = 10'000;           // finished tasks of the small history
  int finishedRows = 10'000'000;  // … of the large one
  int waitingRows = 1'000'000;    // additional waiting tasks
  int snapshotTasks = 100'000;    // claimed and finished while a snapshot is open
  int outputMegabytes = 100;      // per run
  int writers = 50;               // runs that write at once, each with the same share
  double idleSeconds = 12;        // per sample
  int pageTasks = 5'000'000;      // in the listed table
  int pageRequests = 200;         // per sample
  int peerTasks = 20'000;         // per drain by a peer
};

struct Group {
  std::string name;
  void (*measure)(Stack& stack, const Sizes& sizes, Table& table);
  bool startsEmpty = true;  // false: it adds to the existing rows
};

// Returns the groups in measuring order; those that need many rows come last.
std::vector<Group> groups();

// Tasks per second over HTTP, single and in arrays.
void addEnqueueHttpRows(Stack& stack, const Sizes& sizes, Table& table);
// The site's own enqueue in PHP, inside a transaction.
void addEnqueuePhpRows(Stack& stack, const Sizes& sizes, Table& table);
// Tasks per second of runners with the full history, next to the bare database protocol.
void addDrainRows(Stack& stack, const Sizes& sizes, Table& table);
// The CPU time that the server takes for a task, until its purge has caught up.
void addCostRows(Stack& stack, const Sizes& sizes, Table& table);
// The same rates as of the drain, for PHP handlers and for commands.
void addWorkerRows(Stack& stack, const Sizes& sizes, Table& table);
// Clients that enqueue while runners work.
void addMixedRows(Stack& stack, const Sizes& sizes, Table& table);
// The time from the enqueue to the start of the handler.
void addLatencyRows(Stack& stack, const Sizes& sizes, Table& table);
void addOutputRows(Stack& stack, const Sizes& sizes, Table& table);
// The cost of all processes while there is nothing to do.
void addIdleRows(Stack& stack, const Sizes& sizes, Table& table);
// The API and the pages over a large table.
void addPageRows(Stack& stack, const Sizes& sizes, Table& table);
// Claims beside a large history, a large backlog and an old snapshot; also the rows that one claim locks.
void addClaimRows(Stack& stack, const Sizes& sizes, Table& table);
// Other queues that are installed.
void addPeerRows(Stack& stack, const Sizes& sizes, Table& table);

}  // namespace taskqueue::bench
