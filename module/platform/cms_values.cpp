#include "module/platform/cms_values.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace taskqueue::platform {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";
constexpr std::string_view kSection = "Database";
constexpr std::string_view kVariable = "$_CONFIG";
const std::string kNotPlain =
    "is not plain text in quotes: PHP code is not run here; write the value itself, or name another file";

struct Broken {
  std::size_t at;  // offset in the text
  std::string what;
};

int lineOf(std::string_view text, std::size_t at) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

// Reads PHP code that consists of assignments of plain values.
class PhpReader {
 public:
  explicit PhpReader(std::string_view text) : text_(text) {}

  std::map<std::string, CmsValue> read() {
    const auto open = text_.find("<?php");
    if (open == std::string_view::npos) throw Broken{0, "has no <?php"};
    at_ = open + std::string_view("<?php").size();
    while (skipBlanks(), at_ < text_.size()) {
      if (text_.substr(at_).starts_with("?>")) {
        if (text_.find("<?", at_) != std::string_view::npos) throw Broken{at_, "goes on behind ?>"};
        break;
      }
      if (!readAssignment()) skipStatement();
    }
    return std::move(values_);
  }

 private:
  // Returns the line of an offset. Offsets must not decrease, so that lines are counted only once.
  int lineOfNext(std::size_t at) {
    countedLines_ += lineOf(text_.substr(counted_), at - counted_) - 1;
    counted_ = at;
    return countedLines_ + 1;
  }

  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  void skipBlanks() {
    while (at_ < text_.size()) {
      if (kBlanks.find(text_[at_]) != std::string_view::npos) {
        ++at_;
      } else if (!skipComment()) {
        return;
      }
    }
  }

  bool skipComment() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("/*")) {
      const auto end = text_.find("*/", at_ + 2);
      if (end == std::string_view::npos) throw Broken{at_, "has a comment without an end"};
      at_ = end + 2;
      return true;
    }
    if (!rest.starts_with("//") && !rest.starts_with('#')) return false;
    // As in PHP, the end of the code ends the comment, too.
    at_ = std::min({text_.find('\n', at_), text_.find("?>", at_), text_.size()});
    return true;
  }

  // Reads a quoted string, or returns nothing if none begins here. Sets `isPlain` to false if PHP would
  // interpolate it.
  std::optional<std::string> readString(bool& isPlain) {
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') return std::nullopt;
    const std::size_t begun = at_;
    std::string value;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == quote) {
        ++at_;
        return value;
      }
      if (c == '$' && quote == '"') isPlain = false;
      if (c != '\\' || at_ + 1 == text_.size()) {
        value += c;
        continue;
      }
      const char escaped = text_[++at_];
      if (escaped == quote || escaped == '\\' || (quote == '"' && escaped == '$')) {
        value += escaped;
      } else {
        if (quote == '"') isPlain = false;  // escapes such as \n, which no configuration value needs
        value += {'\\', escaped};
      }
    }
    throw Broken{begun, "has a string without an end"};
  }

  std::optional<std::string> readIndex() {
    skipBlanks();
    bool isPlain = true;
    if (!take("[")) return std::nullopt;
    skipBlanks();
    auto name = readString(isPlain);
    skipBlanks();
    return name && isPlain && take("]") ? name : std::nullopt;
  }

  // Reads $_CONFIG['Section']['Key'] = value. The position does not change if other code is found.
  bool readAssignment() {
    const std::size_t begun = at_;
    if (take(kVariable)) {
      const auto section = readIndex();
      const auto key = section ? readIndex() : std::nullopt;
      skipBlanks();
      if (key && take("=") && !text_.substr(at_).starts_with('=') && !text_.substr(at_).starts_with('>')) {
        CmsValue value = readValue();
        value.line = lineOfNext(begun);
        if (*section == kSection) values_[*key] = std::move(value);
        return true;
      }
    }
    at_ = begun;
    return false;
  }

  CmsValue readValue() {
    skipBlanks();
    CmsValue value;
    bool isPlain = true;
    if (auto text = readString(isPlain)) {
      value.text = std::move(*text);
    } else {
      while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0))
        value.text += text_[at_++];
      const bool isNumber =
          !value.text.empty() && value.text.find_first_not_of("0123456789") == std::string::npos;
      if (value.text == "null" || value.text == "NULL" || value.text == "false") {
        value.text.clear();
      } else {
        isPlain = isNumber;
      }
    }
    skipBlanks();
    if (isPlain && take(";")) return value;
    value.problem = kNotPlain;
    skipStatement();
    return value;
  }

  // Returns whether the word here may let other code set these values.
  bool beginsCode(std::size_t at) const {
    constexpr std::array<std::string_view, 6> kWords{"include",      "include_once", "require",
                                                     "require_once", "eval",         "$GLOBALS"};
    const auto isOfWord = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c == '>' || c == ':';
    };
    if (at > 0 && isOfWord(text_[at - 1])) return false;
    std::size_t end = at;
    while (end < text_.size() && isOfWord(text_[end])) ++end;
    const std::string_view word = text_.substr(at, end - at);
    return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view known) {
      return word.size() == known.size() && ::strncasecmp(word.data(), known.data(), word.size()) == 0;
    });
  }

  // Skips any other statement. It is ignored unless it could set these values.
  void skipStatement() {
    const std::size_t begun = at_;
    bool ignored = true;
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("?>") || take(";")) return;
      if (rest.starts_with("<<<")) throw Broken{begun, "has a heredoc, which is not read here"};
      if (beginsCode(at_)) throw Broken{begun, "takes in or runs other code, which is not read here"};
      if (rest.starts_with(kVariable)) {
        throw Broken{begun,
                     "sets $_CONFIG in another way than $_CONFIG['Database']['Key'] = 'value'; only that can "
                     "be read, since nothing is executed here"};
      }
      if (!skipComment() && !readString(ignored)) ++at_;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t counted_ = 0;  // lines are counted up to this offset
  int countedLines_ = 0;     // line ends before counted_
  std::map<std::string, CmsValue> values_;
};

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// Reads the value of an ini line like PHP's parse_ini_file().
CmsValue iniValue(std::string_view from) {
  CmsValue value;
  const char quote = from.empty() ? '\0' : from.front();
  if (quote != '\'' && quote != '"') {
    from = trimmed(from.substr(0, from.find(';')));
    value.text = from == "null" || from == "none" ? "" : std::string(from);
    if (from.find_first_of("${}|&^~()\"'") != std::string_view::npos)
      value.problem = "has a character that means something in an ini file: put the value into quotes";
    return value;
  }
  std::size_t at = 1;
  for (; at < from.size() && from[at] != quote; ++at) {
    const bool isEscaped = quote == '"' && from[at] == '\\' && at + 1 < from.size() &&
                           (from[at + 1] == '"' || from[at + 1] == '\\');
    if (isEscaped) ++at;
    if (!isEscaped && quote == '"' && from.substr(at).starts_with("${")) value.problem = kNotPlain;
    value.text += from[at];
  }
  if (at >= from.size()) {
    value.problem = "has no quote at its end";
    return value;
  }
  const std::string_view behind = trimmed(from.substr(at + 1));
  if (!behind.empty() && !behind.starts_with(';')) value.problem = kNotPlain;
  return value;
}

std::map<std::string, CmsValue> readIni(std::string_view text) {
  std::map<std::string, CmsValue> values;
  std::string section{kSection};  // in a file without sections, all keys count
  int number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    // The guard line is PHP code that ends the script.
    if (line.empty() || line.front() == ';' || line.front() == '#' || line.starts_with("<?")) continue;
    if (line.front() == '[') {
      section = line.substr(1, line.find(']') - 1);
      continue;
    }
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || section != kSection) continue;
    CmsValue value = iniValue(trimmed(line.substr(equals + 1)));
    value.line = number;
    values[std::string(trimmed(line.substr(0, equals)))] = std::move(value);
  }
  return values;
}

// Returns whether the text is a PHP script that sets the variable. Otherwise it is ini lines after a guard
// line.
bool isPhp(std::string_view text) {
  const std::string_view first = text.substr(0, text.find('\n'));
  if (!trimmed(first).starts_with("<?php") || text.find(kVariable) == std::string_view::npos) return false;
  return first.find(kVariable) != std::string_view::npos || first.find("?>") == std::string_view::npos;
}

}  // namespace

CmsValues readCmsValues(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  try {
    return isPhp(text) ? PhpReader(text).read() : readIni(text);
  } catch (const Broken& broken) {
    return std::to_string(lineOf(text, broken.at)) + ": " + broken.what;
  }
}

}  // namespace taskqueue::platform
