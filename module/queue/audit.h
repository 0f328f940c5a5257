// The audit record: who changed what, and when.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/queue/task.h"

namespace taskqueue {

// The person or program that a store makes changes for. With an empty name nothing is recorded; this is how
// runners work.
struct Actor {
  std::string name;    // a user of the pages, or a program; empty: none
  std::string source;  // pages, api, cli, bulk
};

struct AuditEntry {
  int id = 0;
  std::optional<UnixSeconds> changedOn;
  Actor by;
  // enqueue, cancel, retry, pause, resume, limit, drain, stop; add, change, remove
  std::string action;
  std::optional<int> taskQueueId;  // the changed task, if it was a task
  std::string subject;             // otherwise the name of the queue, handler, runner or schedule
  std::string detail;
};

// A bulk task changes many tasks. Its entry names the person; the entries of those tasks have the source bulk.
bool isBulkHandler(std::string_view taskHandlerClass);
// Returns the detail of an enqueue: the handler, and for a bulk task what it acts on.
std::string describeEnqueue(const NewTask& task);

// Selects entries of the record. An absent member selects all.
struct AuditFilter {
  std::optional<std::string> by;
  std::optional<std::string> source;
  std::optional<std::string> action;
  std::optional<std::string> subjectPart;
  std::optional<int> taskQueueId;
  bool bulkParts = false;  // also the single tasks that a bulk action changed
  std::optional<int> beforeId;
};

inline constexpr int kAuditBatch = 5000;    // entries that one statement looks at
inline constexpr int kAuditSearched = 20000;  // entries that one search looks at

struct AuditPage {
  std::vector<AuditEntry> entries;  // newest first
  std::optional<int> next;          // the beforeId of the next page; absent: nothing is left
};

}  // namespace taskqueue
