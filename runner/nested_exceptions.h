// Describes the exceptions inside an exception (std::throw_with_nested) for the error output of a run.
#pragma once

#include <exception>
#include <string>

namespace taskqueue::runner {

// Returns one line per exception, outermost first, with its class and message. The text is empty if nothing
// is nested. A long chain is cut in the middle, and a line says how many exceptions are left out.
std::string nestedExceptions(const std::exception& outermost);

// Writes nestedExceptions() to standard error.
void printNested(const std::exception& outermost);

}  // namespace taskqueue::runner
