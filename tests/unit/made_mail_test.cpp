// Mails that the CMS has made.
#include "tests/unit/mail_text.h"

namespace taskqueue::mail::mail_text_tests {
namespace {

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
}  // namespace taskqueue::mail::mail_text_tests
