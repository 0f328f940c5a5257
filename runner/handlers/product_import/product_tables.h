// Writes products and their categories to the CMS's tables, a chunk at a time, each step one set-based statement.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "module/platform/configuration.h"
#include "module/store/connection.h"
#include "runner/handlers/product_import/header_plan.h"

namespace taskqueue::handlers {

struct WrittenCounts {
  std::int64_t imported = 0;
  std::int64_t updated = 0;
};

class ProductTables {
 public:
  ProductTables(store::Connection& connection, const platform::ProductImportConfiguration& configuration,
                const HeaderPlan& plan);

  // In the caller's transaction. A key that stands twice is written once, its last row counts; it is one import (or
  // update) and one update for each repetition. Throws StoreError(Conflict) when somebody else has inserted one of
  // the keys meanwhile, or two keys are the same to the database: write the rows one by one then.
  WrittenCounts write(const std::vector<ProductRow>& rows);

  // What was learned in a transaction that was rolled back.
  void forget() { categories_.clear(); }

 private:
  std::int64_t categoryId(const std::string& name);
  std::vector<bool> existing(const std::vector<const ProductRow*>& rows);
  std::string asJson(const std::vector<const ProductRow*>& rows);

  store::Connection& connection_;
  const HeaderPlan& plan_;
  std::string findKeys_;
  std::string update_;
  std::string insert_;
  std::string findCategory_;
  std::string insertCategory_;
  std::unordered_map<std::string, std::int64_t> categories_;
};

}  // namespace taskqueue::handlers
