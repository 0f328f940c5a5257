#include "runner/mail/mime/made_headers.h"

#include <algorithm>
#include <initializer_list>

#include "module/queue/utf8_text.h"
#include "runner/mail/mime/header_lines.h"
#include "runner/mail/mime/mime_parts.h"
#include "runner/mail/mime/text.h"

namespace taskqueue::mail {
namespace {

constexpr std::size_t kHeaderNameBytes = 70;

bool isOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool holdsAddresses(std::string_view lower) {
  return isOneOf(lower, {"from", "sender", "reply-to", "to", "cc", "bcc", "resent-from", "resent-sender",
                         "resent-reply-to", "resent-to", "resent-cc", "resent-bcc", "return-path",
                         "errors-to", "return-receipt-to", "disposition-notification-to", "mail-followup-to",
                         "mail-reply-to", "x-confirm-reading-to"});
}

// Tells whether a mail may have the header only once (RFC 5322 3.6, RFC 2045). Trace and Resent headers may
// repeat.
bool standsOnce(std::string_view lower) {
  return isOneOf(lower, {"date",
                         "from",
                         "sender",
                         "reply-to",
                         "to",
                         "cc",
                         "bcc",
                         "message-id",
                         "in-reply-to",
                         "references",
                         "subject",
                         "return-path",
                         "mime-version",
                         "content-type",
                         "content-transfer-encoding",
                         "content-id",
                         "content-description",
                         "content-disposition",
                         "content-language",
                         "errors-to",
                         "return-receipt-to",
                         "disposition-notification-to"});
}

// The address lists of these fields may be joined (RFC 5322 4.5.3).
bool isMerged(std::string_view lower) {
  return isOneOf(lower, {"to", "cc", "bcc"});
}

// Programs read these headers, and do not decode encoded words in them.
bool isForPrograms(std::string_view lower) {
  return isOneOf(lower, {"date", "message-id", "in-reply-to", "references", "mime-version", "received",
                         "content-transfer-encoding", "content-id", "resent-date", "resent-message-id",
                         "dkim-signature", "auto-submitted", "precedence"}) ||
         lower.starts_with("list-unsubscribe") || lower.starts_with("arc-");
}

bool isNeverShown(std::string_view lower) {
  return isOneOf(lower, {"bcc", "resent-bcc", "return-path"});
}

bool isHeaderName(std::string_view name) {
  return !name.empty() && name.size() <= kHeaderNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
}

// Unfolds the line: a line end before a blank is a fold (RFC 5322 2.2.3). Line ends at the end are dropped.
std::string unfolded(std::string_view line) {
  line = line.substr(0, line.find_last_not_of("\r\n") + 1);
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto end = line.find_first_not_of("\r\n", i);
    const bool isFold =
        end != i && end != std::string_view::npos && end - i <= 2 && (line[end] == ' ' || line[end] == '\t');
    if (isFold) i = end;
    out += line[i] == '\t' ? ' ' : line[i];
  }
  return out;
}

[[noreturn]] void refuseHeaders(const std::string& problem) {
  throw Refused("headers", "Headers cannot be taken: " + problem);
}

HeaderField fieldOf(std::string_view line) {
  const std::string text = unfolded(line);
  const auto colon = text.find(':');
  std::string_view name = std::string_view(text).substr(0, colon);
  name = name.substr(0, name.find_last_not_of(' ') + 1);
  if (colon == std::string::npos || !isHeaderName(name))
    refuseHeaders(quoted(line) + " is no header; each is \"Name: value\", and a name is at most " +
                  std::to_string(kHeaderNameBytes) + " bytes of ASCII without blanks");
  const std::string_view value = trimmed(std::string_view(text).substr(colon + 1));
  if (firstInvalidUtf8(value) || hasControl(value))
    refuseHeaders(quoted(line) +
                  " holds a line end or another control character within; each header is an "
                  "entry of its own");
  return HeaderField{std::string(name), lowered(name), std::string(value), std::nullopt};
}

void add(std::vector<HeaderField>& fields, HeaderField field) {
  if (holdsAddresses(field.lower) && field.value.empty()) return;  // an empty address list
  const auto first = std::find_if(fields.begin(), fields.end(),
                                  [&](const HeaderField& known) { return known.lower == field.lower; });
  if (first == fields.end() || !standsOnce(field.lower)) {
    fields.push_back(std::move(field));
    return;
  }
  if (first->value == field.value) return;
  if (!isMerged(field.lower))
    refuseHeaders(field.name + " stands twice, as " + quoted(first->value) + " and as " +
                  quoted(field.value) + "; a mail has one");
  first->value += ", " + field.value;
}

void readAddresses(HeaderField& field) {
  const bool isNullPath = field.lower == "return-path" && field.value == "<>";
  if (!holdsAddresses(field.lower) || isNullPath) return;
  const std::string what = "the header " + field.name;
  const bool isOne = isOneOf(field.lower, {"sender", "return-path", "resent-sender"});
  field.addresses = isOne ? AddressList::readOne(what, field.value) : AddressList::read(what, field.value);
  if (field.lower == "from" && field.addresses->mailboxes().empty())
    refuseHeaders("From must name an address; it is " + quoted(field.value));
}

std::string disposition(const std::string& value) {
  const ObjectPointer<GMimeContentDisposition> parsed(
      ::g_mime_content_disposition_parse(nullptr, value.c_str()));
  encodeInUtf8(::g_mime_content_disposition_get_parameters(parsed.get()));
  const FormatOptions format = mailFormat();
  return takeText(::g_mime_content_disposition_encode(parsed.get(), format.get()));
}

// Returns a header for people; parts of its text may already be encoded words.
std::string lineForPeople(const HeaderField& field) {
  return textHeader(field.name, takeText(::g_mime_utils_header_decode_text(nullptr, field.value.c_str())));
}

std::string lineOf(const HeaderField& field) {
  if (field.addresses) return field.addresses->header(field.name);
  const bool isPlain = isPrintableAscii(field.value);
  if (isForPrograms(field.lower) || (isPlain && longestWord(field.value) <= kLongestWord))
    return foldedHeader(field.name, field.value);
  if (field.lower == "content-disposition")
    return field.name + ": " + std::string(trimmed(disposition(field.value))) + "\r\n";
  return lineForPeople(field);
}

}  // namespace

bool isOfBody(std::string_view lower) {
  return isOneOf(lower, {"content-type", "content-transfer-encoding"});
}

MadeHeaders MadeHeaders::read(const std::vector<std::string>& lines) {
  MadeHeaders headers;
  for (const std::string& line : lines) {
    if (line.find_first_not_of("\r\n") == std::string::npos) continue;
    add(headers.fields_, fieldOf(line));
  }
  for (HeaderField& field : headers.fields_) readAddresses(field);
  const HeaderField* from = headers.find("from");
  if (from != nullptr && from->addresses->mailboxes().size() > 1 && !headers.has("sender"))
    refuseHeaders("From names several addresses, so that a header Sender must name the one that sends");
  return headers;
}

const HeaderField* MadeHeaders::find(std::string_view lower) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const HeaderField& field) { return field.lower == lower; });
  return found == fields_.end() ? nullptr : &*found;
}

std::vector<Mailbox> MadeHeaders::recipients() const {
  const bool isResent = has("resent-to") || has("resent-cc") || has("resent-bcc");
  std::vector<Mailbox> recipients;
  for (const HeaderField& field : fields_) {
    const bool counts =
        isResent ? isOneOf(field.lower, {"resent-to", "resent-cc", "resent-bcc"}) : isMerged(field.lower);
    if (!counts) continue;
    const auto& named = field.addresses->mailboxes();
    recipients.insert(recipients.end(), named.begin(), named.end());
  }
  return recipients;
}

std::string MadeHeaders::write() const {
  std::string content;
  for (const HeaderField& field : fields_) {
    if (isNeverShown(field.lower) || isOfBody(field.lower)) continue;
    const std::string line = lineOf(field);
    if (!isPlainLines(line))
      refuseHeaders(field.name + " must be ASCII and have a blank in each " + std::to_string(kLineBytes) +
                    " bytes: it cannot be encoded; it is " + quoted(field.value));
    content += line;
  }
  return content;
}

}  // namespace taskqueue::mail
