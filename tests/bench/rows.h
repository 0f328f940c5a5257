// The rows of the benchmark, by group.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/measurement.h"
#include "tests/bench/stack.h"

namespace taskqueue::bench {

struct Sizes {
  int repetitions = 5;
  double seconds = 3;             // of each rate that is taken by the clock
  int drainTasks = 100'000;       // of each drain by the C++ worker
  int phpTasks = 20'000;          // … by the PHP worker
  int commandTasks = 2'000;       // … by commands
  int probes = 100;               // tasks of each sample of latencies
  int backlog = 100'000;          // tasks of low priority that wait meanwhile
  int claims = 200;               // of each sample
  int claimSize = 10;             // tasks of each claim
  int fewRows = 10'000;           // finished tasks of the small history
  int finishedRows = 10'000'000;  // … of the large one
  int waitingRows = 1'000'000;    // tasks that wait besides
  int snapshotTasks = 100'000;    // claimed and finished while a snapshot is open
  int outputMegabytes = 100;      // of one run
  int writers = 50;               // runs that write at once, the same in all
  double idleSeconds = 12;        // of each sample
  int pageTasks = 5'000'000;      // in the table that is listed
  int pageRequests = 200;         // of each sample
  int peerTasks = 20'000;         // of each drain by a peer
};

struct Group {
  std::string name;
  void (*measure)(Stack& stack, const Sizes& sizes, Table& table);
  bool startsEmpty = true;  // false: it adds to the rows that are there
};

// In the order in which they are measured: what needs many rows comes last.
std::vector<Group> groups();

// Tasks per second over HTTP, one by one and in arrays.
void addEnqueueHttpRows(Stack& stack, const Sizes& sizes, Table& table);
// The site's own enqueue in PHP, inside a transaction.
void addEnqueuePhpRows(Stack& stack, const Sizes& sizes, Table& table);
// Tasks per second that runners work off, with the full history, beside the bare protocol of the database.
void addDrainRows(Stack& stack, const Sizes& sizes, Table& table);
// The same with handlers in PHP and with commands.
void addWorkerRows(Stack& stack, const Sizes& sizes, Table& table);
// Clients that enqueue while runners work.
void addMixedRows(Stack& stack, const Sizes& sizes, Table& table);
// From the enqueue to the start of the handler.
void addLatencyRows(Stack& stack, const Sizes& sizes, Table& table);
void addOutputRows(Stack& stack, const Sizes& sizes, Table& table);
// What everything costs when there is nothing to do.
void addIdleRows(Stack& stack, const Sizes& sizes, Table& table);
// The API and the pages over a large table.
void addPageRows(Stack& stack, const Sizes& sizes, Table& table);
// Claims beside a large history, a large backlog and an old snapshot; the rows that one locks.
void addClaimRows(Stack& stack, const Sizes& sizes, Table& table);
// Other queues, as far as they are installed.
void addPeerRows(Stack& stack, const Sizes& sizes, Table& table);

}  // namespace taskqueue::bench
