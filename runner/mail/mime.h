// Makes and reads mails (RFC 5322, MIME) with GMime, which does addresses, headers and encodings. The
// functions are pure: the time and the id come from the caller.
//
// GMime is linked into a module of its own, which mime() loads: a process that makes no mail does not carry
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace taskqueue::mail {

// What distinguishes a mail. Two attempts at the same mail should have the same: then a mail server that got
// it twice can see that.
struct MailStamp {
  std::int64_t writtenOn = 0;  // Unix seconds
  std::string id;              // left part of Message-ID: letters, digits, '.' and '-'
};

// What holds for every mail of a site.
struct MailRules {
  std::string siteSender;  // of mails that name none; empty: none
  std::size_t maxRecipients = 100;
};

// A text in UTF-8. Whatever subject and text hold, they cannot add a header.
struct MailText {
  std::string from;  // one mailbox; empty: the site's sender
  std::string to;    // a list of mailboxes
  std::string subject;
  std::string text;
  std::string html;  // empty: there is only the text; both: the reader's program chooses
};

// A mail that the CMS has made: its headers and its body with the parts and encodings that they announce.
struct MadeMail {
  std::string from;                  // as above; empty: the headers' Return-Path, Sender or From
  std::string to;                    // gets it besides the headers' To, Cc and Bcc
  std::string subject;               // where the headers have none
  std::vector<std::string> headers;  // "Name: value", folded or not
  std::string body;
};

// A mail as an SMTP server takes it.
struct MailMessage {
  std::string from;                     // address; empty: answers are not wanted (MAIL FROM:<>)
  std::vector<std::string> recipients;  // addresses, each once
  std::string content;                  // complete RFC 5322 message in ASCII, lines ended by CRLF
};

// Why something cannot be taken as it is.
struct Refusal {
  std::string code;  // address, recipients, headers, body; smtp_settings: the site's sender
  std::string text;  // names what is wrong and how to mend it
};

struct Mailbox {
  std::string name;  // UTF-8; empty: none
  std::string address;
};

// Every list of addresses is read by one parser. A list is taken whole or refused: separators are commas and
// semicolons, groups are opened, and each address fits isMailAddress().
class Mime {
 public:
  virtual ~Mime() = default;

  virtual std::variant<std::vector<Mailbox>, Refusal> readMailboxes(std::string_view list) const = 0;

  virtual std::variant<MailMessage, Refusal> compose(const MailText& mail, const MailRules& rules,
                                                     const MailStamp& stamp) const = 0;

  // Each mailbox of To, Cc and Bcc becomes a recipient; Bcc, Resent-Bcc and Return-Path are left out of the
  // content. Where there are headers Resent-To, Resent-Cc or Resent-Bcc, those count instead. What the
  // headers lack is added: From, To, Subject, Date, Message-ID, MIME-Version, Content-Type. A body that
  // cannot travel as it is (lines too long, letters beyond ASCII) is encoded; readers see the same.
  virtual std::variant<MailMessage, Refusal> complete(const MadeMail& mail, const MailRules& rules,
                                                      const MailStamp& stamp) const = 0;
};

// Loads the module at the first call; later ones are cheap. Throws std::runtime_error that names the file
// when it cannot be loaded. Belongs to one thread.
const Mime& mime();

// The name of the module's entry point, and its type.
inline constexpr const char* kMimeEntry = "taskqueue_mime";
using MimeEntry = const Mime* (*)();

}  // namespace taskqueue::mail
