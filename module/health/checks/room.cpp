// Checks the unused Ids, the free disk space, and the packet size of the database server.
#include <algorithm>
#include <array>

#include "module/health/checks/checks.h"

namespace taskqueue::health {
namespace {

constexpr std::int64_t kAllPercent = 100;
constexpr std::int64_t kMegabyte = 1 << 20;

std::int64_t percentUsed(const TableIds& table) {
  return table.nextId * kAllPercent / kMaxIds;
}

std::string megabytes(std::int64_t bytes) {
  return std::to_string(bytes / kMegabyte);
}

// The first command helps if the rows with the largest Ids are deleted. The tables of tasks and runs must be
// replaced together, because they store each other's Ids.
std::vector<Fix> commandsToGetIds(const std::string& table) {
  constexpr std::array kOfRetention{"TaskQueue",    "TaskRuns",        "TaskRunOutput",
                                    "TaskRunFiles", "TaskCheckpoints", "TaskQueueRequests"};
  std::vector<Fix> commands{{"ALTER TABLE " + table + " AUTO_INCREMENT = 1;", ""}};
  for (const char* name : {"TaskQueue", "TaskRuns"}) {
    if (!table.ends_with(name)) continue;
    const std::string prefix = table.substr(0, table.size() - std::string_view(name).size());
    std::string make;
    std::string rename;
    for (const char* each : kOfRetention) {
      const std::string full = prefix + each;
      make += "CREATE TABLE " + full + "_new LIKE " + full + "; ";
      rename += (rename.empty() ? "RENAME TABLE " : ", ") + full + " TO " + full + "_old, " + full +
                "_new TO " + full;
    }
    commands.push_back(
        {make + rename + ";",
         marked("all runners stopped and no unfinished task (the history moves to other tables)")});
  }
  return commands;
}

}  // namespace

// The check fails within the last percent, which is 21 million Ids.
Findings checkIds(const Facts& facts) {
  Findings found;
  const TableIds* max = nullptr;
  for (const TableIds& table : facts.tables.ids) {
    if (max == nullptr || table.nextId > max->nextId) max = &table;
    const std::int64_t percent = percentUsed(table);
    if (percent < facts.settings.limits.idsPercent) continue;
    found.push_back({.state = percent >= kAllPercent - 1 ? Health::Failed : Health::Warning,
                     .text = marked("%1 % of the Ids are used; %2 are left."),
                     .values = {std::to_string(percent),
                                std::to_string(std::max<std::int64_t>(kMaxIds - table.nextId, 0))},
                     .subject = table.table,
                     .count = std::max<std::int64_t>(kMaxIds - table.nextId, 0),
                     .fixes = commandsToGetIds(table.table)});
  }
  if (found.empty() && max != nullptr)
    found.push_back({.text = marked("The table %2 has used most: %1 % of its Ids."),
                     .values = {std::to_string(percentUsed(*max)), max->table}});
  if (found.empty()) found.push_back({.text = marked("The number of used Ids is unknown.")});
  return found;
}

Findings checkDisks(const Facts& facts) {
  Findings found;
  const std::int64_t min = facts.settings.limits.freeMegabytes * kMegabyte;
  for (const Space& space : facts.spaces) {
    HealthCheck check{.text = marked("%1 MiB are free in %2."),
                      .values = {megabytes(space.freeBytes), space.directory},
                      .subject = space.directory,
                      .count = space.freeBytes / kMegabyte};
    if (space.freeBytes < min) {
      check.state = space.freeBytes < min / 10 ? Health::Failed : Health::Warning;
      check.fixes = {{"df -h " + quoteForShell(space.directory), ""}};
    }
    found.push_back(std::move(check));
  }
  if (found.empty()) found.push_back({.text = marked("No disk can be checked from this server.")});
  return found;
}

Findings checkPacket(const Facts& facts) {
  const std::int64_t bytes = facts.tables.packetBytes;
  HealthCheck check{.text = marked("max_allowed_packet is %1 MiB, and %2 MiB are enough."),
                    .values = {megabytes(bytes), megabytes(facts.settings.packetBytes)},
                    .count = bytes};
  if (bytes >= facts.settings.packetBytes) return {check};
  check.state = Health::Warning;
  check.text = marked("max_allowed_packet is %1 MiB, and large outputs and tasks need %2 MiB.");
  check.fixes = {{"SET GLOBAL max_allowed_packet = " + std::to_string(facts.settings.packetBytes) + ";", ""}};
  return {check};
}

}  // namespace taskqueue::health
