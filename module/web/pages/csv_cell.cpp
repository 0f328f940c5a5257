#include "module/web/pages/csv_cell.h"

#include <algorithm>
#include <array>

namespace taskqueue::web {
namespace {

// Spreadsheets of East Asian languages read the full-width forms as the others.
constexpr std::array<std::string_view, 8> kFormulaBeginnings{"=", "+", "-", "@", "＝", "＋", "－", "＠"};

bool beginsFormula(std::string_view text) {
  return std::any_of(kFormulaBeginnings.begin(), kFormulaBeginnings.end(),
                     [&](std::string_view beginning) { return text.starts_with(beginning); });
}

bool isOneOf(char c, std::string_view characters) {
  return characters.find(c) != std::string_view::npos;
}

}  // namespace

std::string csvText(std::string_view text) {
  constexpr std::string_view kEndsOfCells =
      ";\t\r\n";  // where ';' or a tab separates, quotes in a cell do not count
  constexpr std::string_view kPassedOver = " \"";  // before the beginning of a cell
  const bool isLeadingEnd = !text.empty() && isOneOf(text.front(), "\t\r\n");
  std::string cell = isLeadingEnd ? "\"'" : "\"";
  bool isBeginning = true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (isBeginning && beginsFormula(text.substr(at))) cell += '\'';
    isBeginning = isOneOf(c, kEndsOfCells) || (isBeginning && isOneOf(c, kPassedOver));
    cell += c == '"' ? std::string("\"\"") : std::string(1, c);
  }
  return cell + '"';
}

std::string csvNumber(std::int64_t number) {
  return std::to_string(number);
}

}  // namespace taskqueue::web
