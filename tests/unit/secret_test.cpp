#include "module/platform/secret.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <set>

#include "module/platform/own_process.h"
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

// Numbers are drawn in blocks. A fork that went on with its parent's block would draw the parent's tokens.
TEST(Randomness, AChildProcessDrawsOtherTokensThanItsParent) {
  randomHex(16);
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string token = randomHex(16);
    ::_exit(::write(ends[1], token.data(), token.size()) == static_cast<ssize_t>(token.size()) ? 0 : 1);
  }
  const std::string ours = randomHex(16);
  std::string theirs(32, ' ');
  ASSERT_EQ(::read(ends[0], theirs.data(), theirs.size()), 32);
  ::waitpid(child, nullptr, 0);
  ::close(ends[0]);
  ::close(ends[1]);
  EXPECT_NE(ours, theirs);
}

TEST(OwnProcess, AChildProcessKnowsItsOwnNumber) {
  EXPECT_EQ(ownProcessId(), ::getpid());
  const pid_t child = ::fork();
  if (child == 0) ::_exit(ownProcessId() == ::getpid() ? 0 : 1);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace taskqueue::platform
