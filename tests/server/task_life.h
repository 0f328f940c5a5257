// What a site sees of its tasks, from the enqueue to the lists of ended ones, as lines of text.
#pragma once

#include <string>
#include <vector>

namespace taskqueue::server_tests {

// Empties the tables of the migrated database first. Ids and times are no part of the lines, so that two
// lives can be compared. Throws StoreError; a broken invariant is a line, too.
std::vector<std::string> lifeOfTasks(const std::string& database);

}  // namespace taskqueue::server_tests
