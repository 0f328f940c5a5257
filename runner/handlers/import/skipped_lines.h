// The file of the lines that an import has skipped: CSV with the line's number and the reason before the
// fields as they were, so that it can be corrected and imported as it is. The two columns are ignored then.
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
  // `headers` must live as long.
  SkippedLines(const std::vector<std::string>& headers, std::int64_t mostBytes)
      : headers_(headers), mostBytes_(mostBytes) {}

  // Adds the line to `text`, which continues the file, and counts it in `file`. What would take the file over
  // its limit is left out, and all that comes behind it. Fields of more than 1 MiB together are left out.
  void add(const SkippedRow& row, const std::vector<std::string>& fields, SkippedFileState& file,
           std::string& text) const;

 private:
  std::string lineOf(const std::string& line, const std::string& reason,
                     const std::vector<std::string>& fields) const;

  const std::vector<std::string>& headers_;
  std::int64_t mostBytes_;
};

}  // namespace taskqueue::handlers
