// Where a task stands, in a sentence for people: why it waits, or how it ended.
#pragma once

#include <string>

#include "module/queue/waiting.h"
#include "module/web/pages/texts.h"

namespace taskqueue::web {

std::string whereItStands(const WaitFacts& facts, const Texts& say);
// What would get it going, where somebody can do something; empty otherwise.
std::string whatToDo(const WaitFacts& facts, const Texts& say);

}  // namespace taskqueue::web
