// A finding of `taskqueue doctor`: what is wrong, where it was seen, and the line that mends it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taskqueue::command_line::doctor {

// In the order of how bad they are. NotChecked says that a check could not be made.
enum class State { Ok, NotChecked, Warning, Problem };

std::string_view toString(State state);  // ok, not_checked, warning, problem

struct Finding {
  State state = State::Ok;
  std::string text;
  std::string place{};  // the file, table, setting or runner concerned; empty: the whole site
  std::string mend{};   // one line: a command, a statement, or a sentence; empty: nothing is to be done
  std::string check{};  // name of the check; the list of checks sets it
};
using Findings = std::vector<Finding>;

}  // namespace taskqueue::command_line::doctor
