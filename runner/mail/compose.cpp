#include "runner/mail/compose.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "runner/mail/encoding.h"

namespace taskqueue::mail {
namespace {

constexpr const char* kUtf8Text = "text/plain; charset=utf-8";
constexpr const char* kUtf8Html = "text/html; charset=utf-8";
constexpr const char* kBase64 = "base64";
// No line of base64 has these characters.
constexpr const char* kBoundary = "=_parts";

std::string dateOf(std::int64_t seconds) {
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %d %s %d %02d:%02d:%02d +0000",
                kDays.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                kMonths.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900, parts.tm_hour,
                parts.tm_min, parts.tm_sec);
  return text.data();
}

std::string messageIdOf(const MailStamp& stamp, const Mailbox& from) {
  return "<" + stamp.id + "@" + std::string(from.domain()) + ">";
}

// An address header. A name of ASCII is quoted, another one encoded.
std::string mailboxHeader(std::string_view name, const Mailbox& mailbox) {
  const std::string address = "<" + mailbox.address() + ">";
  if (mailbox.name().empty()) return plainHeader(name, mailbox.address());
  if (!isPrintableAscii(mailbox.name()) || mailbox.name().find("=?") != std::string::npos) {
    return std::string(name) + ": " + encodedWords(mailbox.name()) + "\r\n " + address + "\r\n";
  }
  std::string quoted;
  for (const char c : mailbox.name()) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return plainHeader(name, "\"" + quoted + "\" " + address);
}

std::string part(const char* type, std::string_view text) {
  return header("Content-Type", type) + header("Content-Transfer-Encoding", kBase64) + "\r\n" +
         base64Lines(withCrlf(text));
}

std::string bodyOf(const MailText& mail) {
  if (mail.html.empty()) return part(kUtf8Text, mail.text);
  if (mail.text.empty()) return part(kUtf8Html, mail.html);
  const std::string divider = std::string("--") + kBoundary;
  return plainHeader("Content-Type", std::string("multipart/alternative; boundary=\"") + kBoundary + "\"") +
         "\r\n" + divider + "\r\n" + part(kUtf8Text, mail.text) + divider + "\r\n" +
         part(kUtf8Html, mail.html) + divider + "--\r\n";
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

bool isHeaderName(std::string_view name) {
  constexpr std::size_t kLongest = 70;
  return !name.empty() && name.size() <= kLongest &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
}

const HeaderField* find(const std::vector<HeaderField>& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const HeaderField& field) { return lowered(field.name) == name; });
  return found == headers.end() ? nullptr : &*found;
}

bool isOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// As it came, as far as a mail may say it.
std::string fieldLine(const HeaderField& field) {
  if (isPrintableAscii(field.value)) return plainHeader(field.name, field.value);
  if (isOneOf(lowered(field.name), {"from", "to", "cc", "reply-to", "sender"})) {
    if (const auto mailbox = Mailbox::parse(field.value)) return mailboxHeader(field.name, *mailbox);
  }
  return header(field.name, field.value);
}

// Whether a body of these headers has to be encoded before it travels.
bool mustBeEncoded(const MadeMail& mail) {
  if (isPlainLines(mail.body)) return false;
  const HeaderField* type = find(mail.headers, "content-type");
  if (type != nullptr && lowered(type->value).starts_with("multipart/")) return false;
  const HeaderField* encoding = find(mail.headers, "content-transfer-encoding");
  return encoding == nullptr || isOneOf(lowered(encoding->value), {"7bit", "8bit", "binary"});
}

}  // namespace

MailMessage composeMail(const MailText& mail, const MailStamp& stamp) {
  MailMessage message;
  message.from = mail.from.address();
  message.recipients = {mail.to.address()};
  message.content = header("Date", dateOf(stamp.writtenOn)) + mailboxHeader("From", mail.from) +
                    mailboxHeader("To", mail.to) + header("Subject", mail.subject) +
                    plainHeader("Message-ID", messageIdOf(stamp, mail.from)) + header("MIME-Version", "1.0") +
                    header("Auto-Submitted", "auto-generated") + bodyOf(mail);
  return message;
}

MailMessage completeMail(const MadeMail& mail, const MailStamp& stamp) {
  const bool encode = mustBeEncoded(mail);
  MailMessage message;
  message.from = mail.from.address();
  message.recipients = {mail.to.address()};
  std::string& content = message.content;
  for (const HeaderField& field : mail.headers) {
    const std::string name = lowered(field.name);
    if (!isHeaderName(field.name) || isOneOf(name, {"bcc", "return-path"})) continue;
    if (encode && name == "content-transfer-encoding") continue;
    content += fieldLine(field);
  }
  const auto lacks = [&](std::string_view name) { return find(mail.headers, name) == nullptr; };
  if (lacks("from")) content += mailboxHeader("From", mail.from);
  if (lacks("to")) content += mailboxHeader("To", mail.to);
  if (lacks("subject")) content += header("Subject", mail.subject);
  if (lacks("date")) content += header("Date", dateOf(stamp.writtenOn));
  if (lacks("message-id")) content += plainHeader("Message-ID", messageIdOf(stamp, mail.from));
  if (lacks("mime-version")) content += header("MIME-Version", "1.0");
  if (lacks("content-type")) content += header("Content-Type", kUtf8Text);
  if (encode) content += header("Content-Transfer-Encoding", kBase64);
  content += "\r\n";
  content += encode ? base64Lines(withCrlf(mail.body)) : withCrlf(mail.body);
  return message;
}

bool isSameHeader(std::string_view a, std::string_view b) {
  return lowered(a) == lowered(b);
}

std::vector<HeaderField> parseHeaders(std::string_view text) {
  std::vector<HeaderField> headers;
  bool continues = false;  // whether a folded line would belong to the last header
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of("\r\n"), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const bool isFolded = line.front() == ' ' || line.front() == '\t';
    const auto begin = std::min(line.find_first_not_of(" \t"), line.size());
    if (isFolded) {
      if (continues) headers.back().value.append(" ").append(line.substr(begin));
      continue;
    }
    const auto colon = line.find(':');
    continues = colon != std::string_view::npos && isHeaderName(line.substr(0, colon));
    if (!continues) continue;
    const auto value = line.substr(colon + 1);
    const auto first = std::min(value.find_first_not_of(" \t"), value.size());
    headers.push_back({std::string(line.substr(0, colon)), std::string(value.substr(first))});
  }
  return headers;
}

}  // namespace taskqueue::mail
