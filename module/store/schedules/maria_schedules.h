// Keeps schedules and their firings in MariaDB.
#pragma once

#include "module/queue/store/schedule_store.h"
#include "module/store/store_context.h"

namespace taskqueue::store {

class MariaSchedules : public ScheduleStore {
 public:
  explicit MariaSchedules(StoreContext& context) : context_(context), connection_(context.connection) {}

  std::vector<Schedule> findSchedules(int limit) override;
  std::optional<Schedule> findSchedule(int id) override;
  std::optional<int> addSchedule(const ScheduleDefinition& definition, std::optional<UnixSeconds> nextFireOn,
                                 int createdById) override;
  ScheduleChange changeSchedule(int id, const ScheduleDefinition& definition,
                                std::optional<UnixSeconds> nextFireOn) override;
  bool removeSchedule(int id) override;
  std::vector<Schedule> findDueSchedules(UnixSeconds now, int limit) override;
  FiringResult fireSchedule(const FiringPlan& plan) override;
  std::vector<ScheduleFiring> firingsOfSchedule(int id, int limit) override;

 private:
  FiringResult fireOnce(const FiringPlan& plan);

  StoreContext& context_;
  Connection& connection_;
};

}  // namespace taskqueue::store
