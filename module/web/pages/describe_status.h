// Describes for people why a task waits, or how it ended.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "module/health/fixes.h"
#include "module/queue/waiting.h"
#include "module/texts/texts.h"

namespace taskqueue::web {

// Returns one or two sentences. `newest` is the task's newest run, if it has any.
std::string describeStatus(const WaitFacts& facts, const std::optional<Run>& newest, const Texts& say);
// Returns advice or a shell command that lets the task proceed. It is empty if no action is possible.
std::string suggestAction(const WaitFacts& facts, const Texts& say);
std::vector<health::Fix> fixesFor(const WaitFacts& facts);

}  // namespace taskqueue::web
