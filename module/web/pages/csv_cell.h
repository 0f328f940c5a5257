// Writes cells of a CSV file (RFC 4180) that are safe to open in a spreadsheet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace taskqueue::web {

// Returns the text in quotes. It adds a quote (') before each possible start of a formula (ASVS 1.2.10). A
// formula may start the text, or follow a character that may end a cell. Control characters become visible,
// except tabs and line ends.
std::string csvText(std::string_view text);

// Returns the number without quotes, since a number never begins a formula.
std::string csvNumber(std::int64_t number);

}  // namespace taskqueue::web
