// Modules with what few processes need: a module and the libraries that it brings are loaded at its first
// use.
#pragma once

#include <string>

namespace taskqueue::mail {

// Loads lib/taskqueue/NAME.so and returns the address of its function `entry`. The module is never unloaded.
// Throws std::runtime_error; `purpose` says what cannot be done without it.
void* loadLibraryModule(const std::string& name, const char* entry, const std::string& purpose);

}  // namespace taskqueue::mail
