#include "module/json/read.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <charconv>
#include <set>
#include <vector>

#include "module/queue/utf8_text.h"

namespace taskqueue::json {
namespace {

constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                            rapidjson::kParseFullPrecisionFlag;

constexpr unsigned kInspectingFlags = kFlags | rapidjson::kParseNumbersAsStringsFlag;
// Returns whether a 64-bit integer, or the double of a decimal fraction, has the same value as this JSON
// number.
bool isKept(std::string_view number) {
  constexpr int kDigitsOfADouble = 17;
  if (number.find_first_of(".eE") == std::string_view::npos) {
    const bool negative = number.starts_with('-');
    std::int64_t asSigned = 0;
    std::uint64_t asUnsigned = 0;
    const char* end = number.data() + number.size();
    return (negative ? std::from_chars(number.data(), end, asSigned)
                     : std::from_chars(number.data(), end, asUnsigned))
               .ec == std::errc();
  }
  int digits = 0;
  int zeros = 0;  // zeros that may turn out to be trailing
  for (const char c : number.substr(0, number.find_first_of("eE"))) {
    if (c < '0' || c > '9' || (c == '0' && digits == 0)) continue;
    zeros = c == '0' ? zeros + 1 : 0;
    ++digits;
  }
  return digits - zeros <= kDigitsOfADouble;
}

// Checks limits and duplicate keys while the text is parsed. Builds no document.
class Inspector : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Inspector> {
 public:
  explicit Inspector(const Limits& limits) : limits_(limits) {}

  std::string problem;
  bool tooLarge = false;

  bool Default() { return count(); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    if (!limits_.exactNumbers || isKept({text, size})) return count();
    problem = "the number " + std::string(cutAtCharacter({text, size}, kQuotedBytes)) +
              " has more digits than a number keeps: write it as a string";
    return false;
  }
  bool StartObject() { return enter(); }
  bool EndObject(rapidjson::SizeType) { return leave(); }
  bool StartArray() { return enter(); }
  bool EndArray(rapidjson::SizeType) { return leave(); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (keys_.back().emplace(text, size).second) return true;
    problem = "the member \"" + std::string(cutAtCharacter({text, size}, kQuotedBytes)) +
              "\" stands twice in one object";
    return false;
  }

 private:
  bool count() {
    if (++members_ <= limits_.members) return true;
    tooLarge = true;
    problem = "more than " + std::to_string(limits_.members) + " values";
    return false;
  }
  bool enter() {
    keys_.emplace_back();
    if (static_cast<int>(keys_.size()) > limits_.depth) {
      tooLarge = true;
      problem = "nested deeper than " + std::to_string(limits_.depth) + " levels";
      return false;
    }
    return count();
  }
  bool leave() {
    keys_.pop_back();
    return true;
  }

  const Limits& limits_;
  std::vector<std::set<std::string>> keys_;
  int members_ = 0;
};

}  // namespace

std::variant<Document, Problem> read(std::string_view text, const Limits& limits) {
  if (static_cast<std::int64_t>(text.size()) > limits.bytes) {
    return Problem{Problem::Kind::TooLarge, "larger than " + std::to_string(limits.bytes) + " bytes"};
  }
  if (text.find('\0') != std::string_view::npos) {
    return Problem{Problem::Kind::Malformed, "not valid JSON: it has a NUL byte"};
  }
  Inspector inspector(limits);
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  const auto inspected = reader.Parse<kInspectingFlags>(stream, inspector);
  if (inspected.IsError()) {
    if (!inspector.problem.empty()) {
      return Problem{inspector.tooLarge ? Problem::Kind::TooLarge : Problem::Kind::Malformed,
                     inspector.problem};
    }
    return Problem{Problem::Kind::Malformed, std::string("not valid JSON at byte ") +
                                                 std::to_string(inspected.Offset()) + ": " +
                                                 rapidjson::GetParseError_En(inspected.Code())};
  }
  Document document;
  document.Parse<kFlags>(text.data(), text.size());
  if (document.HasParseError()) {  // only this parser finds numbers beyond a double's range
    return Problem{Problem::Kind::Malformed, "not valid JSON at byte " +
                                                 std::to_string(document.GetErrorOffset()) + ": " +
                                                 rapidjson::GetParseError_En(document.GetParseError())};
  }
  return document;
}

std::optional<std::string_view> textMember(const Value& object, const char* name) {
  if (!object.IsObject()) return std::nullopt;
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return std::nullopt;
  return textOf(found->value);
}

std::string textOrEmpty(const Value& object, const char* name) {
  return std::string(textMember(object, name).value_or(""));
}

std::optional<std::int64_t> integerMember(const Value& object, const char* name) {
  if (!object.IsObject()) return std::nullopt;
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsInt64()) return std::nullopt;
  return found->value.GetInt64();
}

std::string write(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace taskqueue::json
