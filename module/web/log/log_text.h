// LogText is the kept part of one output stream, as numbered lines. Only kept lines have numbers; those
// dropped from the middle of a long stream have none. A window of lines is found by scanning the text. Its
// size is limited by runner.output_head_bytes and runner.output_tail_bytes. A scan of 8 MiB, the largest
// size, takes a few milliseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/web/log/line.h"

namespace taskqueue::web::log {

constexpr int kWindowLines = 500;  // most lines in one answer
// An answer ends after this many bytes of text, even with fewer lines.
constexpr std::size_t kWindowBytes = 512 << 10;

// Describes a position at the start of a line. Reading can continue there without the text before it.
struct Cursor {
  std::int64_t position = 0;  // bytes of the whole stream before it
  std::int64_t line = 1;      // number of the line that begins there
  Style style;                // style at the start of that line

  bool operator==(const Cursor&) const = default;
};
std::string writeCursor(const Cursor& cursor);
std::optional<Cursor> parseCursor(std::string_view text);

struct Window {
  std::vector<Line> lines;  // consecutive
  // This is the position after the lines. A last line without a line feed is read again, since it may grow.
  Cursor next;
};

// Holds the kept text between two gaps.
struct Segment {
  std::int64_t position = 0;       // bytes of the whole stream before it
  std::int64_t droppedBefore = 0;  // size in bytes of the gap before it
  std::string text;
};

class LogText {
 public:
  // `start` is where the first segment begins. Bytes dropped before that segment are counted from there.
  explicit LogText(std::vector<Segment> segments, Cursor start = {});

  // Returns the number of the last line, or one less than the start's if there are no lines.
  std::int64_t lastLine() const { return lastLine_; }
  std::int64_t firstLine() const { return start_.line; }

  // Returns up to kWindowLines lines from this one on, or none if it is beyond the last.
  Window linesFrom(std::int64_t firstLine) const;
  Window tail() const { return linesFrom(lastLine_ - kWindowLines + 1); }

  // Returns the stored text, with a line about dropped bytes at each gap.
  std::string stored() const;

  // Counts the lines that contain `wanted`, ignoring the case of ASCII letters. Returns the line of match
  // number `match`, or of the nearest match that exists; the first has number 1. Returns nothing if no line
  // matches.
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

// Marks in a shown line the text that find() looks for.
void markFound(Line& line, std::string_view wanted);

}  // namespace taskqueue::web::log
