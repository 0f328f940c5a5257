// Computes which groups have which permissions in which category. A setting applies to its category and all
// below, until a deeper setting overrides it. No database is used.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace taskqueue::handlers {

// Contents of the CMS's tables.
struct PermissionRows {
  struct Category {
    int id = 0;
    int parent = 0;
    bool operator==(const Category&) const = default;
  };
  // A group has, or is denied, a permission in a category.
  struct Setting {
    int category = 0;
    int perm = 0;
    int group = 0;
    bool allowed = false;
    bool operator==(const Setting&) const = default;
  };
  std::vector<Category> categories;
  std::vector<Setting> settings;
  bool operator==(const PermissionRows&) const = default;
};

class PermissionTree {
 public:
  // The groups that have one permission: in ascending order, and as text joined by commas.
  struct Right {
    int perm = 0;
    std::vector<int> groups;
    std::string acl;
    bool operator==(const Right& other) const { return perm == other.perm && groups == other.groups; }
  };
  using Rights = std::vector<Right>;  // sorted by permission; those without a group are left out

  // `home` is the root and needs no row of its own. If one category both allows and denies the same, the
  // denial wins.
  PermissionTree(const PermissionRows& rows, int home);

  // Home and all categories below it; each parent comes before its children.
  const std::vector<int>& order() const { return order_; }
  bool contains(int category) const { return rights_.contains(category); }
  // The category must be in the tree.
  const Rights& rightsOf(int category) const { return *rights_.at(category); }
  // The category and all below it, parents first; empty when the tree does not contain it.
  std::vector<int> below(int category) const;
  // Number of categories that are not below Home, because their parent is missing or they form a cycle. No
  // group has permissions there.
  std::size_t detached() const { return detached_; }

 private:
  std::unordered_map<int, std::vector<int>> children_;
  // Categories without settings share their parent's rights.
  std::unordered_map<int, std::shared_ptr<const Rights>> rights_;
  std::vector<int> order_;
  std::size_t detached_ = 0;
};

// Returns the categories of either tree whose rights differ; a category missing in a tree has no rights
// there.
std::vector<int> changedBetween(const PermissionTree& before, const PermissionTree& after);

}  // namespace taskqueue::handlers
