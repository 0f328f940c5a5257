#include "module/json/read.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <set>
#include <vector>

namespace taskqueue::json {
namespace {

constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                            rapidjson::kParseFullPrecisionFlag;

// Counts and compares while the text streams by; builds nothing.
class Inspector : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Inspector> {
 public:
  explicit Inspector(const Limits& limits) : limits_(limits) {}

  std::string problem;
  bool tooLarge = false;

  bool Default() { return count(); }
  bool StartObject() { return enter(); }
  bool EndObject(rapidjson::SizeType) { return leave(); }
  bool StartArray() { return enter(); }
  bool EndArray(rapidjson::SizeType) { return leave(); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (keys_.back().emplace(text, size).second) return true;
    problem = "the member \"" + std::string(text, size).substr(0, 100) + "\" stands twice in one object";
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
  Inspector inspector(limits);
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  const auto inspected = reader.Parse<kFlags>(stream, inspector);
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
  return document;
}

std::optional<std::string_view> textMember(const Value& object, const char* name) {
  if (!object.IsObject()) return std::nullopt;
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return std::nullopt;
  return textOf(found->value);
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
