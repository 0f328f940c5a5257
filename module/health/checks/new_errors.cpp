// Tells which groups of errors are new. Their rate is judged by the failures.
#include <algorithm>

#include "module/health/checks/checks.h"
#include "module/queue/time_units.h"
#include "module/queue/utf8_text.h"

namespace taskqueue::health {
namespace {

constexpr std::size_t kSubjectBytes = 120;

}  // namespace

// Groups are read of a day, and are new for an hour. The subject tells apart the groups of a handler, since
// operators hear of each subject once.
Findings checkNewErrors(const Facts& facts) {
  Findings found;
  for (const ErrorGroup& group : facts.newErrors) {
    if (group.newOn.value_or(0) < facts.now() - kHourSeconds) continue;
    const std::string error =
        group.errorCode + (group.errorCode.empty() || group.pattern.empty() ? "" : ": ") + group.pattern;
    const std::string subject = group.taskHandlerClass + " " + error;
    found.push_back({.text = marked("%1 failed runs within the last day, with the error %2."),
                     .values = {std::to_string(group.failed), error},
                     .subject = std::string(cutAtCharacter(subject, kSubjectBytes)),
                     .since = group.newOn,
                     .count = group.failed,
                     .isNotified = true});
  }
  if (found.empty()) found.push_back({.text = marked("No error is new within the last hour.")});
  return found;
}

}  // namespace taskqueue::health
