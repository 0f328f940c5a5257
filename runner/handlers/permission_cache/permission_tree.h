// Who may do what in which category: what is set in a category counts there and below it, until something
// else is set on the way down. Pure: no database.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace taskqueue::handlers {

// What stands in the CMS's tables.
struct PermissionRows {
  struct Category {
    int id = 0;
    int parent = 0;
    bool operator==(const Category&) const = default;
  };
  // A group may, or may not, do something in a category.
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
  // The groups that may do one thing: in ascending order, and the same as text with commas between them.
  struct Right {
    int perm = 0;
    std::vector<int> groups;
    std::string acl;
    bool operator==(const Right& other) const { return perm == other.perm && groups == other.groups; }
  };
  using Rights = std::vector<Right>;  // by perm; those that no group has are left out

  // `home` is the root; it needs no row of its own. Where the same is allowed and not allowed in one
  // category, it is not allowed.
  PermissionTree(const PermissionRows& rows, int home);

  // All categories that hang below Home, and Home: each behind its parent.
  const std::vector<int>& order() const { return order_; }
  bool contains(int category) const { return rights_.contains(category); }
  // Of one that the tree contains.
  const Rights& rightsOf(int category) const { return *rights_.at(category); }
  // The category and all below it, each behind its parent; nothing when the tree does not contain it.
  std::vector<int> below(int category) const;
  // Categories that do not hang below Home: their parent is missing, or they are each other's parents. Nobody
  // may do anything there.
  std::size_t detached() const { return detached_; }

 private:
  std::unordered_map<int, std::vector<int>> children_;
  // Categories in which nothing is set share their parent's.
  std::unordered_map<int, std::shared_ptr<const Rights>> rights_;
  std::vector<int> order_;
  std::size_t detached_ = 0;
};

// Categories of either tree whose rights are not the same in both; one that a tree does not contain has none.
std::vector<int> changedBetween(const PermissionTree& before, const PermissionTree& after);

}  // namespace taskqueue::handlers
