// Composing mails: for any input the mail has exactly the intended headers and recipients, or it is refused
// with a reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "runner/mail/mime.h"

namespace taskqueue::mail {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const MailStamp kStamp{1700000000, "7.abc"};
const MailRules kRules{"queue@site.example", 100};

template <typename Value>
std::string findProblem(const std::variant<Value, Refusal>& result) {
  const auto* refusal = std::get_if<Refusal>(&result);
  return refusal == nullptr ? "" : refusal->code + ": " + refusal->text;
}

std::vector<std::string> namesIn(std::string_view list) {
  const auto read = mime().readMailboxes(list);
  EXPECT_EQ(findProblem(read), "") << list;
  std::vector<std::string> names;
  if (const auto* mailboxes = std::get_if<std::vector<Mailbox>>(&read)) {
    for (const Mailbox& mailbox : *mailboxes) names.push_back(mailbox.name + "|" + mailbox.address);
  }
  return names;
}

std::string findListProblem(std::string_view list) {
  return findProblem(mime().readMailboxes(list));
}

MailText textTo(std::string to, std::string subject, std::string text) {
  return {"", std::move(to), std::move(subject), std::move(text), ""};
}

MailMessage composed(const MailText& mail) {
  auto made = mime().compose(mail, kRules, kStamp);
  EXPECT_EQ(findProblem(made), "");
  auto* message = std::get_if<MailMessage>(&made);
  return message == nullptr ? MailMessage{} : std::move(*message);
}

MadeMail madeMail(std::vector<std::string> headers, std::string body = "Hi") {
  return {"", "ada@example.org", "", std::move(headers), std::move(body)};
}

MailMessage completed(const MadeMail& mail) {
  auto made = mime().complete(mail, kRules, kStamp);
  EXPECT_EQ(findProblem(made), "");
  auto* message = std::get_if<MailMessage>(&made);
  return message == nullptr ? MailMessage{} : std::move(*message);
}

std::string refusalOf(const MadeMail& mail) {
  return findProblem(mime().complete(mail, kRules, kStamp));
}

// Returns the headers of a mail, unfolded.
std::vector<std::string> headersOf(const std::string& content) {
  std::vector<std::string> lines;
  std::string head = content.substr(0, content.find("\r\n\r\n") + 2);
  for (std::size_t end = head.find("\r\n"); end != std::string::npos; end = head.find("\r\n")) {
    if (head.front() == ' ' || head.front() == '\t') {
      lines.back() += head.substr(0, end);
    } else {
      lines.push_back(head.substr(0, end));
    }
    head.erase(0, end + 2);
  }
  return lines;
}

std::string bodyOf(const std::string& content) {
  return content.substr(content.find("\r\n\r\n") + 4);
}

void expectLinesThatMayTravel(const std::string& content) {
  std::size_t line = 0;
  for (std::size_t i = 0; i < content.size(); ++i) {
    ASSERT_GT(content[i], 0) << "a NUL or a letter beyond ASCII at " << i;
    const bool isEnd = content.compare(i, 2, "\r\n") == 0;
    ASSERT_TRUE(isEnd || (content[i] != '\r' && content[i] != '\n')) << "a bare CR or LF at " << i;
    i += isEnd ? 1 : 0;
    line = isEnd ? 0 : line + 1;
    ASSERT_LE(line, 998U);
  }
}

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

TEST(MadeMailOfTheCms, KeepsItsHeadersAndBody) {
  auto made = madeMail({"From: \"Shop\" <shop@site.example>", "To: Ada <ada@example.org>",
                        "Subject: =?utf-8?B?0JY=?=", "X-Long: a\n b", "Return-Path: bounces@site.example",
                        "Content-Type: multipart/mixed;\r\n boundary=\"b\""},
                       "--b\n\nsome\n--b--\n");
  const auto mail = completed(made);
  EXPECT_EQ(mail.from, "bounces@site.example");
  EXPECT_THAT(mail.recipients, ElementsAre("ada@example.org"));
  EXPECT_THAT(headersOf(mail.content),
              ElementsAre("From: \"Shop\" <shop@site.example>", "To: Ada <ada@example.org>",
                          "Subject: =?utf-8?B?0JY=?=", "X-Long: a b", "Date: Tue, 14 Nov 2023 22:13:20 +0000",
                          "Message-ID: <7.abc@site.example>", "MIME-Version: 1.0",
                          "Content-Type: multipart/mixed; boundary=\"b\""));
  EXPECT_EQ(bodyOf(mail.content), "--b\r\n\r\nsome\r\n--b--\r\n");
}

TEST(MadeMailOfTheCms, GetsWhatItLacks) {
  auto made = madeMail({});
  made.subject = "From the column";
  const auto mail = completed(made);
  EXPECT_THAT(headersOf(mail.content),
              ElementsAre("From: queue@site.example", "To: ada@example.org", "Subject: From the column",
                          "Date: Tue, 14 Nov 2023 22:13:20 +0000", "Message-ID: <7.abc@site.example>",
                          "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"));
  EXPECT_EQ(bodyOf(mail.content), "Hi");
}

TEST(MadeMailOfTheCms, GoesToEveryoneWhomItsHeadersNameAndShowsNoBlindCopy) {
  const auto mail =
      completed(madeMail({"to: Ada <ada@example.org>, bob@example.org",
                          "CC: C <c@example.org>; d@example.org", "Bcc: secret@example.org",
                          "bcc: hidden@example.org, bob@example.org", "Cc: friends: e@example.org;"}));
  EXPECT_THAT(mail.recipients,
              ElementsAre("ada@example.org", "bob@example.org", "c@example.org", "d@example.org",
                          "e@example.org", "secret@example.org", "hidden@example.org"));
  EXPECT_THAT(mail.content, Not(HasSubstr("secret")));
  EXPECT_THAT(mail.content, Not(HasSubstr("hidden")));
  EXPECT_THAT(headersOf(mail.content),
              testing::Contains("CC: C <c@example.org>, d@example.org, friends: e@example.org;"));
}

TEST(MadeMailOfTheCms, ThatIsResentGoesToTheNewRecipients) {
  const auto mail =
      completed(madeMail({"To: first@example.org", "Bcc: former@example.org", "Resent-From: a@b",
                          "Resent-To: new@example.org", "Resent-Bcc: secret@example.org"}));
  EXPECT_THAT(mail.recipients, ElementsAre("ada@example.org", "new@example.org", "secret@example.org"));
  EXPECT_THAT(mail.content, HasSubstr("To: first@example.org\r\n"));
  EXPECT_THAT(mail.content, Not(HasSubstr("secret")));
  EXPECT_THAT(mail.content, Not(HasSubstr("former")));
}

TEST(MadeMailOfTheCms, KeepsEveryMailboxOfEveryHeader) {
  for (const char* name : {"Reply-To", "Errors-To", "Resent-Reply-To", "Disposition-Notification-To", "Cc"}) {
    const auto mail = completed(madeMail(
        {std::string(name) + ": sales@x.example, J\xC3\xBCrgen <j@x.example>, g: \xD0\x96 <k@x.example>;"}));
    const auto headers = headersOf(mail.content);
    const auto line = std::find_if(headers.begin(), headers.end(),
                                   [&](const auto& header) { return header.starts_with(name); });
    ASSERT_NE(line, headers.end()) << name;
    const std::string value = line->substr(line->find(':') + 2);
    EXPECT_THAT(namesIn(value),
                ElementsAre("|sales@x.example", "J\xC3\xBCrgen|j@x.example", "\xD0\x96|k@x.example"))
        << *line;
    EXPECT_EQ(bodyOf(mail.content), "Hi");
    expectLinesThatMayTravel(mail.content);
  }
  EXPECT_THAT(refusalOf(madeMail({"Reply-To: nonsense"})), HasSubstr("the header Reply-To cannot be read"));
  EXPECT_THAT(refusalOf(madeMail({"Cc: J\xC3\xBCrgen (B\xC3\xBCro) <j@x.example>"})),
              HasSubstr("a comment beside a name"));
}

TEST(MadeMailOfTheCms, LosesNoHeaderToAnotherOfTheSameName) {
  for (const char* name :
       {"Subject", "From", "Reply-To", "Date", "Content-Type", "Message-ID", "Content-Transfer-Encoding",
        "MIME-Version", "Sender", "References", "In-Reply-To", "Return-Path"}) {
    const std::string upper = std::string(name) + ": a@b";
    std::string lower = std::string(name) + ": c@d";
    lower[0] = static_cast<char>(lower[0] - 'A' + 'a');
    EXPECT_THAT(refusalOf(madeMail({upper, lower})),
                AllOf(StartsWith("headers: "), HasSubstr(" stands twice")))
        << name;
  }
  EXPECT_THAT(
      headersOf(completed(madeMail({"MIME-Version: 1.0", "mime-version: 1.0", "X-A: 1", "X-A: 2"})).content),
      testing::IsSupersetOf({"MIME-Version: 1.0", "X-A: 1", "X-A: 2"}));
  auto made = madeMail({"Subject: =?utf-8?B?0JY=?="});
  made.subject = "\xD0\x96";
  EXPECT_THAT(headersOf(completed(made).content), testing::Contains("Subject: =?utf-8?B?0JY=?="));
  made.subject = "another";
  EXPECT_THAT(refusalOf(made), HasSubstr("the subject is given twice"));
}

TEST(MadeMailOfTheCms, HasNoHeaderThatIsNoneOrBroughtInAnother) {
  for (const std::string& line :
       {std::string("no header"), std::string(": nameless"), std::string("Bad Name: x"),
        std::string(" folded: x"), std::string("N\xC3\xA4me: x"), std::string(71, 'x') + ": y",
        std::string("X-A: b\r\nBcc: eve@example.org"), std::string("X-A: b\n\nbody"),
        std::string("X-A: b\rBcc: eve@example.org"), std::string("X-A: b\r\n\r\n c"),
        std::string("X-A: a\0b", 8), std::string("Bad\r\nBcc: eve@example.org"), std::string("X-A: \xFF")}) {
    const std::string problem = refusalOf(madeMail({"X-Fine: x", line}));
    EXPECT_THAT(problem, StartsWith("headers: ")) << line;
  }
  EXPECT_THAT(headersOf(completed(madeMail({"X-A: b\r\n", "", "X-B:"})).content),
              testing::IsSupersetOf({"X-A: b", "X-B:"}));
}

TEST(MadeMailOfTheCms, HasASenderWhoIsNamedOnce) {
  EXPECT_EQ(completed(madeMail({"From: a@b, c@d", "Sender: c@d"})).from, "c@d");
  EXPECT_THAT(refusalOf(madeMail({"From: a@b, c@d"})), HasSubstr("a header Sender must name"));
  EXPECT_THAT(refusalOf(madeMail({"From: none:;"})), HasSubstr("From must name an address"));
  EXPECT_THAT(refusalOf(madeMail({"Sender: a@b, c@d"})),
              HasSubstr("the header Sender must name one address"));
  const auto bounce = completed(madeMail({"Return-Path: <>", "From: a@b"}));
  EXPECT_EQ(bounce.from, "");
  EXPECT_THAT(bounce.content, Not(HasSubstr("Return-Path")));
  auto made = madeMail({"From: Shop <shop@site.example>"});
  made.from = "Bounces <bounces@site.example>";
  EXPECT_EQ(completed(made).from, "bounces@site.example");
}

TEST(MadeMailOfTheCms, EncodesHeadersForPeopleAndLeavesThoseForProgramsAlone) {
  const std::string link = "<https://site.example/" + std::string(200, 'u') + ">";
  const auto mail =
      completed(madeMail({"Subject: =?utf-8?Q?caf=C3=A9?= \xE2\x82\xAC", "X-Note: " + std::string(2000, 'n'),
                          "List-Unsubscribe: " + link, "References: <a@b> <c@d>",
                          "Content-Disposition: attachment; filename=\"\xD0\x96.pdf\""}));
  expectLinesThatMayTravel(mail.content);
  EXPECT_THAT(mail.content, HasSubstr("Subject: =?UTF-8?B?Y2Fmw6kg4oKs?=\r\n")) << "one text: café €";
  EXPECT_THAT(mail.content, HasSubstr(link + "\r\n"));
  EXPECT_THAT(mail.content, HasSubstr("filename*=UTF-8''%D0%96.pdf"));
  EXPECT_EQ(bodyOf(mail.content), "Hi");
  for (const std::string& line :
       {std::string("Message-ID: <\xD0\x96@x>"), "References: " + std::string(1200, 'r')})
    EXPECT_THAT(refusalOf(madeMail({line})), AllOf(StartsWith("headers: "), HasSubstr("cannot be encoded")))
        << line;
}

TEST(MadeMailOfTheCms, IsEncodedWhereItCouldNotTravel) {
  for (const std::string& body : {std::string("\xD0\x96"), std::string(2000, 'x'), std::string("a\0b", 3)}) {
    for (const char* encoding : {"", "Content-Transfer-Encoding: 8bit", "Content-Transfer-Encoding: 7BIT",
                                 "Content-Transfer-Encoding: binary"}) {
      const auto mail = completed(madeMail({encoding, "Content-Type: text/plain; charset=iso-8859-1"}, body));
      expectLinesThatMayTravel(mail.content);
      EXPECT_THAT(headersOf(mail.content),
                  testing::Contains(testing::AnyOf("Content-Transfer-Encoding: base64",
                                                   "Content-Transfer-Encoding: quoted-printable")));
      if (body[0] < 0) {
        EXPECT_THAT(mail.content, HasSubstr("charset=utf-8")) << "that is what it is";
      }
    }
  }
}

TEST(MadeMailOfTheCms, HasEachPartEncodedThatCouldNotTravel) {
  const std::string longBase64(1200, 'A');
  const auto mail = completed(madeMail(
      {"Content-Type: multipart/mixed; boundary=b"},
      "preamble\n--b\nContent-Type: text/plain\n\nsome \xD0\x96\n--b\nContent-Type: application/pdf\n"
      "Content-Transfer-Encoding: base64\n\n" +
          longBase64 +
          "\n--b\nX-Kept: 1\n\nplain\n"
          "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\nContent-Type: text/html; "
          "charset=utf-8\n\n" +
          std::string(1500, 'h') +
          "\n--c--\n--b\nContent-Type: message/rfc822\n\nSubject: in\n\n\xD0\x96\n--b--\nepilogue\n"));
  expectLinesThatMayTravel(mail.content);
  EXPECT_THAT(mail.content, HasSubstr("X-Kept: 1\r\n\r\nplain\r\n"));
  EXPECT_THAT(mail.content, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(mail.content, HasSubstr("\r\n" + std::string(76, 'A') + "\r\n"));
  EXPECT_THAT(mail.content, HasSubstr("epilogue"));
  const auto named =
      completed(madeMail({"Content-Type: multipart/mixed; boundary=b"},
                         "--b\nContent-Type: application/pdf; name=\"\xD0\x96.pdf\"\nContent-Disposition: "
                         "attachment; filename=\"\xD0\x96.pdf\"\n\nx\n--b--\n"));
  expectLinesThatMayTravel(named.content);
  EXPECT_THAT(named.content,
              AllOf(HasSubstr("name*=UTF-8''%D0%96.pdf"), HasSubstr("filename*=UTF-8''%D0%96.pdf")));
  expectLinesThatMayTravel(completed(madeMail({"Content-Type: text/plain; name=\"\xD0\x96\""})).content);
}

TEST(MadeMailOfTheCms, IsRefusedWhereItCouldNeitherTravelNorBeEncoded) {
  const auto refusalOfBody = [](std::vector<std::string> headers, std::string body) {
    return refusalOf(madeMail(std::move(headers), std::move(body)));
  };
  const std::string mixed = "Content-Type: multipart/mixed; boundary=b";
  EXPECT_THAT(refusalOfBody({"Content-Type: multipart/signed; boundary=b"}, "--b\n\n\xD0\x96\n--b--\n"),
              HasSubstr("would break its signature"));
  EXPECT_THAT(refusalOfBody({mixed}, "\xD0\x96\n--b\n\nx\n--b--\n"), HasSubstr("between its parts"));
  EXPECT_THAT(refusalOfBody({mixed}, "no part \xD0\x96"), StartsWith("body: "));
  EXPECT_THAT(refusalOfBody({mixed}, "--b\nX-A: \xD0\x96\n\nx\n--b--\n"), StartsWith("body: "));
  EXPECT_THAT(refusalOfBody({mixed, "Content-Transfer-Encoding: base64"}, "QUJD"),
              HasSubstr("cannot have the encoding"));
  EXPECT_THAT(refusalOfBody({"Content-Transfer-Encoding: base64"}, "Hello, world"), HasSubstr("says base64"));
  EXPECT_THAT(refusalOfBody({"Content-Transfer-Encoding: base64"}, "QUJ"), HasSubstr("says base64"));
  EXPECT_THAT(refusalOfBody({"Content-Transfer-Encoding: quoted-printable"}, "50 =ZZ"),
              HasSubstr("says quoted-printable"));
  EXPECT_THAT(refusalOfBody({"Content-Transfer-Encoding: x-own"}, "\xD0\x96"), HasSubstr("is not known"));
  EXPECT_THAT(bodyOf(completed(madeMail({"Content-Transfer-Encoding: x-own"}, "own")).content), "own");
  EXPECT_THAT(bodyOf(completed(madeMail({"Content-Transfer-Encoding: base64"}, "QUJD\n")).content),
              "QUJD\r\n");
  EXPECT_THAT(
      bodyOf(completed(madeMail({"Content-Transfer-Encoding: quoted-printable"}, "a =3D b=\nc")).content),
      "a =3D b=\r\nc");
}

}  // namespace
}  // namespace taskqueue::mail
