// Runs a RapidCheck property inside a gtest test. A failure prints the smallest counter-example and the seed.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

namespace taskqueue::test_support {

template <typename Property>
void checkProperty(const std::string& name, Property&& property) {
  EXPECT_TRUE(rc::check(name, std::forward<Property>(property))) << name;
}

}  // namespace taskqueue::test_support
