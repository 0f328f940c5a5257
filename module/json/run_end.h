// Converts the end of a run to and from JSON. The store's batches and the runners' journals use this form.
#pragma once

#include <optional>

#include "module/json/read.h"
#include "module/json/writer.h"
#include "module/queue/sync.h"

namespace taskqueue::json {

inline constexpr std::size_t kShortTextBytes = 255;      // size of a short text column
inline constexpr std::size_t kStoredErrorBytes = 60000;  // of an ErrorMessage

// Cuts a text to the size of its column, and marks a cut with an ellipsis.
std::string cutTo(std::string_view text, std::size_t bytes);

// Opens an object and writes the members that prove the ownership.
Writer& beginOwned(Writer& to, const RunOwnership& owned);

// Cuts error and note to the size of their columns.
void writeRunEnd(Writer& to, const RunEnd& end);

// Returns nothing if the object is not the end of a run.
std::optional<RunEnd> readRunEnd(const Value& object);

}  // namespace taskqueue::json
