// Explains why a program could not be started, and how to mend it.
#pragma once

#include <string>

namespace taskqueue::runner {

// Returns the explanation. `error` is the errno of exec. The function examines the file, its interpreter or
// its loader.
std::string launchProblem(const std::string& program, int error);

// Returns a problem if a script's first line has a Windows line end, although the script could be started.
// Returns an empty string otherwise.
std::string findFirstLineProblem(const std::string& program);

}  // namespace taskqueue::runner
