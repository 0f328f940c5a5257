#include "module/platform/strict_options.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>

#include "module/platform/manual.h"
#include "module/queue/utf8_text.h"

namespace taskqueue::platform {
namespace {

bool isDecimal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool hasLeadingZero = text.size() > 1 && text.front() == '0';
  return !text.empty() && !hasLeadingZero &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Returns what is wrong with the text, or an empty text, as CLI11 requires.
std::string findProblem(const std::string& text, bool isNumber) {
  if (text.empty()) return "must not be empty: give it a value, or leave it out";
  if (firstInvalidUtf8(text)) return "must be valid UTF-8";
  if (isNumber && !isDecimal(text)) return "must be a whole number in decimal digits, not '" + text + "'";
  return "";
}

void makeStrict(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_expected_max() == 0) continue;  // a flag has no value
    const std::string type = option->get_type_name();
    const bool isNumber = type.starts_with("INT") || type.starts_with("UINT");
    option->check([isNumber](const std::string& text) { return findProblem(text, isNumber); });
    option->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  }
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) makeStrict(*command);
}

// Refuses options like `--name=` without a value.
void refuseEmptyValues(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") return;
    const bool isEmpty = word.starts_with("--") && word.find('=') == word.size() - 1;
    if (isEmpty) {
      throw CLI::ValidationError(std::string(word.substr(0, word.size() - 1)), findProblem("", false));
    }
  }
}

// Serves the build, which makes the manual page and the completions: `--print man`, `bash` or `zsh`.
void printManual(const CLI::App& app, int argc, const char* const* argv) {
  constexpr int kWords = 3;
  if (argc != kWords || std::string_view(argv[1]) != "--print") return;
  const std::string name = std::filesystem::path(argv[0]).filename();
  const std::string_view what = argv[2];
  if (what == "man") {
    std::cout << manualPage(app, name);
  } else if (what == "bash") {
    std::cout << bashCompletion(app, name);
  } else if (what == "zsh") {
    std::cout << zshCompletion(app, name);
  } else {
    return;
  }
  throw CLI::Success();
}

}  // namespace

void parseStrictly(CLI::App& app, int argc, const char* const* argv) {
  printManual(app, argc, argv);
  makeStrict(app);
  refuseEmptyValues(argc, argv);
  app.parse(argc, argv);
}

}  // namespace taskqueue::platform
