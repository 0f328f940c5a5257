#include "runner/handlers/permission_cache/permission_tree.h"

#include <algorithm>
#include <tuple>

namespace taskqueue::handlers {
namespace {

using Setting = PermissionRows::Setting;
using Rights = PermissionTree::Rights;
using Right = PermissionTree::Right;

std::string aclOf(const std::vector<int>& groups) {
  std::string text;
  for (const int group : groups) text.append(text.empty() ? "" : ",").append(std::to_string(group));
  return text;
}

Right& rightFor(Rights& rights, int perm) {
  auto place = std::lower_bound(rights.begin(), rights.end(), perm,
                                [](const Right& right, int wanted) { return right.perm < wanted; });
  if (place == rights.end() || place->perm != perm) place = rights.insert(place, {perm, {}, ""});
  return *place;
}

void apply(const Setting& setting, std::vector<int>& groups) {
  const auto place = std::lower_bound(groups.begin(), groups.end(), setting.group);
  const bool isIn = place != groups.end() && *place == setting.group;
  if (setting.allowed && !isIn) groups.insert(place, setting.group);
  if (!setting.allowed && isIn) groups.erase(place);
}

// Returns the parent's rights, changed by the category's settings. Denials are applied last.
std::shared_ptr<const Rights> inherited(const Rights& parent, std::vector<Setting> settings) {
  std::stable_sort(settings.begin(), settings.end(), [](const Setting& a, const Setting& b) {
    return std::tuple(a.perm, !a.allowed) < std::tuple(b.perm, !b.allowed);
  });
  auto rights = std::make_shared<Rights>(parent);
  for (const Setting& setting : settings) apply(setting, rightFor(*rights, setting.perm).groups);
  std::erase_if(*rights, [](const Right& right) { return right.groups.empty(); });
  for (Right& right : *rights) right.acl = aclOf(right.groups);
  return rights;
}

}  // namespace

PermissionTree::PermissionTree(const PermissionRows& rows, int home) {
  std::unordered_map<int, std::vector<Setting>> settings;
  for (const Setting& setting : rows.settings) settings[setting.category].push_back(setting);
  for (const auto& category : rows.categories) {
    if (category.id != home) children_[category.parent].push_back(category.id);
  }
  order_ = {home};
  const auto setIn = [&](int category) {
    const auto found = settings.find(category);
    return found == settings.end() ? std::vector<Setting>() : found->second;
  };
  rights_[home] = inherited({}, setIn(home));
  for (std::size_t at = 0; at < order_.size(); ++at) {
    const auto children = children_.find(order_[at]);
    if (children == children_.end()) continue;
    const auto mine = rights_.at(order_[at]);
    for (const int child : children->second) {
      rights_[child] = settings.contains(child) ? inherited(*mine, setIn(child)) : mine;
      order_.push_back(child);
    }
  }
  for (const auto& category : rows.categories) detached_ += rights_.contains(category.id) ? 0 : 1;
}

std::vector<int> PermissionTree::below(int category) const {
  if (!contains(category)) return {};
  std::vector<int> found{category};
  for (std::size_t at = 0; at < found.size(); ++at) {
    const auto children = children_.find(found[at]);
    if (children == children_.end()) continue;
    found.insert(found.end(), children->second.begin(), children->second.end());
  }
  return found;
}

std::vector<int> changedBetween(const PermissionTree& before, const PermissionTree& after) {
  static const Rights kNone;
  const auto rightsIn = [](const PermissionTree& tree, int category) -> const Rights& {
    return tree.contains(category) ? tree.rightsOf(category) : kNone;
  };
  std::vector<int> changed;
  for (const int category : after.order()) {
    if (rightsIn(before, category) != after.rightsOf(category)) changed.push_back(category);
  }
  for (const int category : before.order()) {
    if (!after.contains(category) && !before.rightsOf(category).empty()) changed.push_back(category);
  }
  return changed;
}

}  // namespace taskqueue::handlers
