// Reads RFC 4180 CSV row by row from a file, in constant memory.
//
// After each row the start of the next one is known. A reader that starts there returns exactly the remaining
// rows. Rows end with CRLF, LF or CR; quoted fields may hold any of them. The reader skips empty lines,
// blanks around unquoted fields, and a byte order mark at the start of the file. A reader belongs to one
// thread.
#pragma once

#include <csv.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taskqueue::handlers {

struct CsvPlace {
  std::int64_t position = 0;  // bytes before it in the file
  std::int64_t line = 1;      // number of the line that begins there
};

struct CsvLimits {
  std::int64_t fieldBytes = 1 << 20;
  std::int64_t rowBytes = 8 << 20;  // all fields of a row, with the memory overhead of each
};

struct CsvRow {
  std::vector<std::string> fields;
  std::int64_t line = 0;  // the line on which it begins
};

class CsvReader {
 public:
  // The caller keeps the descriptor, which must be seekable. `from` is a place that a reader of the same file
  // returned.
  CsvReader(int descriptor, const CsvLimits& limits, const CsvPlace& from = {});
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // Reads the next row; returns false at the end. Throws GiveUp with the line in its message: csv_malformed
  // (a quote out of place, or never closed), csv_not_utf8, csv_field_too_large, csv_row_too_large. Throws
  // TaskError file_unreadable when the file system fails.
  bool next(CsvRow& row);

  // The place after the row that was read last.
  const CsvPlace& place() const { return place_; }

 private:
  static void takeField(void* content, std::size_t size, void* reader);
  static void takeRowEnd(int terminator, void* reader);

  void add(std::string_view field);
  std::string_view nextSlice();
  bool refill();
  void feed(std::string_view slice);
  void finish();
  void throwProblem();
  [[noreturn]] void malformed(const std::string& what) const;

  int descriptor_;
  CsvLimits limits_;
  CsvPlace place_;
  csv_parser parser_{};

  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // start of the buffered bytes that are not parsed yet
  std::size_t end_ = 0;
  bool fileEnded_ = false;

  CsvRow* row_ = nullptr;
  std::int64_t rowBytes_ = 0;
  bool lineBegins_ = true;
  bool rowEnded_ = false;

  // An error found by a callback. The callback cannot throw because libcsv is C.
  struct Problem {
    const char* code;
    std::string text;
  };
  std::optional<Problem> problem_;
};

}  // namespace taskqueue::handlers
