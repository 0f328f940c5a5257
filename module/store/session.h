// What every session is set to before it is used. A server that is not ours may have any global setting; each
// that could change what our statements mean, find, lock or may do is set here, in one place.
#pragma once

#include <string>
#include <vector>

namespace taskqueue::store {

struct ConnectionSettings;

// The statements that set up a session, in this order.
std::vector<std::string> sessionSetup(const ConnectionSettings& settings);

// The same with a statement for each variable: for a server that does not know one of them (error 1193).
// There is nothing to set then, and such an answer can be passed over.
std::vector<std::string> sessionSetupOneByOne(const ConnectionSettings& settings);

}  // namespace taskqueue::store
