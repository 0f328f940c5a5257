#include "runner/masked_values.h"

#include <algorithm>

#include "module/json/masking.h"
#include "module/json/writer.h"
#include "runner/text_cleaner.h"

namespace taskqueue::runner {
namespace {

// The protocol admits only Results within these limits.
constexpr json::Limits kReadable{.bytes = 4 << 20, .depth = 64, .members = 200000};

bool isUnreserved(char c) {  // RFC 3986, 2.3
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

// How a URL writes the text: as RFC 3986 has it, or as a form does ('+' for a blank, "%7E" for '~').
std::string percentEncoded(std::string_view text, std::string_view digits, bool asForm) {
  std::string to;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (asForm && c == ' ') {
      to += '+';
    } else if (isUnreserved(c) && !(asForm && c == '~')) {
      to += c;
    } else {
      to += {'%', digits[byte >> 4], digits[byte & 0xF]};
    }
  }
  return to;
}

// Returns the JSON string without its quotes.
std::string asInJson(std::string_view text) {
  json::Writer writer;
  const std::string quoted = writer.value(text).text();
  return quoted.substr(1, quoted.size() - 2);
}

// json_encode() of PHP writes slashes this way.
std::string withEscapedSlashes(const std::string& json) {
  std::string to;
  for (const char c : json) to += c == '/' ? std::string("\\/") : std::string(1, c);
  return to;
}

// json_encode() of PHP writes what is not ASCII this way, in UTF-16.
std::string withEscapedUnicode(std::string_view json) {
  std::string to;
  const auto unit = [&](unsigned value) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    to += {'\\',
           'u',
           kDigits[value >> 12 & 0xF],
           kDigits[value >> 8 & 0xF],
           kDigits[value >> 4 & 0xF],
           kDigits[value & 0xF]};
  };
  for (std::size_t i = 0; i < json.size();) {
    const auto lead = static_cast<unsigned char>(json[i]);
    const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (bytes == 1 || i + bytes > json.size()) {
      to += json[i++];
      continue;
    }
    unsigned point = lead & (0xFFU >> (bytes + 1));
    for (std::size_t k = 1; k < bytes; ++k)
      point = point << 6 | (static_cast<unsigned char>(json[i + k]) & 0x3FU);
    if (point >= 0x10000) {
      unit(0xD800 + ((point - 0x10000) >> 10));
      unit(0xDC00 + ((point - 0x10000) & 0x3FF));
    } else {
      unit(point);
    }
    i += bytes;
  }
  return to;
}

std::vector<std::string_view> linesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of("\r\n"), text.size());
    if (end > 0) lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

void MaskedValues::addSpelling(std::string spelling) {
  if (std::find(spellings_.begin(), spellings_.end(), spelling) == spellings_.end())
    spellings_.push_back(std::move(spelling));
}

std::optional<std::string> MaskedValues::add(std::string_view value) {
  if (value.size() > kMaxMaskedBytes)
    return "a value to mask is longer than " + std::to_string(kMaxMaskedBytes) + " bytes";
  if (given_ == kMaxMaskedValues)
    return "a run masks at most " + std::to_string(kMaxMaskedValues) + " values";
  ++given_;
  TextCleaner cleaner;
  const std::string clean = cleaner.clean(value) + cleaner.finish();  // spelled as in the output
  const auto lines = linesOf(clean);
  for (const std::string_view line : lines) {
    const bool isBlank = line.find_first_not_of(" \t") == std::string_view::npos;
    if (isBlank || (lines.size() > 1 && line.size() < kMinMaskedLineBytes)) continue;
    const std::string escaped = asInJson(line);
    addSpelling(std::string(line));
    addSpelling(escaped);
    addSpelling(withEscapedSlashes(escaped));
    addSpelling(withEscapedUnicode(escaped));
    addSpelling(withEscapedSlashes(withEscapedUnicode(escaped)));
    for (const std::string_view digits : {"0123456789ABCDEF", "0123456789abcdef"}) {
      addSpelling(percentEncoded(line, digits, /*asForm=*/false));
      addSpelling(percentEncoded(line, digits, /*asForm=*/true));
    }
  }
  return std::nullopt;
}

std::vector<MaskedValues::Range> MaskedValues::found(std::string_view text) const {
  std::vector<Range> all;
  for (const std::string& spelling : spellings_) {
    for (auto at = text.find(spelling); at != std::string_view::npos; at = text.find(spelling, at + 1))
      all.push_back({at, at + spelling.size()});
  }
  std::sort(all.begin(), all.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
  std::vector<Range> merged;
  for (const Range& range : all) {
    if (merged.empty() || range.begin > merged.back().end) {
      merged.push_back(range);
    } else {
      merged.back().end = std::max(merged.back().end, range.end);
    }
  }
  return merged;
}

std::string MaskedValues::masked(std::string_view text) const {
  std::string to;
  std::size_t from = 0;
  for (const Range& range : found(text)) {
    to.append(text.substr(from, range.begin - from)).append(json::kMask);
    from = range.end;
  }
  return to.append(text.substr(from));
}

std::size_t MaskedValues::openEnd(std::string_view text) const {
  std::size_t begin = text.size();
  for (const std::string& spelling : spellings_) {
    const std::size_t max = std::min(spelling.size() - 1, text.size());
    for (std::size_t at = text.size() - max; at < begin; ++at) {
      if (spelling.starts_with(text.substr(at))) begin = at;
    }
  }
  // A value that overlaps the open end must stay whole.
  for (const Range& range : found(text)) {
    if (range.begin < begin && range.end > begin) begin = range.begin;
  }
  return text.size() - begin;
}

std::string MaskedValues::maskedJson(const std::string& text) const {
  if (isEmpty()) return text;
  auto parsed = json::read(text, kReadable);
  auto* document = std::get_if<json::Document>(&parsed);
  if (document == nullptr) return "\"" + std::string(json::kMask) + "\"";
  auto& memory = document->GetAllocator();
  const auto hide = [&](json::Value& string) {
    const std::string hidden = masked(json::textOf(string));
    string.SetString(hidden.data(), static_cast<rapidjson::SizeType>(hidden.size()), memory);
  };
  // The recursion is at most as deep as kReadable.depth.
  const auto walk = [&](const auto& self, json::Value& value) -> void {
    if (value.IsArray()) {
      for (json::Value& element : value.GetArray()) self(self, element);
    } else if (value.IsObject()) {
      for (auto& member : value.GetObject()) {
        hide(member.name);
        self(self, member.value);
      }
    } else if (value.IsString()) {
      hide(value);
    } else if (value.IsNumber() && !found(json::write(value)).empty()) {
      value.SetString(json::kMask, memory);
    }
  };
  walk(walk, *document);
  return json::write(*document);
}

}  // namespace taskqueue::runner
