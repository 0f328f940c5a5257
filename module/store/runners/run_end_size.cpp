#include "module/store/runners/run_end_size.h"

#include <algorithm>
#include <string>
#include <utility>

#include "module/queue/utf8_text.h"

namespace taskqueue::store {
namespace {

constexpr std::size_t kPartOfResults = 3;
constexpr std::size_t kPartOfMessage = 8;
constexpr std::size_t kPartOfHead = 4;  // the head's part of a kept output

std::string_view lastCharacters(std::string_view text, std::size_t max) {
  std::size_t from = text.size() - std::min(text.size(), max);
  while (from < text.size() && continuesCharacter(text[from])) ++from;
  return text.substr(from);
}

// Keeps the head and the tail, with one line between that tells how much is left out.
void shorten(CapturedText& text, std::size_t max) {
  if (text.kept.size() <= max) return;
  const std::string line = droppedLine(text.droppedBytes);
  const auto at = text.droppedBytes > 0 ? text.kept.find(line) : std::string::npos;
  const std::string_view all = text.kept;
  const std::string_view head = cutAtCharacter(all.substr(0, at), max / kPartOfHead);
  const std::string_view behind =
      at == std::string::npos ? all.substr(head.size()) : all.substr(at + line.size());
  const std::string_view tail = lastCharacters(behind, max - max / kPartOfHead);
  text.droppedBytes = text.totalBytes - static_cast<std::int64_t>(head.size() + tail.size());
  text.kept = std::string(head) + droppedLine(text.droppedBytes) + std::string(tail);
}

void addLine(CapturedText& text, const std::string& line) {
  text.kept += line;
  text.totalBytes += static_cast<std::int64_t>(line.size());
}

}  // namespace

std::size_t textBytesOf(const RunEnd& end) {
  return end.standardOutput.kept.size() + end.errorOutput.kept.size() +
         (end.results ? end.results->size() : 0) + end.errorMessage.size();
}

void cutToSize(RunEnd& end, std::size_t room) {
  if (textBytesOf(end) <= room) return;
  end.errorMessage = cutAtCharacter(end.errorMessage, room / kPartOfMessage / 2);
  std::string left;
  if (end.results && end.results->size() > room / kPartOfResults) {
    left = "\n[Results of " + std::to_string(end.results->size()) +
           " bytes are left out: the database server takes too little at once (max_allowed_packet)]\n";
    end.results.reset();
  }
  std::size_t max = room / 4;
  while (textBytesOf(end) + left.size() > room && max > 0) {
    shorten(end.standardOutput, max);
    shorten(end.errorOutput, max);
    max /= 2;
  }
  if (!left.empty()) addLine(end.errorOutput, left);
}

std::vector<OutputChunk> splitToSize(const std::vector<OutputChunk>& chunks, std::size_t max) {
  std::vector<OutputChunk> all;
  for (const OutputChunk& chunk : chunks) {
    OutputChunk rest = chunk;
    while (rest.content.size() > max) {
      OutputChunk part = rest;
      part.content = cutAtCharacter(rest.content, max);
      if (part.content.empty()) break;
      rest.content.erase(0, part.content.size());
      rest.position += static_cast<std::int64_t>(part.content.size());
      rest.dropFrom = rest.dropTo = 0;
      all.push_back(std::move(part));
    }
    all.push_back(std::move(rest));
  }
  return all;
}

}  // namespace taskqueue::store
