#include "runner/handlers/import/skipped_lines.h"

namespace taskqueue::handlers {
namespace {

constexpr std::string_view kLineHeader = "SkippedLine";
constexpr std::string_view kReasonHeader = "SkippedReason";
constexpr std::size_t kMaxFieldBytes = 1 << 20;  // per line

// The CSV reader removes these characters around an unquoted field.
bool isBlank(char c) {
  return c == ' ' || c == '\t';
}

std::string csvField(const std::string& text) {
  const bool isBare = text.find_first_of(",\"\r\n") == std::string::npos &&
                      (text.empty() || (!isBlank(text.front()) && !isBlank(text.back())));
  if (isBare) return text;
  std::string field = "\"";
  for (const char c : text) field.append(c == '"' ? 2 : 1, c);
  return field + '"';
}

std::size_t bytesOf(const std::vector<std::string>& fields) {
  std::size_t sum = 0;
  for (const std::string& field : fields) sum += field.size();
  return sum;
}

}  // namespace

std::string SkippedLines::lineOf(const std::string& line, const std::string& reason,
                                 const std::vector<std::string>& fields) const {
  std::string text = csvField(line) + "," + csvField(reason);
  const bool fit = fields.size() == headers_.size();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    // The input may itself be an earlier list of skipped lines.
    if (fit && (headers_[i] == kLineHeader || headers_[i] == kReasonHeader)) continue;
    text += "," + csvField(fields[i]);
  }
  return text + "\r\n";
}

void SkippedLines::add(const SkippedRow& row, const std::vector<std::string>& fields, SkippedFileState& file,
                       std::string& text) const {
  if (file.isCut) return;
  std::string more;
  if (file.bytes == 0) more = lineOf(std::string(kLineHeader), std::string(kReasonHeader), headers_);
  more += lineOf(std::to_string(row.line), row.reason,
                 bytesOf(fields) > kMaxFieldBytes ? std::vector<std::string>() : fields);
  const auto bytes = static_cast<std::int64_t>(more.size());
  if (file.bytes + bytes > maxBytes_) {
    file.isCut = true;
    return;
  }
  file.bytes += bytes;
  text += more;
}

}  // namespace taskqueue::handlers
