// Sets up every session before it is used. The server may have any global setting. Each one that could change
// what our statements mean, find, lock or may do is set here.
#pragma once

#include <string>
#include <vector>

namespace taskqueue::store {

struct ConnectionSettings;

// Returns the statements that set up a session, in this order.
std::vector<std::string> sessionSetup(const ConnectionSettings& settings);

// Returns one statement for each variable, for a server that does not know one of them (error 1193). Such a
// server has nothing to set, so this error can be ignored.
std::vector<std::string> sessionSetupOneByOne(const ConnectionSettings& settings);

}  // namespace taskqueue::store
