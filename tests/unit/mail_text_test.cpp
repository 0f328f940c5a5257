// Lists of addresses, and mails that are composed.
#include "tests/unit/mail_text.h"

namespace taskqueue::mail::mail_text_tests {
namespace {

TEST(AddressListLaws, EveryMailboxOfAListIsRead) {
  EXPECT_THAT(namesIn("ada@example.org"), ElementsAre("|ada@example.org"));
  EXPECT_THAT(namesIn("Ada <ada@x.example>, Bob <bob@y.example>"),
              ElementsAre("Ada|ada@x.example", "Bob|bob@y.example"));
  EXPECT_THAT(namesIn("Ada <ada@x.example>; Bob <bob@y.example>;"),
              ElementsAre("Ada|ada@x.example", "Bob|bob@y.example"));
  EXPECT_THAT(namesIn("a@b, \"c, d; e\" <e@f>;g@h,,"), ElementsAre("|a@b", "c, d; e|e@f", "|g@h"));
  EXPECT_THAT(namesIn("sales@x.example, J\xC3\xBCrgen <j@x.example>"),
              ElementsAre("|sales@x.example", "J\xC3\xBCrgen|j@x.example"));
  EXPECT_THAT(namesIn("team: a@b, C <c@d>;, e@f"), ElementsAre("|a@b", "C|c@d", "|e@f"));
  EXPECT_THAT(namesIn("undisclosed-recipients:;"), IsEmpty());
  EXPECT_THAT(namesIn("=?utf-8?Q?A=2C_b=40c?= <a@x>, a@y (=?utf-8?q?J=C3=BCrgen?=)"),
              ElementsAre("A, b@c|a@x", "J\xC3\xBCrgen|a@y"));
  EXPECT_THAT(namesIn("\"Lovelace, \\\"Ada\\\"\" <ada@example.org>"),
              ElementsAre("Lovelace, \"Ada\"|ada@example.org"));
  EXPECT_THAT(namesIn(" Ada Lovelace  <ada@example.org> "), ElementsAre("Ada Lovelace|ada@example.org"));
}

TEST(AddressListLaws, WhatIsNoListIsRefusedAsAWholeAndNamed) {
  EXPECT_THAT(findListProblem("Ada <ada@x.example>, Bob"),
              AllOf(StartsWith("address: "), HasSubstr("\"Bob\" is no address")));
  for (const char* wrong : {"",
                            "  ",
                            ",",
                            "a",
                            "a@",
                            "@b",
                            "a@b@c",
                            "a b@c",
                            "a@b c@d",
                            "a@b <c@d>",
                            "Ada <a@b> <c@d>",
                            "<a@b><c@d>",
                            "Ada <a@b> Bob",
                            "nonsense a@b",
                            "<a@b",
                            "a@b>",
                            "a@b, Bob <c@d",
                            "Ada <>",
                            "Name, First <a@b>",
                            "a..b@c",
                            ".a@b",
                            "a@b.",
                            "a@-b",
                            "a@b_c",
                            "a @ b",
                            "\"a b\"@c",
                            "a@[127.0.0.1]",
                            "<@route:a@b>",
                            "mailto:a@b",
                            "g: a@b",
                            "g: h: a@b;;",
                            "a@b\\, c@d",
                            "\"open <a@b>",
                            "(open a@b",
                            "Ada @ Home <a@b>",
                            "ada@m\xC3\xBCnchen.example",
                            "\xC3\xA4@x.example",
                            "a\xFF <a@b>",
                            "=?utf-8?Q?A=0D=0ABcc?= <a@b>",
                            "a@b\r\nRCPT TO:<x@y>",
                            "Ada\r\nBcc: x@y <a@b>",
                            "a@b SIZE=1"}) {
    EXPECT_THAT(findListProblem(wrong), StartsWith("address: ")) << wrong;
  }
  EXPECT_THAT(findListProblem(std::string_view("a@b\0, c@d", 9)), StartsWith("address: "));
  EXPECT_THAT(findListProblem(std::string(65, 'a') + "@b"), StartsWith("address: "));
  EXPECT_THAT(findListProblem(std::string(501, 'n') + " <a@b>"), StartsWith("address: "));
}

TEST(ComposedMail, OfTextIsComplete) {
  const auto mail = composed(textTo("Ada <ada@example.org>", "Hello", "One\nTwo"));
  EXPECT_EQ(mail.from, "queue@site.example");
  EXPECT_THAT(mail.recipients, ElementsAre("ada@example.org"));
  EXPECT_THAT(headersOf(mail.content),
              ElementsAre("Date: Tue, 14 Nov 2023 22:13:20 +0000", "From: queue@site.example",
                          "To: Ada <ada@example.org>", "Subject: Hello", "Message-ID: <7.abc@site.example>",
                          "MIME-Version: 1.0", "Auto-Submitted: auto-generated",
                          "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 7bit"));
  EXPECT_EQ(bodyOf(mail.content), "One\r\nTwo");
}

TEST(ComposedMail, GoesToEveryoneNamedOnce) {
  const auto mail =
      composed(textTo("Ada <ada@x.example>, bob@y.example; ada@X.example, Ada@x.example", "", "."));
  EXPECT_THAT(mail.recipients, ElementsAre("ada@x.example", "bob@y.example", "Ada@x.example"));
}

TEST(ComposedMail, HasNoMoreRecipientsThanTheLimit) {
  const auto mail = textTo("a@b, c@d, e@f", "", "");
  EXPECT_EQ(findProblem(mime().compose(mail, {"queue@site.example", 3}, kStamp)), "");
  EXPECT_THAT(findProblem(mime().compose(mail, {"queue@site.example", 2}, kStamp)),
              AllOf(StartsWith("recipients: "), HasSubstr("smtp.max_recipients (2)")));
  EXPECT_THAT(findProblem(mime().compose(textTo("friends:;", "", ""), kRules, kStamp)),
              HasSubstr("names no recipient"));
}

TEST(ComposedMail, HasOneSender) {
  auto mail = textTo("a@b", "", "");
  mail.from = "Shop <shop@site.example>, other@site.example";
  EXPECT_THAT(findProblem(mime().compose(mail, kRules, kStamp)), StartsWith("address: From must name one"));
  mail.from = "";
  EXPECT_THAT(findProblem(mime().compose(mail, {"", 1}, kStamp)), StartsWith("smtp_settings: "));
  EXPECT_THAT(findProblem(mime().compose(mail, {"a@b, c@d", 1}, kStamp)), StartsWith("smtp_settings: "));
}

TEST(ComposedMail, OffersTextAndHtml) {
  auto text = textTo("ada@example.org", "Hello", "text \xE2\x82\xAC");
  text.html = "<p>html";
  const auto mail = composed(text);
  EXPECT_THAT(mail.content, HasSubstr("multipart/alternative"));
  EXPECT_THAT(mail.content, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(mail.content, HasSubstr("<p>html\r\n"));
  EXPECT_THAT(mail.content, EndsWith("--=_parts--\r\n"));
  expectLinesThatMayTravel(mail.content);
  EXPECT_EQ(composed(text).content, mail.content) << "two attempts are the same";
}

TEST(ComposedMail, HasNoHeaderThatASubjectBroughtIn) {
  for (const char* subject : {"x\r\nBcc: eve@example.org", "x\nBcc: eve@example.org",
                              "x\rBcc: eve@example.org", "x\r\n\r\nBcc: eve@example.org",
                              "\xE2\x82\xAC\r\nBcc: eve@example.org", "=?UTF-8?Q?x=0D=0ABcc:_eve?="}) {
    const auto mail = composed(textTo("ada@example.org", subject, "."));
    EXPECT_THAT(headersOf(mail.content), SizeIs(9)) << subject;
    EXPECT_THAT(mail.content, Not(HasSubstr("\nBcc"))) << subject;
    EXPECT_THAT(mail.content, Not(HasSubstr("=0D"))) << subject;
    expectLinesThatMayTravel(mail.content);
  }
}

TEST(ComposedMail, OfLettersBeyondAsciiIsAscii) {
  std::string subject;
  for (int i = 0; i < 60; ++i) subject += "\xD0\x96\xE2\x82\xAC";
  std::string text;
  for (int i = 0; i < 50000; ++i) text += "\xC3\xA9";
  const auto mail = composed(textTo("\xD0\x96 <ada@example.org>", subject, text));
  EXPECT_THAT(headersOf(mail.content),
              testing::Contains(AllOf(StartsWith("To: =?UTF-8?"), EndsWith(" <ada@example.org>"))));
  expectLinesThatMayTravel(mail.content);
}

TEST(ComposedMail, FoldsWhatIsLong) {
  std::string subject;
  for (int i = 0; i < 100; ++i) subject += "word ";
  std::string to;
  for (int i = 0; i < 90; ++i)
    to += "Name " + std::to_string(i) + "<u" + std::to_string(i) + "@example.org>,";
  const auto mail = composed(textTo(to, subject + std::string(2000, 'x'), ""));
  expectLinesThatMayTravel(mail.content);
  EXPECT_THAT(headersOf(mail.content), SizeIs(9));
  EXPECT_EQ(bodyOf(mail.content), "");
  EXPECT_THAT(mail.recipients, SizeIs(90));
}

}  // namespace
}  // namespace taskqueue::mail::mail_text_tests
