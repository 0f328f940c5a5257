// Converts the end of a run to and from JSON. The store's batches and the runners' journals use this form.
#pragma once

#include <optional>

#include "module/json/read.h"
#include "module/json/writer.h"
#include "module/queue/sync.h"

namespace taskqueue::json {

inline constexpr std::size_t kShortTextBytes = 255;  // size of a short text column

// Opens an object and writes the members that prove the ownership.
Writer& beginOwned(Writer& to, const RunOwnership& owned);

// Cuts texts to the size of their columns; no other code does. Only the module's own or already limited texts
// arrive here.
void writeRunEnd(Writer& to, const RunEnd& end);

// Returns nothing if the object is not the end of a run.
std::optional<RunEnd> readRunEnd(const Value& object);

}  // namespace taskqueue::json
