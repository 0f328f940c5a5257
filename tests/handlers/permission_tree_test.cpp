// The permission rules on random trees, compared with a plain reference.
#include "runner/handlers/permission_cache/permission_tree.h"

#include <gtest/gtest.h>

#include "tests/handlers/permission_reference.h"
#include "tests/support/property.h"

namespace taskqueue::handlers::tests {
namespace {

// It also generates trees with missing parents and cycles, and settings of missing categories.
rc::Gen<PermissionRows> anyRows() {
  return rc::gen::exec([] {
    PermissionRows rows;
    const int count = *rc::gen::inRange(0, 25);
    for (int id = 1; id <= count; ++id) {
      const int parent = *rc::gen::weightedOneOf<int>(
          {{8, rc::gen::inRange(0, id)}, {1, rc::gen::inRange(0, count + 1)}, {1, rc::gen::just(999)}});
      rows.categories.push_back({id, parent});
    }
    const int settings = *rc::gen::inRange(0, 60);
    for (int i = 0; i < settings; ++i) {
      rows.settings.push_back({*rc::gen::inRange(0, count + 2), *rc::gen::inRange(1, 4),
                               *rc::gen::inRange(1, 15), *rc::gen::arbitrary<bool>()});
    }
    return rows;
  });
}

CacheRows rowsOf(const PermissionTree& tree) {
  CacheRows rows;
  for (const int category : tree.order()) {
    for (const auto& right : tree.rightsOf(category)) rows[{category, right.perm}] = right.acl;
  }
  return rows;
}

TEST(PermissionTree, EqualsThePlainReference) {
  test_support::checkProperty("equals the reference", [] {
    const PermissionRows rows = *anyRows();
    RC_ASSERT(rowsOf(PermissionTree(rows, 0)) == PermissionReference(rows, 0).all());
  });
}

TEST(PermissionTree, BelowIsTheWholeSubtree) {
  test_support::checkProperty("below", [] {
    const PermissionRows rows = *anyRows();
    const PermissionTree tree(rows, 0);
    const PermissionReference reference(rows, 0);
    for (const int top : tree.order()) {
      const std::vector<int> below = tree.below(top);
      std::set<int> wanted;
      for (const int category : tree.order()) {
        if (category == top || reference.isBelow(category, top)) wanted.insert(category);
      }
      RC_ASSERT(below.size() == wanted.size());
      RC_ASSERT(std::set<int>(below.begin(), below.end()) == wanted);
    }
  });
}

TEST(PermissionTree, WhatChangedIsExactlyWhatDiffers) {
  test_support::checkProperty("changes", [] {
    const PermissionRows before = *anyRows();
    const PermissionRows after = *anyRows();
    const PermissionTree from(before, 0);
    const PermissionTree to(after, 0);
    CacheRows rows = rowsOf(from);
    for (const int category : changedBetween(from, to)) {
      std::erase_if(rows, [&](const auto& row) { return row.first.first == category; });
      if (!to.contains(category)) continue;
      for (const auto& right : to.rightsOf(category)) rows[{category, right.perm}] = right.acl;
    }
    RC_ASSERT(rows == rowsOf(to));
    RC_ASSERT(changedBetween(to, PermissionTree(after, 0)).empty());
  });
}

TEST(PermissionTree, ADeepTreeNeedsNoDeepStack) {
  PermissionRows rows;
  constexpr int kDepth = 200000;
  for (int id = 1; id <= kDepth; ++id) rows.categories.push_back({id, id - 1});
  rows.settings.push_back({0, 1, 7, true});
  const PermissionTree tree(rows, 0);
  EXPECT_EQ(tree.rightsOf(kDepth).at(0).acl, "7");
}

}  // namespace
}  // namespace taskqueue::handlers::tests
