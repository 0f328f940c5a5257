// A plain reference implementation of the permission rules: it answers each question by walking up the tree.
// CategoryPermissionCache is compared with it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "runner/handlers/permission_cache/permission_tree.h"

namespace taskqueue::handlers::tests {

// Maps (category, perm) to the ACL, like the cache's rows.
using CacheRows = std::map<std::pair<int, int>, std::string>;

class PermissionReference {
 public:
  PermissionReference(const PermissionRows& rows, int home) : rows_(rows), home_(home) {
    for (const auto& category : rows.categories) parents_[category.id] = category.parent;
    parents_.erase(home);
  }

  CacheRows all() const {
    std::set<int> categories{home_};
    for (const auto& [category, parent] : parents_) categories.insert(category);
    CacheRows found;
    for (const int category : categories) {
      for (const int perm : perms()) {
        std::string acl;
        for (const int group : groups()) {
          if (may(category, perm, group)) acl += (acl.empty() ? "" : ",") + std::to_string(group);
        }
        if (!acl.empty()) found[{category, perm}] = acl;
      }
    }
    return found;
  }

  // Tells whether `top` is the category itself or one of its ancestors.
  bool isBelow(int category, int top) const {
    for (std::set<int> seen; seen.insert(category).second; category = parents_.at(category)) {
      if (category == top) return true;
      if (!parents_.contains(category)) return false;
    }
    return false;
  }

 private:
  std::set<int> perms() const {
    std::set<int> perms;
    for (const auto& setting : rows_.settings) perms.insert(setting.perm);
    return perms;
  }
  std::set<int> groups() const {
    std::set<int> groups;
    for (const auto& setting : rows_.settings) groups.insert(setting.group);
    return groups;
  }

  // Returns the setting of the category itself; a denial wins.
  std::optional<bool> set(int category, int perm, int group) const {
    std::optional<bool> found;
    for (const auto& setting : rows_.settings) {
      if (setting.category != category || setting.perm != perm || setting.group != group) continue;
      found = found.value_or(true) && setting.allowed;
    }
    return found;
  }

  bool may(int category, int perm, int group) const {
    if (!isBelow(category, home_)) return false;
    if (const auto here = set(category, perm, group)) return *here;
    return category != home_ && may(parents_.at(category), perm, group);
  }

  const PermissionRows& rows_;
  int home_;
  std::map<int, int> parents_;
};

}  // namespace taskqueue::handlers::tests
