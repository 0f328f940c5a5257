// Reads the files of nginx, supervisord and systemd.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace taskqueue::command_line::doctor {

// Returns the content; empty if it cannot be read.
std::string contentOf(const std::filesystem::path& path);

// Returns the directory's files whose names end so, sorted; none if it cannot be read.
std::vector<std::filesystem::path> filesIn(const std::filesystem::path& directory, const std::string& ending);

}  // namespace taskqueue::command_line::doctor
