// The process that this code runs in, known without a system call.
#pragma once

namespace taskqueue::platform {

// Returns the process id.
int ownProcessId();

// Returns how many forks lie between the first process of the program and this one. What must not be shared
// with a child process, such as random bytes, is kept together with this number.
unsigned countForks();

}  // namespace taskqueue::platform
