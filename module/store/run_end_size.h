// Makes the end of a run as small as one statement of this server carries: what it leaves out is said in it.
#pragma once

#include <cstddef>

#include "module/queue/sync.h"

namespace taskqueue::store {

// Until the end takes at most `room` bytes as JSON, its outputs are cut in their middle, and Results that are
// larger than a third of the room are left out, which the error output says. The status stays.
void cutToSize(RunEnd& end, std::size_t room);

// The same chunks, none with more than `max` bytes of content.
std::vector<OutputChunk> splitToSize(const std::vector<OutputChunk>& chunks, std::size_t max);

}  // namespace taskqueue::store
