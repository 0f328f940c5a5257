// The command `taskqueue doctor` says what is wrong with this site, where, and which line mends it.
#pragma once

#include <CLI/CLI.hpp>

#include "module/command_line/doctor/examine.h"

namespace taskqueue::command_line {

class DoctorCommand {
 public:
  // Adds the subcommand. The parser writes into this object, so it must outlive the parsing.
  explicit DoctorCommand(CLI::App& app);

  bool isWanted() const { return doctor_->parsed(); }
  // Prints all findings. Returns 0 if all is well, 1 for warnings, 2 for problems, and EX_UNAVAILABLE without
  // a database.
  int run(const platform::Configuration& configuration, const Stores& stores,
          const health::SchemaProblem& schemaProblem, const doctor::ReadDatabase& readDatabase) const;

 private:
  CLI::App* doctor_;
  bool json_ = false;
};

}  // namespace taskqueue::command_line
