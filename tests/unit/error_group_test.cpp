// The same error gives the same pattern, whatever it is about, and no text breaks it.
#include "module/queue/error_group.h"

#include <gtest/gtest.h>

#include <chrono>

#include "module/queue/utf8_text.h"
#include "tests/unit/xss_payloads.h"

namespace taskqueue {
namespace {

TEST(ErrorPattern, NumbersIdsQuotesAndAddressesAreTakenOut) {
  EXPECT_EQ(errorPattern("no such customer: 17"), "no such customer: #");
  EXPECT_EQ(errorPattern("Order ORD_77 of 2026-11-30T10:07:12 failed"), "Order # of # failed");
  EXPECT_EQ(errorPattern("cannot open '/tmp/a b.csv' for \"reading\""), "cannot open \"…\" for \"…\"");
  EXPECT_EQ(errorPattern("connection to 10.0.0.17:3306 lost"), "connection to # lost");
  EXPECT_EQ(errorPattern("id 9f8b1c22-0d4e-4a1b-8c3d-5e6f7a8b9c0d is taken"), "id # is taken");
  EXPECT_EQ(errorPattern("id 9f8b1c22-abcd-effe-8c3d-5e6f7a8b9c0d is taken"), "id # is taken");
  EXPECT_EQ(errorPattern("5-fold attempt"), "#-fold attempt");
  EXPECT_EQ(errorPattern("user ada@example.org. Try again"), "user @. Try again");
  EXPECT_EQ(errorPattern("can't write\n\t to the disk"), "can't write to the disk");
  EXPECT_EQ(errorPattern("Клиент 5 не найден"), "Клиент # не найден");
}

TEST(ErrorPattern, DifferentErrorsStayApart) {
  EXPECT_NE(errorPattern("disk full"), errorPattern("disk gone"));
  EXPECT_NE(errorFingerprint("smtp", "refused"), errorFingerprint("dns", "refused"));
  EXPECT_NE(errorFingerprint("a", "b"), errorFingerprint("ab", ""));
  EXPECT_EQ(errorFingerprint("smtp", "refused").size(), 16U);
}

TEST(ErrorPattern, HostileTextsStayTextsOfBoundedSize) {
  for (const char* payload : web::tests::kXssPayloads) {
    const std::string pattern = errorPattern(payload);
    EXPECT_LE(pattern.size(), kErrorPatternBytes) << payload;
    EXPECT_FALSE(firstInvalidUtf8(pattern)) << payload;
  }
  EXPECT_EQ(errorPattern(""), "");
  EXPECT_EQ(errorPattern(std::string("\0\x01\x7F\x1B[31m", 8)), "[#");
  std::string letters;
  for (int i = 0; i < 3000; ++i) letters += "ä";
  EXPECT_FALSE(firstInvalidUtf8(errorPattern(letters)));
  EXPECT_LE(errorPattern(letters).size(), kErrorPatternBytes);
  EXPECT_LE(errorPattern(std::string(5'000'000, '\'')).size(), kErrorPatternBytes);
}

TEST(ErrorPattern, TakesNoLongerForTextsOfQuotes) {
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) errorPattern(std::string(2000, '"') + std::string(2000, '\''));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

TEST(ErrorGroupStates, WordsAreReadBack) {
  for (const char* word : {"new", "known", "muted", "resolved"}) {
    const auto state = parseErrorGroupState(word);
    ASSERT_TRUE(state) << word;
    EXPECT_EQ(toString(*state), word);
  }
  EXPECT_FALSE(parseErrorGroupState("gone"));
}

}  // namespace
}  // namespace taskqueue
