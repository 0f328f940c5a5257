#include "module/platform/secret.h"

#include <gtest/gtest.h>

#include <set>

#include "module/platform/random.h"

namespace taskqueue::platform {
namespace {

TEST(Secrets, HashesAreThoseOfTheStandard) {
  EXPECT_EQ(sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, test case 2
  EXPECT_EQ(hmacSha256Hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Secrets, OnlyEqualSecretsAreTheSame) {
  EXPECT_TRUE(sameSecret("abc", "abc"));
  EXPECT_TRUE(sameSecret("", ""));
  EXPECT_FALSE(sameSecret("abc", "abd"));
  EXPECT_FALSE(sameSecret("abc", "ab"));
  EXPECT_FALSE(sameSecret("", "a"));
}

TEST(Secrets, ASecretMatchesItsHashAmongOthers) {
  const std::vector<std::string> hashes{sha256Hex("one"), sha256Hex("two")};
  EXPECT_TRUE(matchesAnyHash("one", hashes));
  EXPECT_TRUE(matchesAnyHash("two", hashes));
  EXPECT_FALSE(matchesAnyHash("three", hashes));
  EXPECT_FALSE(matchesAnyHash(hashes[0], hashes)) << "the hash itself opens nothing";
}

TEST(Secrets, AnEmptyListMatchesNothing) {
  EXPECT_FALSE(matchesAnyHash("", {}));
  EXPECT_FALSE(matchesAnyHash("x", {}));
}

TEST(Randomness, TokensAreHexadecimalAndDiffer) {
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) {
    const std::string token = randomHex(16);
    EXPECT_EQ(token.size(), 32U);
    EXPECT_EQ(token.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_TRUE(tokens.insert(token).second);
    EXPECT_GE(randomChance(), 0.0);
    EXPECT_LT(randomChance(), 1.0);
  }
}

}  // namespace
}  // namespace taskqueue::platform
