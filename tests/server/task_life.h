// A site's view of its tasks, from enqueueing to the lists of ended ones, as lines of text.
#pragma once

#include <string>
#include <vector>

namespace taskqueue::server_tests {

// Empties the tables of the migrated database first. The lines contain no Ids and times, so that two results
// can be compared. Throws StoreError; a broken invariant is also a line.
std::vector<std::string> lifeOfTasks(const std::string& database);

}  // namespace taskqueue::server_tests
