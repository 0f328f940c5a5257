#include "runner/handlers/import/column_type.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>
#include <utility>

#include "module/queue/utf8_text.h"
#include "runner/handlers/import/utf8.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {
namespace {

int bitsOf(std::string_view dataType) {
  constexpr std::pair<std::string_view, int> kBits[] = {
      {"tinyint", 8}, {"smallint", 16}, {"mediumint", 24}, {"int", 32}, {"bigint", 64}};
  for (const auto& [name, bits] : kBits) {
    if (name == dataType) return bits;
  }
  return 0;
}

bool isText(std::string_view dataType) {
  constexpr std::string_view kTexts[] = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext"};
  return std::find(std::begin(kTexts), std::end(kTexts), dataType) != std::end(kTexts);
}

// Returns bytes; 0 means that the character set is unknown.
int widestCharacterIn(std::string_view characterSet) {
  if (characterSet == "utf8mb4") return 4;
  if (characterSet == "utf8mb3" || characterSet == "utf8") return 3;
  return characterSet == "ascii" ? 1 : 0;
}

// A number is a sign, digits, and after a point more digits. MariaDB accepts more, but "1e3" or "0x10" in a
// price list is more likely a mistake.
struct Number {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
};

std::optional<Number> readNumber(std::string_view text) {
  Number number;
  if (text.starts_with('-') || text.starts_with('+')) {
    number.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const auto point = std::min(text.find('.'), text.size());
  number.whole = text.substr(0, point);
  number.fraction = text.substr(std::min(point + 1, text.size()));
  constexpr std::string_view kDigits = "0123456789";
  if (number.whole.find_first_not_of(kDigits) != std::string_view::npos) return std::nullopt;
  if (number.fraction.find_first_not_of(kDigits) != std::string_view::npos) return std::nullopt;
  if (number.whole.empty() && number.fraction.empty()) return std::nullopt;
  number.whole.remove_prefix(std::min(number.whole.find_first_not_of('0'), number.whole.size()));
  return number;
}

bool isZero(const Number& number) {
  return number.whole.empty() && number.fraction.find_first_not_of('0') == std::string_view::npos;
}

// Tells whether rounding to the column's scale adds a digit, as 99.995 does in DECIMAL(4,2).
bool overflowsRounded(const Number& number, const ColumnType& column) {
  const auto isNines = [](std::string_view digits) {
    return digits.find_first_not_of('9') == std::string_view::npos;
  };
  const auto scale = static_cast<std::size_t>(column.scale);
  return column.scale >= 0 && static_cast<int>(number.whole.size()) == column.wholeDigits &&
         number.fraction.size() > scale && isNines(number.whole) &&
         isNines(number.fraction.substr(0, scale)) && number.fraction[scale] >= '5';
}

bool fitsBits(const Number& number, const ColumnType& column) {
  if (number.whole.empty()) return true;
  std::uint64_t value = 0;
  const auto end = number.whole.data() + number.whole.size();
  if (std::from_chars(number.whole.data(), end, value).ec != std::errc()) return false;
  const int bits = column.negative ? column.bits - 1 : column.bits;
  const std::uint64_t largest = std::numeric_limits<std::uint64_t>::max() >> (64 - bits);
  return value <= largest + (number.negative ? 1 : 0);
}

std::optional<std::string> findNumberProblem(const ColumnType& column, std::string_view value) {
  constexpr std::size_t kShownBytes = 40;
  const std::string shown = column.name + " \"" + makeExcerpt(value, kShownBytes) + "\" ";
  const auto number = readNumber(value);
  if (!number) return shown + "is not a number";
  if (number->negative && !column.negative && !isZero(*number)) return shown + "is negative";
  if (column.kind == ColumnType::Kind::WholeNumber) {
    if (number->fraction.find_first_not_of('0') != std::string_view::npos)
      return shown + "is not a whole number";
    if (!fitsBits(*number, column)) return shown + "is out of range";
  } else if (static_cast<int>(number->whole.size()) > column.wholeDigits ||
             overflowsRounded(*number, column)) {
    return shown + "is out of range";
  }
  return std::nullopt;
}

std::optional<std::string> findTextProblem(const ColumnType& column, std::string_view value) {
  // A text never has more characters than bytes.
  const bool surelyShort =
      static_cast<std::int64_t>(value.size()) <= std::min(column.characters, column.bytes);
  if (!surelyShort && countCharacters(value) > column.characters) {
    return column.name + " is longer than " + std::to_string(column.characters) + " characters";
  }
  if (static_cast<std::int64_t>(value.size()) > column.bytes) {
    return column.name + " is longer than " + std::to_string(column.bytes) + " bytes";
  }
  if (column.widestCharacter < 4 && widestCharacterOf(value) > column.widestCharacter) {
    return column.name + " holds a character that the column's character set does not have";
  }
  return std::nullopt;
}

void readNumberType(ColumnType& column, const std::string& dataType, int precision, int scale) {
  column.negative = column.type.find("unsigned") == std::string::npos;
  column.bits = bitsOf(dataType);
  if (column.bits > 0) {
    column.kind = ColumnType::Kind::WholeNumber;
    return;
  }
  column.kind = ColumnType::Kind::Decimal;
  if (dataType == "decimal") column.scale = scale;
  constexpr int kFloatDigits = 38;
  constexpr int kDoubleDigits = 300;
  column.wholeDigits = dataType == "decimal" ? precision - scale
                       : dataType == "float" ? kFloatDigits
                                             : kDoubleDigits;
}

}  // namespace

ColumnType columnType(const CmsTable& table, const std::string& column) {
  const CmsColumn& from = table.column(column);
  ColumnType found;
  found.name = column;
  found.type = from.type;
  found.nullable = from.nullable;
  found.collation = from.collation;
  found.widestCharacter = widestCharacterIn(from.characterSet);
  found.characters = from.characters;
  found.bytes = from.bytes;
  if (from.isComputed) {
    throw GiveUp("database_schema", "the column " + column + " of " + table.name() +
                                        " is computed by the database: an import cannot fill it");
  }
  if (isText(from.dataType) && found.widestCharacter > 0) return found;
  const bool isNumber = bitsOf(from.dataType) > 0 || from.dataType == "decimal" || from.dataType == "float" ||
                        from.dataType == "double";
  if (!isNumber) {
    throw GiveUp("database_schema",
                 "the column " + column + " of " + table.name() + " is " + found.type +
                     ": an import can fill numbers, and texts in utf8mb4, utf8mb3 or ascii");
  }
  readNumberType(found, from.dataType, from.precision, from.scale);
  return found;
}

std::optional<std::string> findProblem(const ColumnType& column, std::string_view value) {
  if (column.kind == ColumnType::Kind::Text) return findTextProblem(column, value);
  if (!value.empty()) return findNumberProblem(column, value);
  if (column.nullable) return std::nullopt;
  return column.name + " is empty";
}

std::optional<std::string> cellOf(const ColumnType& column, std::string value) {
  if (column.kind != ColumnType::Kind::Text && value.empty()) return std::nullopt;
  if (column.kind == ColumnType::Kind::Text) return value;
  // "7.0" is a whole number, but the server rejects it. JSON_TABLE would cut a number with hundreds of zeros.
  const auto number = readNumber(value);
  if (!number) return value;
  std::string cell = number->negative && !isZero(*number) ? "-" : "";
  cell += number->whole.empty() ? "0" : number->whole;
  if (column.kind == ColumnType::Kind::WholeNumber || number->fraction.empty()) return cell;
  constexpr std::size_t kMaxDigits = 60;  // after the point; no column keeps more than 38
  return cell.append(".").append(number->fraction.substr(0, kMaxDigits));
}

std::string jsonTableType(const ColumnType& column) {
  // Numbers travel as text because JSON numbers would pass through a double.
  if (column.kind != ColumnType::Kind::Text) return "VARCHAR(400) CHARACTER SET ascii";
  // Without this the schema's character set would apply, which may be latin1.
  const std::string characterSet = " CHARACTER SET utf8mb4";
  constexpr std::int64_t kLongestVarchar = 1000;
  if (column.characters > kLongestVarchar) return "LONGTEXT" + characterSet;
  return "VARCHAR(" + std::to_string(std::max<std::int64_t>(column.characters, 1)) + ")" + characterSet;
}

std::string comparable(const ColumnType& column, const std::string& expression) {
  if (column.kind == ColumnType::Kind::Text) {
    const std::string characterSet = column.collation.substr(0, column.collation.find('_'));
    return "CONVERT(" + expression + " USING " + characterSet + ") COLLATE " + column.collation;
  }
  const bool isWhole = column.kind == ColumnType::Kind::WholeNumber;
  return "CAST(" + expression +
         (isWhole ? (column.negative ? " AS SIGNED)" : " AS UNSIGNED)") : " AS DECIMAL(65,30))");
}

}  // namespace taskqueue::handlers
