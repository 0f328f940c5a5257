// Cells of a CSV file (RFC 4180) that a spreadsheet may open.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace taskqueue::web {

// A text, in quotes. A quote (') stands before all that a spreadsheet would take for the beginning of a
// formula: at the beginning of the text, and behind what it may take for the end of a cell (ASVS 1.2.10).
// Control characters, but for tabs and line ends, become visible.
std::string csvText(std::string_view text);

// A number never begins a formula.
std::string csvNumber(std::int64_t number);

}  // namespace taskqueue::web
