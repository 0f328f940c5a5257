// The end of a run in JSON: a row of the store's batches and a line of a runner's journal.
#pragma once

#include <optional>

#include "module/json/read.h"
#include "module/json/writer.h"
#include "module/queue/tick.h"

namespace taskqueue::json {

inline constexpr std::size_t kShortTextBytes = 255;  // what a short column holds

// Opens an object that begins with what proves the ownership.
Writer& beginOwned(Writer& to, const RunOwnership& owned);

// Texts are cut here, and only here, to what their columns hold: they are ours or already limited by us.
void writeRunEnd(Writer& to, const RunEnd& end);

// Nothing when the object is no such end.
std::optional<RunEnd> readRunEnd(const Value& object);

}  // namespace taskqueue::json
