// Composes and parses mails (RFC 5322, MIME) with GMime, which handles addresses, headers and encodings. The
// functions are pure: the caller passes the time and the id.
//
// GMime is linked into a separate module, which mime() loads. A process without mails does not load it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace taskqueue::mail {

// The identity of a mail. Two attempts at the same mail should use the same stamp, so that a mail server can
// detect the duplicate.
struct MailStamp {
  std::int64_t writtenOn = 0;  // Unix seconds
  std::string id;              // left part of Message-ID: letters, digits, '.' and '-'
};

// Settings that apply to all mails of a site.
struct MailRules {
  std::string siteSender;  // used when a mail names no sender; empty: none
  std::size_t maxRecipients = 100;
};

// A mail given as UTF-8 texts. Subject and text cannot inject a header, whatever they contain.
struct MailText {
  std::string from;  // one mailbox; empty: the site's sender
  std::string to;    // a list of mailboxes
  std::string subject;
  std::string text;
  std::string html;  // empty: text only; with a text: the reader's program chooses
};

// A complete mail from the CMS: its headers, and its body in the encodings that they announce.
struct MadeMail {
  std::string from;                  // as above; empty: the headers' Return-Path, Sender or From
  std::string to;                    // further recipients besides the headers' To, Cc and Bcc
  std::string subject;               // used when the headers have none
  std::vector<std::string> headers;  // "Name: value", folded or not
  std::string body;
};

// A mail as an SMTP server accepts it.
struct MailMessage {
  std::string from;                     // address; empty: bounces are not wanted (MAIL FROM:<>)
  std::vector<std::string> recipients;  // addresses without duplicates
  std::string content;                  // complete RFC 5322 message in ASCII, lines ended by CRLF
};

// Why the module refuses an input.
struct Refusal {
  std::string code;  // address, recipients, headers, body; smtp_settings: the site's sender is wrong
  std::string text;  // names what is wrong and how to fix it
};

struct Mailbox {
  std::string name;  // UTF-8; empty: none
  std::string address;
};

// One parser reads all address lists. A list is accepted whole or refused. Separators are commas and
// semicolons, groups are expanded, and each address satisfies isMailAddress().
class Mime {
 public:
  virtual ~Mime() = default;

  virtual std::variant<std::vector<Mailbox>, Refusal> readMailboxes(std::string_view list) const = 0;

  virtual std::variant<MailMessage, Refusal> compose(const MailText& mail, const MailRules& rules,
                                                     const MailStamp& stamp) const = 0;

  // Each mailbox of To, Cc and Bcc becomes a recipient. If there is a Resent-To, Resent-Cc or Resent-Bcc,
  // those count instead. Bcc, Resent-Bcc and Return-Path are left out of the content. Missing headers are
  // added: From, To, Subject, Date, Message-ID, MIME-Version, Content-Type. A body with long lines or
  // non-ASCII letters is encoded; readers see the same.
  virtual std::variant<MailMessage, Refusal> complete(const MadeMail& mail, const MailRules& rules,
                                                      const MailStamp& stamp) const = 0;
};

// The first call loads the module; later calls are cheap. Throws std::runtime_error with the file's name when
// loading fails. Belongs to one thread.
const Mime& mime();

// Symbol name and type of the module's entry point.
inline constexpr const char* kMimeEntry = "taskqueue_mime";
using MimeEntry = const Mime* (*)();

}  // namespace taskqueue::mail
