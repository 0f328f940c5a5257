// The words that say where a run, a task and a runner stand. The words are the ones stored in the tables,
// answered in JSON and shown on the pages.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace taskqueue {

// Status of a run and, as LastStatus, of a task.
enum class RunStatus { Scheduled, Running, Success, Error, Timeout, Cancelled };

inline constexpr std::array kAllStatuses{RunStatus::Scheduled, RunStatus::Running, RunStatus::Success,
                                         RunStatus::Error,     RunStatus::Timeout, RunStatus::Cancelled};

enum class RunnerStatus { Running, Success, Timeout };

std::string_view wordOf(RunStatus status);
std::string_view wordOf(RunnerStatus status);

// Nothing when the word is none of ours. Rows can be written by hand, so callers must decide what that means.
std::optional<RunStatus> runStatusOf(std::string_view word);
std::optional<RunnerStatus> runnerStatusOf(std::string_view word);

// True for the statuses that say "this attempt went wrong": they count towards TaskRunsFailed.
bool isFailure(RunStatus status);

// True while a run waits or works. The database allows one such run per task (rule 1).
bool isOpen(RunStatus status);

}  // namespace taskqueue
