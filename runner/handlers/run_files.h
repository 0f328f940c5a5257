// Files of a run, which its page offers for download. The database stores them, since another host may serve
// the page.
#pragma once

#include <string>

#include "module/store/database/connection.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread. All functions need the caller's transaction, in which the run is
// fenced, and throw StoreError.
class RunFiles {
 public:
  RunFiles(store::Connection& connection, int runId) : connection_(connection), runId_(runId) {}

  // Appends to the file the part after `part` - 1. A part must fit into one statement (8 MiB).
  void append(const std::string& name, const std::string& contentType, int part, const std::string& content);

  void removeAll();
  // Moves the files of an earlier run of the same task to this run.
  void takeFrom(int otherRunId);

 private:
  store::Connection& connection_;
  int runId_;
};

}  // namespace taskqueue::handlers
