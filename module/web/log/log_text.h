// What is kept of one output stream, as numbered lines. Line numbers count the lines that are kept; what was
// dropped from the middle of a long stream has none. Windows of lines are found by going over the text: it is
// limited by runner.output_head_bytes and runner.output_tail_bytes, 8 MiB at most, which takes a few
// milliseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/web/log/line.h"

namespace taskqueue::web::log {

constexpr int kWindowLines = 500;  // in one answer, at most
constexpr std::size_t kWindowBytes = 512
                                     << 10;  // of text in one answer; a window may have fewer lines for it

// A place at the beginning of a line, from which reading can go on without what stands before it.
struct Cursor {
  std::int64_t position = 0;  // bytes of the whole stream before it
  std::int64_t line = 1;      // the number of the line that begins there
  Style style;                // carried into it

  bool operator==(const Cursor&) const = default;
};
std::string textOf(const Cursor& cursor);
std::optional<Cursor> parseCursor(std::string_view text);

struct Window {
  std::vector<Line> lines;  // consecutive
  Cursor next;              // behind them. A last line without a line feed is read again: it may grow
};

// Kept text between two gaps.
struct Segment {
  std::int64_t position = 0;       // bytes of the whole stream before it
  std::int64_t droppedBefore = 0;  // bytes
  std::string text;
};

class LogText {
 public:
  // `start` tells where the first segment begins; what it drops before counts from there.
  explicit LogText(std::vector<Segment> segments, Cursor start = {});

  // Number of the last line; one less than that of the start when there is none.
  std::int64_t lastLine() const { return lastLine_; }
  std::int64_t firstLine() const { return start_.line; }

  // Up to kWindowLines lines from this one on; none when it is beyond the last.
  Window window(std::int64_t firstLine) const;
  Window tail() const { return window(lastLine_ - kWindowLines + 1); }

  // As it is stored, with a line that tells what was dropped where something was.
  std::string stored() const;

  // The lines that contain `wanted`, whatever the case of ASCII letters: how many, and the number of the
  // match-th (from 1; the nearest that there is). Nothing when none does.
  struct Match {
    std::int64_t line = 0;
    std::int64_t match = 0;
    std::int64_t matches = 0;
  };
  std::optional<Match> find(std::string_view wanted, std::int64_t match) const;

 private:
  std::vector<Segment> segments_;
  Cursor start_;
  std::int64_t lastLine_ = 0;
};

// Marks what find() finds, in a line that is shown.
void markFound(Line& line, std::string_view wanted);

}  // namespace taskqueue::web::log
