// Makes mails (RFC 5322) that SmtpClient can send. Pure functions: the time and the id come from the caller.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/mail/mailbox.h"
#include "runner/mail/smtp_client.h"

namespace taskqueue::mail {

// What distinguishes a mail. Two attempts at the same mail should have the same: then a mail server that got
// it twice can see that.
struct MailStamp {
  std::int64_t writtenOn = 0;  // Unix seconds
  std::string id;              // left part of Message-ID: letters, digits, '.' and '-'
};

// A text of ours, in UTF-8. Whatever subject and text hold, they cannot add a header.
struct MailText {
  Mailbox from;
  Mailbox to;
  std::string subject;
  std::string text;
  std::string html;  // empty: there is only the text; both: the reader's program chooses
};

MailMessage composeMail(const MailText& mail, const MailStamp& stamp);

struct HeaderField {
  std::string name;
  std::string value;  // unfolded
};

// A mail that the CMS has made: its headers and its body with whatever parts and encodings they announce.
struct MadeMail {
  Mailbox from;         // who the mail server is told
  Mailbox to;           // and the one who gets it, whatever the headers say
  std::string subject;  // where the headers have none
  std::vector<HeaderField> headers;
  std::string body;
};

// What the headers lack is added (From, To, Subject, Date, Message-ID, MIME-Version, Content-Type); Bcc and
// Return-Path are left out, as is what is no header. A body that may not travel as it is (lines too long,
// letters beyond ASCII that no encoding announces) becomes base64.
MailMessage completeMail(const MadeMail& mail, const MailStamp& stamp);

// Header names do not tell upper case from lower.
bool isSameHeader(std::string_view a, std::string_view b);

// Headers as they stand in a mail: "Name: value", folded or not, with any line ends. Lines that are no header
// are left out.
std::vector<HeaderField> parseHeaders(std::string_view text);

}  // namespace taskqueue::mail
