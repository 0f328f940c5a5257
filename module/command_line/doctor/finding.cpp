#include "module/command_line/doctor/finding.h"

namespace taskqueue::command_line::doctor {

std::string_view toString(State state) {
  switch (state) {
    case State::Ok:
      return "ok";
    case State::NotChecked:
      return "not_checked";
    case State::Warning:
      return "warning";
    case State::Problem:
      return "problem";
  }
  return "";
}

}  // namespace taskqueue::command_line::doctor
