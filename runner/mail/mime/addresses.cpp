#include "runner/mail/mime/addresses.h"

#include <algorithm>

#include "module/queue/mail_address.h"
#include "module/queue/utf8_text.h"
#include "runner/mail/mime/address_scan.h"
#include "runner/mail/mime/header_lines.h"
#include "runner/mail/mime/text.h"

namespace taskqueue::mail {
namespace {

constexpr std::size_t kNameBytes = 500;  // longest mailbox name: it is folded at blanks only

void countWarning(gint64, GMimeParserWarning, const gchar*, gpointer warnings) {
  ++*static_cast<int*>(warnings);
}

// Returns nothing when GMime had to guess.
ObjectPointer<InternetAddressList> parse(const std::string& text) {
  int warnings = 0;
  const ParserOptions options(::g_mime_parser_options_new());
  ::g_mime_parser_options_set_address_compliance_mode(options.get(), GMIME_RFC_COMPLIANCE_STRICT);
  ::g_mime_parser_options_set_rfc2047_compliance_mode(options.get(), GMIME_RFC_COMPLIANCE_LOOSE);
  ::g_mime_parser_options_set_warning_callback(options.get(), &countWarning, &warnings);
  ObjectPointer<InternetAddressList> list(::internet_address_list_parse(options.get(), text.c_str()));
  if (warnings > 0) list.reset();
  return list;
}

// GMime damages punycode that it cannot decode. A single plain mailbox is read without it.
bool isPunycodeOfOne(const std::string& text) {
  return isPrintableAscii(text) && lowered(text).find("xn--") != std::string::npos && isMailSender(text);
}

Mailbox plainMailbox(std::string_view text) {
  const auto open = text.rfind('<');
  if (open == std::string_view::npos) return {"", std::string(text)};
  std::string_view name = trimmed(text.substr(0, open));
  if (name.starts_with('"')) name = name.substr(1, name.size() - 2);
  return {std::string(name), std::string(text.substr(open + 1, text.size() - open - 2))};
}

// Names are encoded in UTF-8 only.
void collect(InternetAddressList* list, std::vector<Mailbox>& mailboxes) {
  for (int i = 0; i < ::internet_address_list_length(list); ++i) {
    InternetAddress* entry = ::internet_address_list_get_address(list, i);
    ::internet_address_set_charset(entry, "UTF-8");
    if (INTERNET_ADDRESS_IS_GROUP(entry)) {
      collect(::internet_address_group_get_members(INTERNET_ADDRESS_GROUP(entry)), mailboxes);
      continue;
    }
    const char* name = ::internet_address_get_name(entry);
    const char* address = ::internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(entry));
    // GMime has decoded punycode; this returns the encoded form.
    if (address == nullptr || !isMailAddress(address))
      address = ::internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(entry));
    mailboxes.push_back({name == nullptr ? "" : name, address == nullptr ? "" : address});
  }
}

template <typename Compare>
std::string find(std::string_view text, const std::string& address, Compare isSame) {
  for (auto from = text.begin(); !address.empty();) {
    const auto found = std::search(from, text.end(), address.begin(), address.end(), isSame);
    if (found == text.end()) break;
    const auto at = static_cast<std::size_t>(found - text.begin());
    const auto end = at + address.size();
    const bool begins = at == 0 || std::string_view(" <,;:)").find(text[at - 1]) != std::string_view::npos;
    const bool ends =
        end == text.size() || std::string_view(" >,;(").find(text[end]) != std::string_view::npos;
    if (begins && ends) return std::string(text.substr(at, address.size()));
    from = found + 1;
  }
  return "";
}

// Returns the address as the list spells it, since punycode ignores case. Returns an empty text when it is
// not there, because GMime has altered it.
std::string asWritten(std::string_view text, const std::string& address) {
  std::string written = find(text, address, [](char a, char b) { return a == b; });
  if (!written.empty()) return written;
  return find(text, address, [](char a, char b) { return ::g_ascii_tolower(a) == ::g_ascii_tolower(b); });
}

std::string findProblem(const Mailbox& mailbox, std::string_view text) {
  if (!isMailAddress(mailbox.address) || asWritten(text, mailbox.address).empty())
    return quoted(mailbox.address) + " is no address";
  if (firstInvalidUtf8(mailbox.name) || hasControl(mailbox.name))
    return "the name of " + mailbox.address + " holds a line end or another control character";
  if (mailbox.name.size() > kNameBytes)
    return "the name of " + mailbox.address + " has more than " + std::to_string(kNameBytes) + " bytes";
  return "";
}

}  // namespace

AddressList AddressList::read(std::string_view what, std::string_view written) {
  std::string blanks(written);
  std::replace(blanks.begin(), blanks.end(), '\t', ' ');
  const std::string_view text = trimmed(blanks);
  const auto refuse = [&](const std::string& problem) {
    constexpr const char* kRule =
        "; addresses are written like ada@example.org or \"Lovelace, Ada\" <ada@example.org>, divided by "
        "commas, in ASCII (punycode for other domains)";
    throw Refused("address",
                  std::string(what) + " cannot be read: " + problem + kRule + "; it is " + quoted(text));
  };
  if (firstInvalidUtf8(text)) refuse("it is no UTF-8");
  if (hasControl(text)) refuse("it holds a line end or another control character");
  const AddressScan scan = scanAddresses(text);
  if (!scan.problem.empty()) refuse(scan.problem);
  AddressList list;
  if (isPunycodeOfOne(scan.text)) {
    list.mailboxes_ = {plainMailbox(scan.text)};
    list.written_ = scan.text;
    return list;
  }
  list.list_ = parse(scan.text);
  if (!list.list_) refuse("it is no list of addresses");
  collect(list.list_.get(), list.mailboxes_);
  for (Mailbox& mailbox : list.mailboxes_) {
    if (std::string problem = findProblem(mailbox, text); !problem.empty()) refuse(problem);
    mailbox.address = asWritten(text, mailbox.address);
  }
  if (list.mailboxes_.size() != scan.elements)
    refuse("a comma stands in a name without quotes, or an address is missing");
  if (isPrintableAscii(scan.text) && longestWord(scan.text) <= kLongestWord) {
    list.written_ = scan.text;
  } else if (scan.commentBesideName) {
    refuse("a comment beside a name cannot be kept with letters beyond ASCII");
  }
  return list;
}

AddressList AddressList::readOne(std::string_view what, std::string_view text) {
  AddressList list = read(what, text);
  if (list.mailboxes_.size() == 1) return list;
  throw Refused("address", std::string(what) + " must name one address; it is " + quoted(text));
}

std::string AddressList::header(std::string_view name) const {
  if (!written_.empty()) return foldedHeader(name, written_);
  const FormatOptions format = mailFormat();
  GString* line = ::g_string_new(nullptr);
  ::g_string_append_printf(line, "%.*s: ", static_cast<int>(name.size()), name.data());
  ::internet_address_list_encode(list_.get(), format.get(), line);
  std::string header = takeText(::g_string_free(line, FALSE));
  return withCrlf(std::string(trimmed(header))) + "\r\n";
}

}  // namespace taskqueue::mail
