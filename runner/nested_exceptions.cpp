#include "runner/nested_exceptions.h"

#include <cxxabi.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <typeinfo>
#include <vector>

#include "runner/handlers/task_handler.h"

namespace taskqueue::runner {
namespace {

constexpr std::size_t kMaxFollowed = 1000;  // each one takes a frame of our own stack
constexpr std::size_t kShownAtEachEnd = 20;

std::string classOf(const std::exception& error) {
  const char* const name = typeid(error).name();
  int failed = 0;
  const std::unique_ptr<char, decltype(&std::free)> readable(
      abi::__cxa_demangle(name, nullptr, nullptr, &failed), &std::free);
  return failed == 0 ? readable.get() : name;
}

std::string lineOf(const std::exception& error) {
  const auto* task = dynamic_cast<const handlers::TaskError*>(&error);
  return classOf(error) + ": " + (task != nullptr ? task->message() : error.what());
}

void follow(const std::exception& error, std::vector<std::string>& lines) {
  lines.push_back(lineOf(error));
  if (lines.size() >= kMaxFollowed) {
    lines.emplace_back("deeper ones are not followed");
    return;
  }
  try {
    std::rethrow_if_nested(error);
  } catch (const std::exception& inner) {
    follow(inner, lines);
  } catch (...) {
    lines.emplace_back("something that is no std::exception");
  }
}

}  // namespace

std::string nestedExceptions(const std::exception& outermost) {
  std::vector<std::string> lines;
  follow(outermost, lines);
  if (lines.size() < 2) return "";
  std::string text;
  for (std::size_t at = 0; at < lines.size(); ++at) {
    const std::size_t left = lines.size() - at;
    if (at == kShownAtEachEnd && left > kShownAtEachEnd) {
      text += "… " + std::to_string(left - kShownAtEachEnd) + " exceptions are left out …\n";
      at += left - kShownAtEachEnd;
    }
    text += (at == 0 ? "" : "caused by ") + lines[at] + "\n";
  }
  return text;
}

void printNested(const std::exception& outermost) {
  std::cerr << nestedExceptions(outermost) << std::flush;
}

}  // namespace taskqueue::runner
