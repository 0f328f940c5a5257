// Describes a handler's declaration for people.
#pragma once

#include <string>

#include "module/queue/overview.h"
#include "module/queue/runner.h"
#include "module/texts/texts.h"

namespace taskqueue::web {

// "C++", "PHP", "command", or the worker pool of that name.
std::string kindText(const std::string& kind, const Texts& say);
// Says on how many runners it is, or since when on none.
std::string runnersText(const HandlerDeclaration& handler, const Texts& say);
// Says how often a task is tried and how long it waits in between, as far as the handler declares it.
std::string retriesText(const HandlerSettings& settings, const Texts& say);
// "12" or "unlimited".
std::string limitText(int limit, const Texts& say);
// Returns the share of runs that succeeded, in percent with one decimal; a dash without runs.
std::string successRate(const MinuteStats& sums);

}  // namespace taskqueue::web
