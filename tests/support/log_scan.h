// What the programs of a stack have logged since a point in time, and which lines of it nobody expected.
#pragma once

#include <map>
#include <regex>
#include <string>
#include <vector>

namespace taskqueue::test_support {

class LogScan {
 public:
  // `directory` holds the logs. Only lines written from now on are looked at.
  explicit LogScan(std::string directory);

  // Lines that match are expected from now on.
  void expect(const std::string& pattern) { expected_.emplace_back(pattern); }

  // Errors and lines that no program of ours writes on purpose, and refused writes that were logged more than
  // once (I10). "file: line" each.
  std::vector<std::string> unexpected() const;

 private:
  bool isExpected(const std::string& line) const;

  std::string directory_;
  std::map<std::string, std::uintmax_t> sizes_;  // of the files at the beginning
  std::vector<std::regex> expected_;
};

}  // namespace taskqueue::test_support
