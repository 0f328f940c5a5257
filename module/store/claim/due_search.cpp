#include "module/store/claim/due_search.h"

namespace taskqueue::store {
namespace {

std::string rowsOf(ClaimLine line, const std::string& columns, const std::string& limit) {
  return "SELECT " + columns +
         " FROM {TaskQueue} t FORCE INDEX (Claim) WHERE t.Queue = ? AND t.Priority = ? AND " +
         (line == ClaimLine::New ? "t.NextRunOn = 0 AND t.Id > ?"
                                 : "(t.NextRunOn = ? AND t.Id > ? OR t.NextRunOn > ?) AND t.NextRunOn <> 0 "
                                   "AND t.NextRunOn <= UNIX_TIMESTAMP()") +
         " ORDER BY t.NextRunOn, t.Id LIMIT " + limit;
}

std::vector<Value> parametersOf(const ClaimCursor::PriorityBand& band, ClaimLine line,
                                const ClaimCursor::Place& behind) {
  const auto& [nextRunOn, id] = behind;
  std::vector<Value> parameters{band.queue, band.priority};
  if (line == ClaimLine::New) {
    parameters.emplace_back(id);
  } else {
    parameters.insert(parameters.end(), {nextRunOn, id, nextRunOn});
  }
  return parameters;
}

}  // namespace

// The first branch reads the row of each entry for its class; the second reads entries only.
std::string DueSearch::textFor(ClaimLine line, std::size_t classes) {
  std::string marks;
  for (std::size_t i = 0; i < classes; ++i) marks += i == 0 ? "?" : ", ?";
  return "(SELECT 'found', d.NextRunOn, d.Id FROM (" +
         rowsOf(line, "t.NextRunOn, t.Id, t.TaskHandlerClass IN (" + marks + ") AS IsWanted",
                std::to_string(kRowsOfOneSearch)) +
         ") d WHERE d.IsWanted ORDER BY d.NextRunOn, d.Id LIMIT ?) UNION ALL (" +
         rowsOf(line, "'end', t.NextRunOn, t.Id", "1 OFFSET " + std::to_string(kRowsOfOneSearch - 1)) + ")";
}

DueSearch::Found DueSearch::find(const ClaimCursor::PriorityBand& band, ClaimLine line,
                                 const ClaimCursor::Place& behind, std::int64_t limit) {
  Found found;
  found.upTo = behind;
  found.isAll = true;
  if (classes_.empty()) return found;
  std::vector<Value> parameters(classes_.begin(), classes_.end());
  const auto ofLine = parametersOf(band, line, behind);
  parameters.insert(parameters.end(), ofLine.begin(), ofLine.end());
  parameters.emplace_back(limit);
  parameters.insert(parameters.end(), ofLine.begin(), ofLine.end());
  const std::string text = connection_.names().expand(textFor(line, classes_.size()));
  for (Row& row : connection_.queryText(text, parameters)) {
    const auto [word, nextRunOn, id] = row.as<std::string, std::int64_t, std::int64_t>();
    const ClaimCursor::Place place{nextRunOn, id};
    if (word == "end") {
      found.upTo = place;
      found.isAll = false;
    } else {
      found.places.push_back(place);
    }
  }
  if (static_cast<std::int64_t>(found.places.size()) >= limit) {
    found.upTo = found.places.back();
    found.isAll = false;
  }
  return found;
}

}  // namespace taskqueue::store
