#include "runner/mail/mime/compose.h"

#include <algorithm>
#include <utility>

#include "runner/mail/mime/addresses.h"
#include "runner/mail/mime/body.h"
#include "runner/mail/mime/header_lines.h"
#include "runner/mail/mime/made_headers.h"
#include "runner/mail/mime/refused.h"
#include "runner/mail/mime/text.h"

namespace taskqueue::mail {
namespace {

std::string dateLine(std::int64_t seconds) {
  GDateTime* time = ::g_date_time_new_from_unix_utc(seconds);
  const std::string text = takeText(::g_mime_utils_header_format_date(time));
  ::g_date_time_unref(time);
  return foldedHeader("Date", text);
}

std::string messageIdLine(const MailStamp& stamp, std::string_view address) {
  return foldedHeader("Message-ID", "<" + stamp.id + std::string(address.substr(address.rfind('@'))) + ">");
}

// Domains are case-insensitive; local parts may be case-sensitive.
std::string keyOf(const std::string& address) {
  const auto at = address.rfind('@');
  return address.substr(0, at) + lowered(std::string_view(address).substr(at));
}

std::vector<std::string> addressesOf(const std::vector<Mailbox>& mailboxes, const MailRules& rules) {
  std::vector<std::string> addresses;
  std::vector<std::string> keys;
  for (const Mailbox& mailbox : mailboxes) {
    std::string key = keyOf(mailbox.address);
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    keys.push_back(std::move(key));
    addresses.push_back(mailbox.address);
  }
  if (addresses.empty()) throw Refused("address", "the mail names no recipient");
  if (addresses.size() <= rules.maxRecipients) return addresses;
  throw Refused("recipients", "the mail has " + std::to_string(addresses.size()) +
                                  " recipients, more than smtp.max_recipients (" +
                                  std::to_string(rules.maxRecipients) + "); divide them among several mails");
}

const std::string& addressOf(const AddressList& list) {
  return list.mailboxes().front().address;
}

AddressList siteSender(const MailRules& rules) {
  if (rules.siteSender.empty())
    throw Refused("smtp_settings", "the mail names no sender, and smtp.from is not set");
  try {
    return AddressList::readOne("smtp.from", rules.siteSender);
  } catch (const Refused& refused) {
    throw Refused("smtp_settings", refused.refusal.text);
  }
}

// Returns the sender named by the task, or else by the headers, or else by the site.
AddressList senderOf(const MadeMail& mail, const MadeHeaders& headers, const MailRules& rules) {
  if (!mail.from.empty()) return AddressList::readOne("From", mail.from);
  for (const char* name : {"return-path", "sender", "from"}) {
    const HeaderField* field = headers.find(name);
    if (field != nullptr && field->addresses) return AddressList::read(field->name, field->value);
  }
  return siteSender(rules);
}

bool wantsNoAnswers(const MadeMail& mail, const MadeHeaders& headers) {
  const HeaderField* path = headers.find("return-path");
  return mail.from.empty() && path != nullptr && !path->addresses;
}

// The subjects of the task and of the headers must agree if both exist.
void checkSubject(const MadeMail& mail, const MadeHeaders& headers) {
  const HeaderField* field = headers.find("subject");
  if (field == nullptr || mail.subject.empty()) return;
  const std::string subject = oneLine(mail.subject);
  const std::string decoded = takeText(::g_mime_utils_header_decode_text(nullptr, field->value.c_str()));
  if (trimmed(subject) == field->value || trimmed(subject) == trimmed(decoded)) return;
  throw Refused("headers", "the subject is given twice, as Subject " + quoted(mail.subject) +
                               " and in Headers as " + quoted(decoded) + "; leave one out");
}

std::string valueOf(const MadeHeaders& headers, std::string_view lower) {
  const HeaderField* field = headers.find(lower);
  return field == nullptr ? std::string() : field->value;
}

}  // namespace

MailMessage composeMail(const MailText& mail, const MailRules& rules, const MailStamp& stamp) {
  const AddressList to = AddressList::read("To", mail.to);
  const AddressList from = mail.from.empty() ? siteSender(rules) : AddressList::readOne("From", mail.from);
  MailMessage message;
  message.from = addressOf(from);
  message.recipients = addressesOf(to.mailboxes(), rules);
  message.content = dateLine(stamp.writtenOn) + from.header("From") + to.header("To") +
                    textHeader("Subject", oneLine(mail.subject)) + messageIdLine(stamp, message.from) +
                    foldedHeader("MIME-Version", "1.0") + foldedHeader("Auto-Submitted", "auto-generated") +
                    composedBody(mail.text, mail.html);
  return message;
}

MailMessage completeMail(const MadeMail& mail, const MailRules& rules, const MailStamp& stamp) {
  const AddressList to = AddressList::read("To", mail.to);
  const MadeHeaders headers = MadeHeaders::read(mail.headers);
  checkSubject(mail, headers);
  const AddressList sender = senderOf(mail, headers, rules);
  std::vector<Mailbox> named = to.mailboxes();
  const auto others = headers.recipients();
  named.insert(named.end(), others.begin(), others.end());
  MailMessage message;
  message.from = wantsNoAnswers(mail, headers) ? "" : addressOf(sender);
  message.recipients = addressesOf(named, rules);
  std::string& content = message.content;
  content = headers.write();
  if (!headers.has("from")) content += sender.header("From");
  if (!headers.has("to")) content += to.header("To");
  if (!headers.has("subject")) content += textHeader("Subject", oneLine(mail.subject));
  if (!headers.has("date")) content += dateLine(stamp.writtenOn);
  if (!headers.has("message-id")) content += messageIdLine(stamp, addressOf(sender));
  if (!headers.has("mime-version")) content += foldedHeader("MIME-Version", "1.0");
  content +=
      madeBody(valueOf(headers, "content-type"), valueOf(headers, "content-transfer-encoding"), mail.body);
  return message;
}

}  // namespace taskqueue::mail
