// Scans the logs of a stack since a point in time for unexpected lines.
#pragma once

#include <map>
#include <regex>
#include <string>
#include <vector>

namespace taskqueue::test_support {

class LogScan {
 public:
  // `directory` holds the logs. Only lines written from now on are checked.
  explicit LogScan(std::string directory);

  // From now on, lines that match this pattern are expected.
  void expect(const std::string& pattern) { expected_.emplace_back(pattern); }

  // Errors and lines that no program of ours writes on purpose, and refused writes that were logged more than
  // once (I10). "file: line" each.
  std::vector<std::string> unexpected() const;

 private:
  bool isExpected(const std::string& line) const;

  std::string directory_;
  std::map<std::string, std::uintmax_t> sizes_;  // file sizes at the start
  std::vector<std::regex> expected_;
};

}  // namespace taskqueue::test_support
