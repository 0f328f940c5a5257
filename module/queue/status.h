// The statuses of runs, tasks and runners. The tables, the JSON answers and the pages use the same words.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace taskqueue {

// The status of a run. A task has one as its LastStatus.
enum class RunStatus { Scheduled, Running, Success, Error, Timeout, Cancelled };

inline constexpr std::array kAllStatuses{RunStatus::Scheduled, RunStatus::Running, RunStatus::Success,
                                         RunStatus::Error,     RunStatus::Timeout, RunStatus::Cancelled};

enum class RunnerStatus { Running, Success, Timeout };

inline constexpr std::array kAllRunnerStatuses{RunnerStatus::Running, RunnerStatus::Success,
                                               RunnerStatus::Timeout};

std::string_view toString(RunStatus status);
std::string_view toString(RunnerStatus status);

// These return nothing for an unknown word. SQL can write any word, so callers must decide what an unknown
// one means.
std::optional<RunStatus> parseRunStatus(std::string_view word);
std::optional<RunnerStatus> parseRunnerStatus(std::string_view word);

// Returns true for Error and Timeout, which count towards TaskRunsFailed.
bool isFailure(RunStatus status);

// Returns true while a run waits or works. The database allows one such run per task (rule 1).
bool isOpen(RunStatus status);

}  // namespace taskqueue
