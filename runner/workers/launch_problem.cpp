#include "runner/workers/launch_problem.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

namespace taskqueue::runner {
namespace {

constexpr std::size_t kHeadBytes = 4096;      // the part of a file that is read
constexpr std::size_t kFirstLineBytes = 255;  // the kernel reads only this much of a script's first line
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr mode_t kAnyExecute = S_IXUSR | S_IXGRP | S_IXOTH;

#if defined(__x86_64__)
constexpr int kOwnMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr int kOwnMachine = EM_AARCH64;
#else
constexpr int kOwnMachine = EM_NONE;  // not compared
#endif

// Returns the text in quotes, with invisible characters as escapes.
std::string shown(std::string_view text) {
  std::string to;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\r') {
      to += "\\r";
    } else if (byte < 0x20 || byte == 0x7F) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      to += "\\x";
      to += kDigits[byte >> 4U];
      to += kDigits[byte & 0xFU];
    } else {
      to += c;
    }
  }
  return "\"" + to + "\"";
}

std::string headOf(const std::string& path) {
  std::string head(kHeadBytes, '\0');
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0) return "";
  const ssize_t size = ::pread(file, head.data(), head.size(), 0);
  ::close(file);
  head.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return head;
}

// Quotes the path for a shell.
std::string quoted(const std::string& path) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
  if (path.find_first_not_of(kPlain) == std::string::npos) return path;
  std::string word = "'";
  for (const char c : path) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + "'";
}

std::string windowsLineEnds(const std::string& path) {
  return "it has the line ends of Windows; take the carriage returns away: sed -i 's/\\r$//' " + quoted(path);
}

std::string_view readFirstLine(std::string_view head) {
  return head.substr(0, std::min(head.find('\n'), kFirstLineBytes));
}

// Returns the program that a script's first line names, as the kernel reads it; nothing if it is not a
// script.
std::optional<std::string> interpreterOf(std::string_view head) {
  if (!head.starts_with("#!")) return std::nullopt;
  std::string_view line = readFirstLine(head).substr(2);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return std::string(line.substr(0, line.find_first_of(" \t")));
}

// Returns the loader that an ELF file names; empty if there is none or the file cannot be read.
std::string loaderOf(std::string_view head) {
  Elf64_Ehdr header{};
  if (head.size() < sizeof header) return "";
  std::memcpy(&header, head.data(), sizeof header);
  if (header.e_ident[EI_CLASS] != ELFCLASS64) return "";
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr part{};
    const std::size_t at = header.e_phoff + i * sizeof part;
    if (header.e_phoff > head.size() || at + sizeof part > head.size()) return "";
    std::memcpy(&part, head.data() + at, sizeof part);
    const bool isWithin = part.p_offset < head.size() && part.p_filesz <= head.size() - part.p_offset;
    if (part.p_type != PT_INTERP || !isWithin) continue;
    const std::string_view name = head.substr(part.p_offset, part.p_filesz);
    return std::string(name.substr(0, name.find('\0')));
  }
  return "";
}

// Returns what prevents the file from being run, judged by its type and mode; empty if nothing does.
std::string findFileProblem(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return "there is no such file";
    return std::strerror(errno);
  }
  if (S_ISDIR(status.st_mode)) return "it is a directory";
  if (!S_ISREG(status.st_mode)) return "it is no regular file";
  if ((status.st_mode & kAnyExecute) == 0)
    return "it has no execute permission; give it: chmod +x " + quoted(path);
  return "";
}

std::string findScriptProblem(const std::string& path, const std::string& interpreter) {
  if (interpreter.empty()) return "its first line, #!, names no interpreter; write one: #!/bin/sh";
  const std::string who = "its first line names the interpreter " + shown(interpreter);
  if (interpreter.ends_with('\r')) return who + ": " + windowsLineEnds(path);
  const std::string problem = findFileProblem(interpreter);
  if (problem.empty()) return "";
  return who + ", and " +
         (problem == "there is no such file" ? "there is none; install it, or name another"
                                             : "of that: " + problem);
}

// The offset of e_machine is the same in 32-bit files.
std::string findElfProblem(std::string_view head) {
  Elf64_Ehdr header{};
  if (head.size() < offsetof(Elf64_Ehdr, e_version)) return "it is a program that is cut off";
  std::memcpy(&header, head.data(), std::min(head.size(), sizeof header));
  if (kOwnMachine != EM_NONE && header.e_machine != kOwnMachine) {
    return "it is a program for another kind of processor (ELF machine " + std::to_string(header.e_machine) +
           ", here " + std::to_string(kOwnMachine) + "); install the one for this machine";
  }
  const std::string loader = loaderOf(head);
  if (loader.empty()) return "";
  const std::string problem = findFileProblem(loader);
  if (problem.empty()) return "";
  return "its loader " + shown(loader) + " cannot be used, " + problem + ": it was built for another system";
}

std::string findContentProblem(const std::string& path, int error) {
  const std::string head = headOf(path);
  if (const auto interpreter = interpreterOf(head)) return findScriptProblem(path, *interpreter);
  if (head.starts_with(ELFMAG)) return findElfProblem(head);
  if (error != ENOEXEC) return "";
  if (head.empty()) return "it is empty";
  if (head.starts_with(std::string(kByteOrderMark) + "#!"))
    return "a byte order mark stands before its first line; take it away: sed -i '1s/^\\xEF\\xBB\\xBF//' " +
           quoted(path);
  return "it is neither a program for this machine nor a script that names its interpreter in its first "
         "line; "
         "write one there, such as #!/bin/sh";
}

bool mayNotExecuteThere(const std::string& path) {
  struct statvfs system {};
  return ::statvfs(path.c_str(), &system) == 0 && (system.f_flag & ST_NOEXEC) != 0;
}

std::string findProblem(const std::string& path, int error) {
  if (std::string problem = findFileProblem(path); !problem.empty()) return problem;
  if (std::string problem = findContentProblem(path, error); !problem.empty()) return problem;
  if (error == EACCES && mayNotExecuteThere(path))
    return "its file system is mounted without the right to execute (noexec)";
  std::string answer = std::strerror(error);
  if (error == EACCES) return answer + ": the worker's user may not execute it, or not enter its directory";
  if (error == E2BIG) return answer + ": its arguments and its environment are too long together";
  if (error == EAGAIN) return answer + ": its user has as many processes as it may have";
  return answer;
}

}  // namespace

std::string launchProblem(const std::string& program, int error) {
  return "cannot start " + program + ": " + findProblem(program, error);
}

std::string findFirstLineProblem(const std::string& program) {
  const std::string head = headOf(program);
  if (!head.starts_with("#!") || !readFirstLine(head).ends_with('\r')) return "";
  return "The first line of " + program + " is " + shown(readFirstLine(head)) + ": " +
         windowsLineEnds(program);
}

}  // namespace taskqueue::runner
