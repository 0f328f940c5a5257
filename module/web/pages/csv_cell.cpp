#include "module/web/pages/csv_cell.h"

#include <algorithm>
#include <array>

#include "module/queue/control_characters.h"
#include "module/web/log/escape.h"

namespace taskqueue::web {
namespace {

// East Asian versions of spreadsheets treat the full-width forms like the ASCII ones.
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
  // A spreadsheet that is set to another separator ignores the quotes around a cell.
  constexpr std::string_view kEndsOfCells = ",;|\t\r\n";
  constexpr std::string_view kPassedOver = " \"";  // characters that may precede the start of a cell
  const bool isLeadingEnd = !text.empty() && isOneOf(text.front(), "\t\r\n");
  std::string cell = isLeadingEnd ? "\"'" : "\"";
  bool isBeginning = true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (!isOneOf(c, "\t\r\n") && lengthOfControl(text.substr(at)) > 0) {
      addVisibleControl(cell, text.substr(at));
      at += lengthOfControl(text.substr(at)) - 1;
      isBeginning = false;
      continue;
    }
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
