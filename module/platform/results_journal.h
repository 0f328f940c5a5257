// A runner's journal stores the ends of runs on disk while the database is unavailable. If the runner dies
// first, the process that rescues its runs on this host writes these ends.
//
// Each runner has one file. Each line is the end of one run, guarded by its token like any other write.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "module/platform/configuration.h"
#include "module/queue/sync.h"

namespace taskqueue::platform {

class ResultsJournal {
 public:
  // Uses runner.run_directory. Without one, nothing is stored and nothing is found.
  ResultsJournal(const Configuration& configuration, int taskRunnerId);

  // Returns true if all ends are on disk. Otherwise nothing was added, and the log says why.
  bool append(std::span<const RunEnd> ends);
  // Returns the ends in the order of writing, without a last line that is incomplete.
  std::vector<RunEnd> read() const;
  void remove();

 private:
  std::string path_;
};

}  // namespace taskqueue::platform
