#include "module/command_line/doctor/doctor.h"

#include <sysexits.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "module/json/writer.h"
#include "module/platform/terminal_text.h"

namespace taskqueue::command_line {
namespace {

using doctor::Finding;
using doctor::Findings;
using doctor::State;
using platform::terminalText;

constexpr std::array kStates{State::Ok, State::NotChecked, State::Warning, State::Problem};

std::int64_t countOf(const Findings& findings, State state) {
  return std::count_if(findings.begin(), findings.end(),
                       [&](const Finding& each) { return each.state == state; });
}

// Returns the states in the words of the list.
std::string_view wordOf(State state) {
  return state == State::NotChecked ? "not checked" : toString(state);
}

void printList(const Findings& findings) {
  for (const Finding& finding : findings) {
    std::cout << wordOf(finding.state) << "  " << finding.check << "  "
              << (finding.place.empty() ? "" : terminalText(finding.place) + "  ")
              << terminalText(finding.text) << "\n";
    if (!finding.mend.empty()) std::cout << "  fix: " << terminalText(finding.mend) << "\n";
  }
  std::string counts;
  for (const State state : kStates) {
    counts += (counts.empty() ? "" : ", ") + std::to_string(countOf(findings, state)) + " " +
              std::string(wordOf(state));
  }
  std::cout << counts << "\n";
}

void printJson(const Findings& findings) {
  json::Writer to;
  to.startObject().key("Findings").startArray();
  for (const Finding& finding : findings) {
    to.startObject()
        .member("Check", finding.check)
        .member("State", toString(finding.state))
        .member("Place", finding.place)
        .member("Text", finding.text)
        .member("Fix", finding.mend)
        .endObject();
  }
  to.endArray().key("Counts").startObject();
  for (const State state : kStates) to.member(toString(state), countOf(findings, state));
  to.endObject().endObject();
  std::cout << to.text() << "\n";
}

}  // namespace

DoctorCommand::DoctorCommand(CLI::App& app)
    : doctor_(app.add_subcommand("doctor",
                                 "find what is wrong with this site, and the line that mends it; exit codes: "
                                 "0 all is well, 1 warnings, "
                                 "2 problems, 69 no database")) {
  doctor_->add_flag("--json", json_, "print JSON");
}

int DoctorCommand::run(const platform::Configuration& configuration, const Stores& stores,
                       const health::SchemaProblem& schemaProblem,
                       const doctor::ReadDatabase& readDatabase) const {
  const doctor::Diagnosis diagnosis = doctor::examine(configuration, stores, schemaProblem, readDatabase);
  json_ ? printJson(diagnosis.findings) : printList(diagnosis.findings);
  if (!diagnosis.isDatabaseReached) return EX_UNAVAILABLE;
  if (countOf(diagnosis.findings, State::Problem) > 0) return 2;
  return countOf(diagnosis.findings, State::Warning) > 0 ? 1 : EX_OK;
}

}  // namespace taskqueue::command_line
