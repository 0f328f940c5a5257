// The strict rule for addresses that are stored before any mail is sent. The mailer must accept whatever fits
// the rule.
#include "module/queue/mail_address.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "runner/mail/mime.h"

// GMime 3.2.13 leaks some bytes of a list that it rejects. The sanitizer sees only GLib's frames of its
// stacks.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libgmime-3.0.so\nleak:libglib-2.0.so";
}

namespace taskqueue::mail {
namespace {

// Returns the mailer's reading of a list with only this text, or nothing when it rejects it or finds several
// addresses.
std::string readByMailer(const std::string& text) {
  const auto read = mime().readMailboxes(text);
  const auto* mailboxes = std::get_if<std::vector<Mailbox>>(&read);
  return mailboxes != nullptr && mailboxes->size() == 1 ? mailboxes->front().address : "";
}

TEST(MailAddressRule, IsTheSameInEveryLanguageAndTakenByTheMailer) {
  std::ifstream file(TASKQUEUE_MAIL_ADDRESSES);
  int cases = 0;
  for (std::string line; std::getline(file, line);) {
    const bool isTaken = line.starts_with("yes ");
    if (!isTaken && !line.starts_with("no ")) continue;
    const std::string address = line.substr(line.find(' ') + 1);
    EXPECT_EQ(isMailAddress(address), isTaken) << address;
    if (isTaken) {
      EXPECT_EQ(readByMailer(address), address);
    }
    ++cases;
  }
  EXPECT_GT(cases, 30);
}

TEST(MailAddressRule, TakesASenderWithAName) {
  for (const char* fine : {"a@b", "Site <a@b>", "<a@b>", "\"Shop, Ltd.\" <a@b>", "J\xC3\xBCrgen <a@b>",
                           "\"J\xC3\xBCrgen: (x)\" <a@b>"}) {
    EXPECT_TRUE(isMailSender(fine)) << fine;
    EXPECT_EQ(readByMailer(fine), "a@b") << fine;
  }
  EXPECT_EQ(readByMailer("\"Shop, Ltd.\" <a@xn--a.example>"), "a@xn--a.example");
  for (const char* wrong :
       {"", "Site", "a@b, c@d", "A <a@b>, B <c@d>", "A <a@b> <c@d>", "Shop, Ltd. <a@b>", "A <a@b", "A: <a@b>",
        "\"A <a@b>", "A (x) <a@b>", "A\r\nB <a@b>", "\xFF <a@b>", "=?utf-8?q?x?= <a@b>"}) {
    EXPECT_FALSE(isMailSender(wrong)) << wrong;
  }
}

// Small changes of valid addresses explore the border between the two rules.
TEST(MailAddressRule, AcceptsNothingThatTheMailerRefuses) {
  std::mt19937 random(17);  // NOLINT(bugprone-random-generator-seed): the same cases each time
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  const std::vector<std::string> seeds{"ada.love@example.org", "Ada Love <ada@example.org>",
                                       "\"Love, Ada\" <ada@x-y.org>", "J\xC3\xBCrgen <j@example.org>"};
  const std::string marks = "\"\\()<>[]:;@,. \t'=?_-aZ9!#$%&*+/^`{|}~\xC3\xBC";
  int taken = 0;
  for (int i = 0; i < 40000; ++i) {
    std::string text = seeds[below(seeds.size())];
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
      const std::size_t at = below(text.size());
      if (below(3) == 0) {
        text.erase(at, 1);
      } else {
        text.insert(at, 1, marks[below(marks.size())]);
      }
    }
    if (!isMailSender(text)) continue;
    ++taken;
    ASSERT_NE(readByMailer(text), "") << text;
    if (isMailAddress(text)) {
      ASSERT_EQ(readByMailer(text), text);
    }
  }
  EXPECT_GT(taken, 1000);
}

}  // namespace
}  // namespace taskqueue::mail
