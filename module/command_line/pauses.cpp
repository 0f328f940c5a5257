#include "module/command_line/pauses.h"

#include <sysexits.h>

#include <iostream>

#include "module/command_line/root_user.h"
#include "module/platform/terminal_text.h"
#include "module/queue/waiting.h"

namespace taskqueue::command_line {
namespace {

using platform::terminalText;

}  // namespace

PauseCommands::PauseCommands(CLI::App& app)
    : pause_(app.add_subcommand("pause", "pause all queues, a queue or a handler: no task of it is started")),
      resume_(app.add_subcommand("resume", "end the pause of all queues, a queue or a handler")) {
  for (CLI::App* each : {pause_, resume_}) {
    each->add_option("kind", kind_, "all (queues), queue or handler")
        ->required()
        ->check(CLI::IsMember({"all", "queue", "handler"}));
    each->add_option("name", name_, "the queue or the TaskHandlerClass; all has no name");
  }
  pause_->add_option("--reason", reason_, "one line for people; health and the pages show it");
  pause_->add_option("--seconds", seconds_, "how long it lasts; default: until it is resumed")
      ->check(CLI::Range(std::int64_t{1}, kMaxPauseSeconds));
}

int PauseCommands::run(DatabaseClock& clock, TaskQueue& queue, const std::function<void()>& wake) const {
  const PauseKind kind = parsePauseKind(kind_).value_or(PauseKind::Queue);
  if ((kind == PauseKind::All) != name_.empty()) {
    std::cerr << (kind == PauseKind::All ? "all takes no name" : "give the name of the " + kind_) << "\n";
    return EX_USAGE;
  }
  const bool paused = pause_->parsed();
  PauseTerms terms{.reason = reason_, .pausedUntil = std::nullopt};
  if (seconds_) terms.pausedUntil = clock.now() + *seconds_;
  const auto result = queue.setPaused(kind, name_, paused, kRoot, terms);
  if (result.error) {
    std::cerr << terminalText(result.error->member + " " + result.error->problem) << "\n";
    return EX_DATAERR;
  }
  if (!paused) wake();
  std::cout << kind_ << (name_.empty() ? "" : " " + terminalText(name_))
            << (result.changed ? " is now " : " was already ") << (paused ? "paused" : "resumed")
            << (terms.pausedUntil ? " until " + utcText(*terms.pausedUntil) : "") << "\n";
  if (!result.known) std::cerr << terminalText(TaskQueue::unknownText(kind, name_)) << "\n";
  return EX_OK;
}

}  // namespace taskqueue::command_line
