// Files that a run leaves for download from its page. They stand in the database, since the page may be shown
// by another host.
#pragma once

#include <string>

#include "module/store/connection.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread. All of it needs the caller's transaction, in which the run is fenced,
// and throws StoreError.
class RunFiles {
 public:
  RunFiles(store::Connection& connection, int runId) : connection_(connection), runId_(runId) {}

  // Adds to the file what follows part - 1. A part is smaller than what one statement can carry (8 MiB).
  void append(const std::string& name, const std::string& contentType, int part, const std::string& content);

  void removeAll();
  // The files of an earlier run of the same task become this run's.
  void takeFrom(int otherRunId);

 private:
  store::Connection& connection_;
  int runId_;
};

}  // namespace taskqueue::handlers
