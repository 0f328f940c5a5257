#include "module/command_line/doctor/text_files.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

namespace taskqueue::command_line::doctor {

std::string contentOf(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::filesystem::path> filesIn(const std::filesystem::path& directory,
                                           const std::string& ending) {
  std::vector<std::filesystem::path> files;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed)) {
    if (entry.path().filename().string().ends_with(ending)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace taskqueue::command_line::doctor
