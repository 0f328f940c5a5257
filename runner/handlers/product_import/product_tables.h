// Writes rows into the CMS's tables of products and categories, a set at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "module/platform/configuration.h"
#include "module/store/connection.h"
#include "runner/handlers/product_import/header_plan.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread. The statements are built once, from names that the configuration has
// checked to be identifiers; values are always bound.
class ProductTables {
 public:
  struct Written {
    std::int64_t imported = 0;  // new products
    std::int64_t updated = 0;   // rows for a product that was there, or stood earlier in the same set
  };

  // Throws GiveUp database_schema when the tables do not fit.
  ProductTables(store::Connection& connection, const platform::ProductImportConfiguration& configuration,
                const HeaderPlan& plan);

  // Inserts or updates by key; of rows with the same key the last wins. Two keys are the same when the
  // column's collation says so. Categories that are missing are created at the top level. Needs the caller's
  // transaction; throws StoreError: Conflict or TryAgain mean that another session changed the same products,
  // and that the whole transaction can be repeated.
  Written write(const std::vector<ProductRow>& rows);

 private:
  // For each row its category's id, or nothing.
  using CategoryIds = std::vector<std::optional<std::int64_t>>;

  void buildLookup(const std::string& products);
  void buildWriting(const std::string& products, const std::string& categoryColumn);
  void buildCategories(const std::string& table, const platform::ProductImportConfiguration& configuration);
  CategoryIds categoriesOf(const std::vector<ProductRow>& rows);
  CategoryIds lookUpCategories(const std::string& names);

  store::Connection& connection_;
  const HeaderPlan& plan_;
  std::string lookup_;
  std::string update_;
  std::string insert_;
  std::string selectCategories_;
  std::string insertCategories_;
};

}  // namespace taskqueue::handlers
