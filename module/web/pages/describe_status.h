// Where a task stands, in a sentence for people: why it waits, or how it ended.
#pragma once

#include <string>

#include "module/health/fixes.h"
#include "module/queue/waiting.h"
#include "module/texts/texts.h"

namespace taskqueue::web {

std::string describeStatus(const WaitFacts& facts, const Texts& say);
// What would get it going, where somebody can do something, in words or as a line for the shell; empty
// otherwise.
std::string suggestAction(const WaitFacts& facts, const Texts& say);
std::vector<health::Fix> fixesFor(const WaitFacts& facts);

}  // namespace taskqueue::web
