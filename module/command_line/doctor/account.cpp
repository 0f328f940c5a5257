// Checks the rights of the database account.
#include "module/command_line/doctor/checks.h"
#include "module/queue/word_list.h"

namespace taskqueue::command_line::doctor {

Findings checkRights(const Site& site) {
  const AccountRights& rights = site.database->rights;
  Findings found;
  if (!rights.isUsable) {
    found.push_back({.state = State::Problem,
                     .text = "the account lacks rights: " + wordList(rights.missing),
                     .place = rights.account,
                     .mend = rights.grant});
  }
  if (!rights.wide.empty()) {
    found.push_back({.state = State::Warning,
                     .text = "the account may do more than the queue needs: " + wordList(rights.wide),
                     .place = rights.account,
                     .mend = rights.revoke});
  }
  return found;
}

}  // namespace taskqueue::command_line::doctor
