// The command `taskqueue schedule` and its subcommands.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "module/queue/schedule/cms_schedule.h"
#include "module/queue/schedule/schedules.h"

namespace taskqueue::command_line {

// The table and columns of the CMS's scheduled tasks. Empty names mean those of In-Portal.
struct CmsNames {
  std::string table, name, event, runSchedule, status;
};

class ScheduleCommands {
 public:
  struct Dependencies {
    Stores stores;
    TaskQueue& queue;
    const QueueLimits& limits;
    std::function<void()> wake;  // wakes the runners when there is a task to run
    // Reads the CMS's scheduled tasks, or returns what is wrong with the names.
    std::function<std::variant<std::vector<CmsScheduledTask>, std::string>(const CmsNames&)> readCms;
  };

  // Adds the subcommand and its subcommands. The parser writes into this object, so it must outlive the
  // parsing.
  explicit ScheduleCommands(CLI::App& app);

  bool isWanted() const { return command_->parsed(); }
  int run(const Dependencies& dependencies) const;  // returns an exit code

 private:
  int list(const Dependencies& dependencies) const;
  int add(Schedules& schedules) const;
  int change(const Dependencies& dependencies, Schedules& schedules) const;
  int preview(Schedules& schedules) const;
  int import(const Dependencies& dependencies, Schedules& schedules) const;
  int onNamed(const Dependencies& dependencies, Schedules& schedules) const;
  // Returns the definition with the changes that the options give.
  ScheduleDefinition definitionOver(ScheduleDefinition definition) const;
  // Returns the schedule, or an exit code after reporting an error.
  std::variant<Schedule, int> named(ScheduleStore& schedules) const;

  CLI::App* command_;
  CLI::App* list_;
  CLI::App* add_;
  CLI::App* change_;
  CLI::App* enable_;
  CLI::App* disable_;
  CLI::App* fire_;
  CLI::App* remove_;
  CLI::App* preview_;
  CLI::App* import_;

  std::string name_;  // the schedule's name or Id
  std::optional<std::string> newName_, taskHandlerClass_, taskData_, cronExpression_, timeZone_, missed_,
      overlap_, queue_, notifyOn_, notifyTo_, notifyLanguage_;
  std::optional<int> missedLimit_, priority_, maxRetries_;
  bool disabled_ = false;
  bool json_ = false;
  int count_ = 10;
  CmsNames cmsNames_;
};

}  // namespace taskqueue::command_line
