// Reads and marks groups of errors on MariaDB.
#pragma once

#include "module/queue/store/error_store.h"
#include "module/store/store_context.h"

namespace taskqueue::store {

class MariaErrors : public ErrorStore {
 public:
  explicit MariaErrors(StoreContext& context) : context_(context), connection_(context.connection) {}

  std::vector<ErrorGroup> findErrorGroups(const ErrorGroupFilter& filter) override;
  std::vector<ErrorPart> readErrorParts(const std::vector<int>& groupIds, UnixSeconds from,
                                        int seconds) override;
  std::map<int, ErrorGroupTasks> countTasksOfErrorGroups(int max) override;
  bool setErrorGroupState(int id, ErrorGroupState state) override;

 private:
  StoreContext& context_;
  Connection& connection_;
};

}  // namespace taskqueue::store
