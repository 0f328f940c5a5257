#include "runner/captured_stream.h"

#include <algorithm>

#include "module/queue/utf8_text.h"

namespace taskqueue::runner {
namespace {

// Cuts at whole characters, because the database stores each piece as a text of its own.
std::string updateFrom(const std::string& kept, std::int64_t from) {
  constexpr std::size_t kMaxLiveUpdateBytes = 512 << 10;
  return std::string(
      cutAtCharacter(std::string_view(kept).substr(static_cast<std::size_t>(from)), kMaxLiveUpdateBytes));
}

}  // namespace

void CapturedStream::append(std::string_view raw) {
  const std::string text = cleaner_.clean(raw);
  if (masked_.isEmpty()) return keep(text);
  held_ += text;
  const std::size_t whole = held_.size() - masked_.openEnd(held_);
  keep(masked_.masked(std::string_view(held_).substr(0, whole)));
  held_.erase(0, whole);
}

void CapturedStream::keep(std::string_view text) {
  total_ += static_cast<std::int64_t>(text.size());
  const auto room = limits_.headBytes - static_cast<std::int64_t>(head_.size());
  if (room > 0 && tail_.empty()) {
    std::size_t fits = std::min(text.size(), static_cast<std::size_t>(room));
    while (fits > 0 && fits < text.size() && continuesCharacter(text[fits])) --fits;
    head_ += text.substr(0, fits);
    text.remove_prefix(fits);
  }
  tail_ += text;
  if (static_cast<std::int64_t>(tail_.size()) > 2 * limits_.tailBytes) shortenTail();
}

void CapturedStream::shortenTail() {
  if (static_cast<std::int64_t>(tail_.size()) <= limits_.tailBytes) return;
  std::size_t from = tail_.size() - static_cast<std::size_t>(limits_.tailBytes);
  while (from < tail_.size() && continuesCharacter(tail_[from])) ++from;
  tail_.erase(0, from);
}

CapturedText CapturedStream::finish() {
  held_ += cleaner_.finish();
  keep(masked_.masked(held_));
  shortenTail();
  CapturedText text;
  text.totalBytes = total_;
  text.droppedBytes = total_ - static_cast<std::int64_t>(head_.size() + tail_.size());
  text.kept = head_;
  if (text.droppedBytes > 0) text.kept += droppedLine(text.droppedBytes);
  text.kept += tail_;
  return text;
}

std::optional<CapturedStream::LiveUpdate> CapturedStream::takeUpdate() {
  if (reported_ == total_) return std::nullopt;
  shortenTail();
  const auto headEnd = static_cast<std::int64_t>(head_.size());
  LiveUpdate update;
  if (reported_ < headEnd) {
    update.position = reported_;
    update.content = updateFrom(head_, reported_);
  } else {
    update.position = std::max(reported_, tailStart());
    update.content = updateFrom(tail_, update.position - tailStart());
  }
  reported_ = update.position + static_cast<std::int64_t>(update.content.size());
  if (tailStart() > headEnd) {
    update.dropFrom = headEnd;
    update.dropTo = tailStart();
  }
  return update;
}

}  // namespace taskqueue::runner
