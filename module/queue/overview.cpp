#include "module/queue/overview.h"

#include <charconv>
#include <cmath>

namespace taskqueue {
namespace {

constexpr double kBucketsPerDoubling = 4;
constexpr int kMaxBuckets = 256;

}  // namespace

int RunTimes::bucketOf(std::int64_t milliseconds) {
  return static_cast<int>(std::floor(
      kBucketsPerDoubling * std::log2(1 + static_cast<double>(std::max<std::int64_t>(0, milliseconds)))));
}

void RunTimes::add(std::string_view histogram) {
  const char* at = histogram.data();
  const char* const end = at + histogram.size();
  while (at != end) {
    int bucket = 0;
    std::int64_t runs = 0;
    const auto first = std::from_chars(at, end, bucket);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != ':') return;
    const auto second = std::from_chars(first.ptr + 1, end, runs);
    if (second.ec != std::errc() || bucket < 0 || bucket > kMaxBuckets || runs < 0) return;
    runs_[bucket] += runs;
    at = second.ptr;
    if (at != end) ++at;  // skips the blank
  }
}

std::string RunTimes::histogram() const {
  std::string text;
  for (const auto& [bucket, runs] : runs_)
    text += (text.empty() ? "" : " ") + std::to_string(bucket) + ":" + std::to_string(runs);
  return text;
}

std::optional<std::int64_t> RunTimes::percentile(double part) const {
  std::int64_t all = 0;
  for (const auto& [bucket, runs] : runs_) all += runs;
  if (all == 0) return std::nullopt;
  std::int64_t seen = 0;
  for (const auto& [bucket, runs] : runs_) {
    seen += runs;
    if (static_cast<double>(seen) >= part * static_cast<double>(all))
      return static_cast<std::int64_t>(std::llround(std::exp2((bucket + 0.5) / kBucketsPerDoubling) - 1));
  }
  return std::nullopt;
}

}  // namespace taskqueue
