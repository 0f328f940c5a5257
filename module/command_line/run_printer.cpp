#include "module/command_line/run_printer.h"

#include <array>
#include <ctime>

#include "module/json/read.h"
#include "module/platform/terminal_text.h"

namespace taskqueue::command_line {
namespace {

using platform::terminalText;

constexpr const char* kRed = "\x1B[31m";
constexpr const char* kGreen = "\x1B[32m";
constexpr const char* kYellow = "\x1B[33m";
constexpr const char* kPlain = "\x1B[0m";

std::string padded(std::string text, std::size_t width, bool toTheRight = false) {
  if (text.size() >= width) return text;
  const std::string blanks(width - text.size(), ' ');
  return toTheRight ? blanks + text : text + blanks;
}

std::string coloured(const std::string& text, const char* colour, bool hasColours) {
  return hasColours ? colour + text + kPlain : text;
}

const char* colourOf(std::string_view outcome) {
  if (outcome == "success") return kGreen;
  return outcome == "error" || outcome == "timeout" ? kRed : kYellow;
}

std::string clockText(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm local{};
  std::array<char, 16> text{};
  ::localtime_r(&time, &local);
  return {text.data(), std::strftime(text.data(), text.size(), "%H:%M:%S", &local)};
}

// Returns the object of a line, or nothing.
std::optional<json::Document> objectOf(std::string_view line) {
  auto read = json::read(line, {});
  auto* document = std::get_if<json::Document>(&read);
  if (document == nullptr || !document->IsObject()) return std::nullopt;
  return std::move(*document);
}

// Returns the note of a run that went well, or the error of one that failed.
std::string noteOf(const json::Value& run) {
  std::string note = json::textOrEmpty(run, "ErrorCode");
  const std::string message = json::textOrEmpty(run, "ErrorMessage");
  if (!message.empty()) note += (note.empty() ? "" : ": ") + message;
  if (note.empty()) note = json::textOrEmpty(run, "Note");
  const auto again = json::integerMember(run, "AgainInSeconds");
  if (again) note += (note.empty() ? "" : "; ") + ("again in " + std::to_string(*again) + " s");
  return note;
}

}  // namespace

std::string readableRun(std::string_view line, bool hasColours) {
  constexpr std::size_t kOutcomeWidth = 9;
  constexpr std::size_t kMsWidth = 7;
  const auto run = objectOf(line);
  if (!run) return terminalText(line) + "\n";
  const auto number = [&](const char* name) { return json::integerMember(*run, name).value_or(0); };
  const std::string outcome = terminalText(json::textOrEmpty(*run, "Outcome"));
  const std::string title = terminalText(json::textOrEmpty(*run, "Title"));
  const std::string note = terminalText(noteOf(*run));
  std::string text = clockText(number("StartedOn")) + "  " +
                     coloured(padded(outcome, kOutcomeWidth), colourOf(outcome), hasColours) + "  " +
                     padded(std::to_string(number("Ms")), kMsWidth, /*toTheRight=*/true) + " ms  " +
                     terminalText(json::textOrEmpty(*run, "TaskHandlerClass")) + "  task " +
                     std::to_string(number("TaskQueueId")) + ", run " + std::to_string(number("TaskRunId"));
  if (number("Attempt") > 1) text += ", attempt " + std::to_string(number("Attempt"));
  if (!title.empty()) text += "  " + title;
  if (!note.empty()) text += "  " + note;
  return text + "\n";
}

std::string readableLog(std::string_view line, bool hasColours) {
  const auto entry = objectOf(line);
  if (!entry) return terminalText(line) + "\n";
  const std::string level = json::textOrEmpty(*entry, "level");
  const std::string message = json::textOrEmpty(*entry, "message");
  if (level == "info") {
    if (message != "the runner works") return "";
    return "The runner " + std::to_string(json::integerMember(*entry, "TaskRunnerId").value_or(0)) +
           " works with " + std::to_string(json::integerMember(*entry, "slots").value_or(0)) + " slots.\n";
  }
  std::string text = message;
  for (const auto& [name, value] : entry->GetObject()) {
    const std::string_view key = json::textOf(name);
    if (key == "time" || key == "level" || key == "program" || key == "pid" || key == "message") continue;
    text += "  " + std::string(key) + ": " +
            (value.IsString() ? std::string(json::textOf(value)) : json::write(value));
  }
  return coloured(terminalText(level), level == "error" ? kRed : kYellow, hasColours) + "  " +
         terminalText(text) + "\n";
}

}  // namespace taskqueue::command_line
