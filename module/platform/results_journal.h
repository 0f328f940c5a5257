// A runner's journal on disk: the ends of runs that could not be written into the tables since the database
// was away. If the runner dies before it is back, whoever rescues its runs on this host writes them.
//
// One file for each runner; a line is the end of one run, guarded by its token like any other write.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "module/platform/configuration.h"
#include "module/queue/tick.h"

namespace taskqueue::platform {

class ResultsJournal {
 public:
  // In the runner.run_directory; without one, nothing is kept and nothing is found.
  ResultsJournal(const Configuration& configuration, int taskRunnerId);

  // On disk when this returns true. Otherwise nothing was added, and the log says why.
  bool append(std::span<const RunEnd> ends);
  // In the order in which they were written; a last line that was cut short is left out.
  std::vector<RunEnd> read() const;
  void remove();

 private:
  std::string path_;
};

}  // namespace taskqueue::platform
