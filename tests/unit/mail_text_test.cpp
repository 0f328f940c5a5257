// What mails are made of: whatever goes in, exactly the headers that were meant come out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/mail/compose.h"
#include "runner/mail/encoding.h"

namespace taskqueue::mail {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const MailStamp kStamp{1700000000, "7.abc"};

Mailbox boxOf(std::string_view text) {
  auto box = Mailbox::parse(text);
  EXPECT_TRUE(box) << text;
  return box.value_or(*Mailbox::parse("x@y"));
}

MailText textTo(std::string_view to, std::string subject, std::string text) {
  return {boxOf("queue@site.example"), boxOf(to), std::move(subject), std::move(text), ""};
}

// The headers of a mail, unfolded.
std::vector<std::string> headersOf(const std::string& content) {
  std::vector<std::string> lines;
  for (const HeaderField& field : parseHeaders(content.substr(0, content.find("\r\n\r\n")))) {
    lines.push_back(field.name + ": " + field.value);
  }
  return lines;
}

std::string bodyOf(const std::string& content) {
  return content.substr(content.find("\r\n\r\n") + 4);
}

void expectLinesThatMayTravel(const std::string& content) {
  EXPECT_TRUE(isPlainLines(content));
  EXPECT_EQ(withCrlf(content), content) << "a bare CR or LF";
}

TEST(MailAddress, IsTakenOnlyWhenItCanDoNoHarm) {
  for (const char* fine : {"a@b", "ada.love+lace@mail.example.org", "o'neil@x-y.example", "1@2.3"}) {
    EXPECT_TRUE(isAddress(fine)) << fine;
  }
  for (const char* wrong : {"",
                            "@",
                            "a",
                            "a@",
                            "@b",
                            "a@b@c",
                            "a b@c",
                            "a@b c",
                            "a@b\r\nRCPT TO:<x@y>",
                            "<a@b>",
                            "a@b>",
                            "a..b@c",
                            ".a@b",
                            "a@b.",
                            "a@-b",
                            "a@b_c",
                            "\"a b\"@c",
                            "ada@m\xC3\xBCnchen.example",
                            "a@[127.0.0.1]",
                            "a@b,c@d",
                            "a@b SIZE=1"}) {
    EXPECT_FALSE(isAddress(wrong)) << wrong;
  }
  EXPECT_FALSE(isAddress(std::string(65, 'a') + "@b"));
  EXPECT_FALSE(isAddress("a@" + std::string(64, 'b')));
}

TEST(Mailbox, HasANameOrNone) {
  EXPECT_EQ(boxOf("ada@example.org").name(), "");
  EXPECT_EQ(boxOf(" Ada Lovelace  <ada@example.org> ").name(), "Ada Lovelace");
  EXPECT_EQ(boxOf("\"Lovelace, \\\"Ada\\\"\" <ada@example.org>").name(), "Lovelace, \"Ada\"");
  EXPECT_EQ(boxOf("<ada@example.org>").address(), "ada@example.org");
  EXPECT_FALSE(Mailbox::parse("Ada\r\nBcc: x@y <ada@example.org>"));
  EXPECT_FALSE(Mailbox::parse("Ada <ada@example.org"));
  EXPECT_FALSE(Mailbox::parse(""));
}

TEST(Mailbox, ListsAreDividedOutsideOfNamesOnly) {
  EXPECT_THAT(splitMailboxes("a@b, \"c, d\" <e@f>;g@h,,"), ElementsAre("a@b", "\"c, d\" <e@f>", "g@h"));
  EXPECT_THAT(splitMailboxes(" , "), IsEmpty());
  EXPECT_THAT(splitMailboxes("\"a\\"), ElementsAre("\"a\\"));
}

TEST(ComposedMail, OfTextIsComplete) {
  const auto mail = composeMail(textTo("Ada <ada@example.org>", "Hello", "One\nTwo"), kStamp);
  EXPECT_EQ(mail.from, "queue@site.example");
  EXPECT_THAT(mail.recipients, ElementsAre("ada@example.org"));
  EXPECT_THAT(
      headersOf(mail.content),
      ElementsAre("Date: Tue, 14 Nov 2023 22:13:20 +0000", "From: queue@site.example",
                  "To: \"Ada\" <ada@example.org>", "Subject: Hello", "Message-ID: <7.abc@site.example>",
                  "MIME-Version: 1.0", "Auto-Submitted: auto-generated",
                  "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64"));
  EXPECT_EQ(bodyOf(mail.content), "T25lDQpUd28=\r\n");
}

TEST(ComposedMail, OffersTextAndHtml) {
  auto text = textTo("ada@example.org", "Hello", "text");
  text.html = "<p>html";
  const auto mail = composeMail(text, kStamp);
  EXPECT_THAT(mail.content, HasSubstr("multipart/alternative"));
  EXPECT_THAT(mail.content, HasSubstr("dGV4dA=="));
  EXPECT_THAT(mail.content, HasSubstr("PHA+aHRtbA=="));
  EXPECT_THAT(mail.content, EndsWith("--=_parts--\r\n"));
  expectLinesThatMayTravel(mail.content);
}

TEST(ComposedMail, HasNoHeaderThatASubjectBroughtIn) {
  for (const char* subject :
       {"x\r\nBcc: eve@example.org", "x\nBcc: eve@example.org", "x\rBcc: eve@example.org",
        "x\r\n\r\nBcc: eve@example.org", "\xE2\x82\xAC\r\nBcc: eve@example.org",
        "\xFF\r\nBcc: eve@example.org", "=?UTF-8?Q?x=0D=0ABcc:_eve?="}) {
    const auto mail = composeMail(textTo("ada@example.org", subject, "."), kStamp);
    EXPECT_THAT(headersOf(mail.content), testing::SizeIs(9)) << subject;
    EXPECT_THAT(mail.content, Not(HasSubstr("\nBcc"))) << subject;
    expectLinesThatMayTravel(mail.content);
  }
}

TEST(ComposedMail, OfLettersBeyondAsciiIsAscii) {
  std::string subject;
  for (int i = 0; i < 60; ++i) subject += "\xD0\x96\xE2\x82\xAC";
  const auto mail =
      composeMail(textTo("\xD0\x96 <ada@example.org>", subject, std::string(100000, '\xE9')), kStamp);
  EXPECT_THAT(mail.content, HasSubstr("To: =?UTF-8?B?0JY=?=\r\n <ada@example.org>\r\n"));
  expectLinesThatMayTravel(mail.content);
  for (const auto& line : headersOf(mail.content)) {
    EXPECT_THAT(line, Not(HasSubstr("?B?\?="))) << "an empty word";
  }
}

TEST(ComposedMail, FoldsWhatIsLong) {
  std::string subject;
  for (int i = 0; i < 100; ++i) subject += "word ";
  const auto mail = composeMail(textTo("ada@example.org", subject + std::string(2000, 'x'), ""), kStamp);
  expectLinesThatMayTravel(mail.content);
  EXPECT_THAT(headersOf(mail.content), testing::SizeIs(9));
}

MadeMail madeMail(const std::string& headers, std::string body) {
  return {boxOf("shop@site.example"), boxOf("ada@example.org"), "From the column", parseHeaders(headers),
          std::move(body)};
}

TEST(MadeMailOfTheCms, KeepsItsHeadersAndBody) {
  const auto mail = completeMail(madeMail("From: \"Shop\" <shop@site.example>\nTo: Ada <ada@example.org>\n"
                                          "Subject: =?utf-8?B?0JY=?=\nX-Long: a\n b\nBcc: eve@example.org\n"
                                          "Return-Path: shop@site.example\n"
                                          "Content-Type: multipart/mixed;\n boundary=\"b\"",
                                          "--b\n\nsome \xD0\x96\n--b--\n"),
                                 kStamp);
  EXPECT_THAT(
      headersOf(mail.content),
      ElementsAre("From: \"Shop\" <shop@site.example>", "To: Ada <ada@example.org>",
                  "Subject: =?utf-8?B?0JY=?=", "X-Long: a b", "Content-Type: multipart/mixed; boundary=\"b\"",
                  "Date: Tue, 14 Nov 2023 22:13:20 +0000", "Message-ID: <7.abc@site.example>",
                  "MIME-Version: 1.0"));
  EXPECT_EQ(bodyOf(mail.content), "--b\r\n\r\nsome \xD0\x96\r\n--b--\r\n");
}

TEST(MadeMailOfTheCms, GetsWhatItLacks) {
  const auto mail = completeMail(madeMail("no header\n folded\n: neither\n", "Hi"), kStamp);
  EXPECT_THAT(headersOf(mail.content),
              ElementsAre("From: shop@site.example", "To: ada@example.org", "Subject: From the column",
                          "Date: Tue, 14 Nov 2023 22:13:20 +0000", "Message-ID: <7.abc@site.example>",
                          "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"));
  EXPECT_EQ(bodyOf(mail.content), "Hi");
}

TEST(MadeMailOfTheCms, IsEncodedWhereItCouldNotTravel) {
  for (const std::string& body : {std::string("\xD0\x96"), std::string(2000, 'x'), std::string("a\0b", 3)}) {
    for (const char* encoding : {"", "Content-Transfer-Encoding: 8bit\n"}) {
      const auto mail = completeMail(
          madeMail(encoding + std::string("Content-Type: text/plain; charset=utf-8\n"), body), kStamp);
      expectLinesThatMayTravel(mail.content);
      EXPECT_THAT(headersOf(mail.content), testing::Contains("Content-Transfer-Encoding: base64"));
    }
  }
}

TEST(MadeMailOfTheCms, HasNoHeaderThatAValueBroughtIn) {
  MadeMail made = madeMail("", "x");
  made.subject = "x\r\nBcc: eve@example.org";
  made.headers = {{"X-Mine", "a\r\nBcc: eve@example.org"},
                  {"Bad\r\nBcc", "eve@example.org"},
                  {"Reply-To", "\xD0\x96\r\nBcc: e@f"}};
  const auto mail = completeMail(made, kStamp);
  EXPECT_THAT(mail.content, Not(HasSubstr("\nBcc")));
  expectLinesThatMayTravel(mail.content);
}

}  // namespace
}  // namespace taskqueue::mail
