// Makes mails, and reads their headers and bodies.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "runner/mail/mime.h"

namespace taskqueue::mail::mail_text_tests {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

inline const MailStamp kStamp{1700000000, "7.abc"};
inline const MailRules kRules{"queue@site.example", 100};

template <typename Value>
inline std::string findProblem(const std::variant<Value, Refusal>& result) {
  const auto* refusal = std::get_if<Refusal>(&result);
  return refusal == nullptr ? "" : refusal->code + ": " + refusal->text;
}

inline std::vector<std::string> namesIn(std::string_view list) {
  const auto read = mime().readMailboxes(list);
  EXPECT_EQ(findProblem(read), "") << list;
  std::vector<std::string> names;
  if (const auto* mailboxes = std::get_if<std::vector<Mailbox>>(&read)) {
    for (const Mailbox& mailbox : *mailboxes) names.push_back(mailbox.name + "|" + mailbox.address);
  }
  return names;
}

inline std::string findListProblem(std::string_view list) {
  return findProblem(mime().readMailboxes(list));
}

inline MailText textTo(std::string to, std::string subject, std::string text) {
  return {"", std::move(to), std::move(subject), std::move(text), ""};
}

inline MailMessage composed(const MailText& mail) {
  auto made = mime().compose(mail, kRules, kStamp);
  EXPECT_EQ(findProblem(made), "");
  auto* message = std::get_if<MailMessage>(&made);
  return message == nullptr ? MailMessage{} : std::move(*message);
}

inline MadeMail madeMail(std::vector<std::string> headers, std::string body = "Hi") {
  return {"", "ada@example.org", "", std::move(headers), std::move(body)};
}

inline MailMessage completed(const MadeMail& mail) {
  auto made = mime().complete(mail, kRules, kStamp);
  EXPECT_EQ(findProblem(made), "");
  auto* message = std::get_if<MailMessage>(&made);
  return message == nullptr ? MailMessage{} : std::move(*message);
}

inline std::string refusalOf(const MadeMail& mail) {
  return findProblem(mime().complete(mail, kRules, kStamp));
}

// Returns the headers of a mail, unfolded.
inline std::vector<std::string> headersOf(const std::string& content) {
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

inline std::string bodyOf(const std::string& content) {
  return content.substr(content.find("\r\n\r\n") + 4);
}

inline void expectLinesThatMayTravel(const std::string& content) {
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

}  // namespace taskqueue::mail::mail_text_tests
