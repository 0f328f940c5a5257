// The exceptions inside an exception (std::throw_with_nested), for the error output of a run.
#pragma once

#include <exception>
#include <string>

namespace taskqueue::runner {

// One line for each, from the outermost to the innermost, by its class and its words; empty when there is
// nothing inside. Of many, the first and the last ones are told, and how many stand between them.
std::string nestedExceptions(const std::exception& outermost);

// Writes them to standard error.
void printNested(const std::exception& outermost);

}  // namespace taskqueue::runner
