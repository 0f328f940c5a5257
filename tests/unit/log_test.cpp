#include "module/platform/log.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "module/json/read.h"

namespace taskqueue::platform {
namespace {

TEST(Log, HostileTextStaysOneJsonLine) {
  const std::string hostile = "line\r\nbreak \x1b[31m {} {0} %s \" \\ \x01";
  ::testing::internal::CaptureStderr();
  log(Level::Error, hostile, {{"field", hostile}, {"number", std::int64_t{7}}});
  const std::string written = ::testing::internal::GetCapturedStderr();

  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1);
  EXPECT_TRUE(std::none_of(written.begin(), written.end() - 1,
                           [](char c) { return static_cast<unsigned char>(c) < 32; }));
  const auto parsed = json::read(written, {});
  const auto& line = std::get<json::Document>(parsed);
  EXPECT_EQ(json::textMember(line, "message"), hostile);
  EXPECT_EQ(json::textMember(line, "field"), hostile);
  EXPECT_EQ(json::integerMember(line, "number"), 7);
  EXPECT_EQ(json::textMember(line, "level"), "error");
}

}  // namespace
}  // namespace taskqueue::platform
