// Writes JSON from members and optional values.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace taskqueue::json {

class Writer {
 public:
  Writer& startObject() { return writer_.StartObject(), *this; }
  Writer& endObject() { return writer_.EndObject(), *this; }
  Writer& startArray() { return writer_.StartArray(), *this; }
  Writer& endArray() { return writer_.EndArray(), *this; }

  Writer& key(std::string_view name) {
    writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    return *this;
  }
  Writer& value(std::string_view text) {
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    return *this;
  }
  Writer& value(const std::string& text) { return value(std::string_view(text)); }
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(bool truth) { return writer_.Bool(truth), *this; }
  template <typename Number>
  requires(std::is_integral_v<Number> && !std::is_same_v<Number, bool>) Writer& value(Number number) {
    return writer_.Int64(static_cast<std::int64_t>(number)), *this;
  }
  Writer& value(double number) { return writer_.Double(number), *this; }
  Writer& null() { return writer_.Null(), *this; }
  template <typename T>
  Writer& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : null();
  }
  // Inserts text that must be valid JSON.
  Writer& raw(std::string_view json) {
    writer_.RawValue(json.data(), json.size(), rapidjson::kObjectType);
    return *this;
  }

  template <typename T>
  Writer& member(std::string_view name, const T& content) {
    return key(name).value(content);
  }

  std::string text() const { return {buffer_.GetString(), buffer_.GetSize()}; }
  std::size_t size() const { return buffer_.GetSize(); }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace taskqueue::json
