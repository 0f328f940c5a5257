// The file of lines that an import has skipped, as CSV: line number, reason, then the original fields. It can
// be corrected and imported as it is; the import ignores the first two columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runner/handlers/import/import_state.h"

namespace taskqueue::handlers {

inline constexpr std::string_view kSkippedFileName = "skipped.csv";
inline constexpr std::string_view kSkippedFileType = "text/csv; charset=utf-8; header=present";

class SkippedLines {
 public:
  // `headers` must outlive this object.
  SkippedLines(const std::vector<std::string>& headers, std::int64_t maxBytes)
      : headers_(headers), maxBytes_(maxBytes) {}

  // Appends the line to `text`, the next part of the file, and counts it in `file`. A line beyond the size
  // limit, and all later lines, are left out. Fields of more than 1 MiB together are left out.
  void add(const SkippedRow& row, const std::vector<std::string>& fields, SkippedFileState& file,
           std::string& text) const;

 private:
  std::string lineOf(const std::string& line, const std::string& reason,
                     const std::vector<std::string>& fields) const;

  const std::vector<std::string>& headers_;
  std::int64_t maxBytes_;
};

}  // namespace taskqueue::handlers
