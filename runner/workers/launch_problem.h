// Why a program could not be started, in words that tell how to mend it.
#pragma once

#include <string>

namespace taskqueue::runner {

// `error` is what exec answered. Looks at the file, its interpreter or its loader.
std::string launchProblem(const std::string& program, int error);

// What is wrong with the first line of a script that could be started: its line end is that of Windows.
// Empty: nothing.
std::string findFirstLineProblem(const std::string& program);

}  // namespace taskqueue::runner
