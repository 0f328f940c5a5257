#include "module/platform/log.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "module/json/read.h"
#include "module/platform/log_limiter.h"

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

TEST(Log, ATextThatIsTooLongIsCut) {
  ::testing::internal::CaptureStderr();
  log(Level::Warning, "a long one", {{"problem", std::string(1 << 20, 'x')}});
  EXPECT_LT(::testing::internal::GetCapturedStderr().size(), 3000U);
}

TEST(Log, ALineThatIsRepeatedIsCounted) {
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 10000; ++i) log(Level::Warning, "junk", {{"number", std::int64_t{i}}});
  log(Level::Warning, "another one");
  const std::string written = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), LogLimiter::kLinesOfAPeriod + 1);
  EXPECT_NE(written.find("\"number\":29,\"further_lines_are_counted_seconds\":60}"), std::string::npos)
      << written;
  EXPECT_NE(written.find("another one"), std::string::npos);
}

TEST(LogLimiterLaws, WhatWasLeftOutIsToldOnceWhenItsPeriodIsOver) {
  LogLimiter limiter;
  const auto start = LogLimiter::Clock::now();
  for (int i = 0; i < 100; ++i) limiter.look("junk", start);
  EXPECT_TRUE(limiter.takeLeftOut(start).empty());
  const auto later = start + LogLimiter::kPeriod;
  const auto leftOut = limiter.takeLeftOut(later);
  ASSERT_EQ(leftOut.size(), 1U);
  EXPECT_EQ(leftOut[0].message, "junk");
  EXPECT_EQ(leftOut[0].lines, 100 - LogLimiter::kLinesOfAPeriod);
  EXPECT_TRUE(limiter.takeLeftOut(later).empty());
  EXPECT_EQ(limiter.look("junk", later), LogLimiter::Verdict::Write);
}

TEST(LogLimiterLaws, MessagesThatAlwaysDifferAreLimitedToo) {
  LogLimiter limiter;
  const auto now = LogLimiter::Clock::now();
  int written = 0;
  for (int i = 0; i < 10000; ++i)
    written += limiter.look("message " + std::to_string(i), now) != LogLimiter::Verdict::Count ? 1 : 0;
  EXPECT_LE(written, static_cast<int>(LogLimiter::kMaxMessages) + LogLimiter::kLinesOfAPeriod);
}

}  // namespace
}  // namespace taskqueue::platform
