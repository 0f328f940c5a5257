// The minimal INSERT of an enqueue: the columns that every task of ours has, one prepared statement,
// committed by itself.
#pragma once

#include <chrono>
#include <string>

#include "tests/bench/bare_connection.h"

namespace taskqueue::bench {

inline constexpr const char* kBareInsert =
    "INSERT INTO inp_TaskQueue (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, QueuedById, LastStatus, "
    "MaxRetries, Queue, Priority, NextRunOn, Title) VALUES ('Noop', ?, UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), "
    "0, "
    "'scheduled', 5, 'default', 5, UNIX_TIMESTAMP(), '')";

// The TaskData of tasks in the measurements.
inline constexpr const char* kTaskData = R"({"to":"user@example.com","subject":"hello","n":12345})";

// Returns rows per second of that INSERT over this many connections, each with its own thread.
double insertBare(const BareServer& server, int connections, std::chrono::duration<double> time);

// Does the same with multi-row statements as text, over one connection.
double insertBareRows(const BareServer& server, int rows, std::chrono::duration<double> time);

}  // namespace taskqueue::bench
