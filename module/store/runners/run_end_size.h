// Makes the end of a run small enough for one statement of this server. The end says what was left out.
#pragma once

#include <cstddef>

#include "module/queue/sync.h"

namespace taskqueue::store {

// Returns the bytes of the texts that may be large: outputs, Results and ErrorMessage.
std::size_t textBytesOf(const RunEnd& end);

// Cuts the texts of the end until they take at most `room` bytes. Outputs are cut in their middle. Results
// larger than a third of the room are left out, which the error output says. The status stays.
void cutToSize(RunEnd& end, std::size_t room);

// Returns the same chunks, split so that none has more than `max` bytes of content.
std::vector<OutputChunk> splitToSize(const std::vector<OutputChunk>& chunks, std::size_t max);

}  // namespace taskqueue::store
