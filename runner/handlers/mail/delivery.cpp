#include "runner/handlers/mail/delivery.h"

#include <algorithm>
#include <variant>

#include "module/json/read.h"

namespace taskqueue::handlers {
namespace {

constexpr std::size_t kNamedInAMessage = 20;  // a message names at most this many recipients
// Each answer is cut to this length, so that Results of 1,000 recipients stay below kMaxResultsBytes.
constexpr std::size_t kAnswerBytes = 200;

std::string wordsOf(const mail::ServerAnswer& answer) {
  return answer.code == 0 ? answer.text : std::to_string(answer.code) + " " + answer.text;
}

// Returns the note's recipients. A note of a mail with one recipient has none.
std::optional<json::Document> recipientsIn(const std::string& note) {
  auto read = json::read(note, {.bytes = INT64_MAX, .members = INT32_MAX});
  auto* document = std::get_if<json::Document>(&read);
  if (document == nullptr || !document->IsObject()) return std::nullopt;
  const auto member = document->FindMember("Recipients");
  if (member == document->MemberEnd() || !member->value.IsArray()) return std::nullopt;
  json::Document list;
  list.CopyFrom(member->value, list.GetAllocator());
  return list;
}

}  // namespace

Delivery::Delivery(const std::vector<std::string>& recipients, const std::optional<std::string>& note) {
  for (const std::string& address : recipients) recipients_.push_back({address, State::Waits, {}, false});
  if (note) readNote(*note);
}

bool Delivery::isWhole(const std::string& note) {
  const auto list = recipientsIn(note);
  if (!list) return true;
  return std::all_of(list->Begin(), list->End(), [](const json::Value& recipient) {
    return json::textMember(recipient, "State") == toString(State::Sent);
  });
}

void Delivery::readNote(const std::string& note) {
  const auto list = recipientsIn(note);
  if (!list) return;
  for (const json::Value& noted : list->GetArray()) {
    const auto known = std::find_if(recipients_.begin(), recipients_.end(), [&](const Recipient& recipient) {
      return json::textMember(noted, "To") == recipient.address;
    });
    if (known == recipients_.end()) continue;
    const auto state = json::textMember(noted, "State");
    if (state == toString(State::Sent)) known->state = State::Sent;
    if (state == toString(State::Refused)) known->state = State::Refused;
    known->answer.code = static_cast<int>(json::integerMember(noted, "Code").value_or(0));
    known->answer.text = json::textMember(noted, "Answer").value_or("");
  }
}

const char* Delivery::toString(State state) {
  switch (state) {
    case State::Waits:
      return "waits";
    case State::Sent:
      return "sent";
    case State::Refused:
      return "refused";
  }
  return "";
}

std::vector<std::string> Delivery::waiting() const {
  std::vector<std::string> addresses;
  for (const Recipient& recipient : recipients_) {
    if (recipient.state == State::Waits) addresses.push_back(recipient.address);
  }
  return addresses;
}

void Delivery::addAnswer(const mail::SendAnswer& answer) {
  whole_ = answer;
  std::size_t next = 0;
  for (Recipient& recipient : recipients_) {
    recipient.wasAsked = recipient.state == State::Waits;
    if (!recipient.wasAsked) continue;
    recipient.answer = answer.recipients.at(next++);
    switch (recipient.answer.outcome) {
      case mail::ServerAnswer::Outcome::Sent:
        recipient.state = State::Sent;
        break;
      case mail::ServerAnswer::Outcome::Permanent:
        recipient.state = State::Refused;
        break;
      case mail::ServerAnswer::Outcome::Temporary:
        break;
    }
  }
}

bool Delivery::isSentToAll() const {
  return std::all_of(recipients_.begin(), recipients_.end(),
                     [](const Recipient& recipient) { return recipient.state == State::Sent; });
}

bool Delivery::someWait() const {
  return std::any_of(recipients_.begin(), recipients_.end(),
                     [](const Recipient& recipient) { return recipient.state == State::Waits; });
}

bool Delivery::needsNote() const {
  return std::any_of(recipients_.begin(), recipients_.end(),
                     [](const Recipient& recipient) { return recipient.state != State::Waits; }) &&
         (recipients_.size() > 1 || isSentToAll());
}

std::string Delivery::note() const {
  const bool keepsRefused = someWait();
  json::Writer note;
  note.startObject().key("Recipients").startArray();
  for (Recipient recipient : recipients_) {
    if (recipient.state == State::Refused && !keepsRefused) recipient.state = State::Waits;
    write(note, recipient);
  }
  return note.endArray().endObject().text();
}

void Delivery::write(json::Writer& to, const Recipient& recipient) {
  to.startObject().member("To", recipient.address).member("State", toString(recipient.state));
  to.member("Code", recipient.answer.code)
      .member("Answer", recipient.answer.text.substr(0, kAnswerBytes))
      .endObject();
}

std::string Delivery::results(const std::string& from, const std::string& messageId) const {
  std::string to;
  for (const Recipient& recipient : recipients_) to.append(to.empty() ? "" : ", ").append(recipient.address);
  json::Writer results;
  results.startObject().member("To", to).member("From", from).member("MessageId", messageId);
  results.member("Code", whole_.code).member("Answer", whole_.text);
  if (recipients_.size() == 1) return results.endObject().text();
  results.key("Recipients").startArray();
  for (const Recipient& recipient : recipients_) write(results, recipient);
  return results.endArray().endObject().text();
}

std::vector<std::string> Delivery::lines() const {
  std::vector<std::string> lines;
  for (const Recipient& recipient : recipients_) {
    if (recipient.wasAsked) lines.push_back(recipient.address + ": " + wordsOf(recipient.answer));
  }
  return lines;
}

const Delivery::Recipient& Delivery::unserved() const {
  const auto find = [&](State state) {
    return std::find_if(recipients_.begin(), recipients_.end(),
                        [&](const Recipient& recipient) { return recipient.state == state; });
  };
  const auto waits = find(State::Waits);
  return waits == recipients_.end() ? *find(State::Refused) : *waits;
}

std::string Delivery::problem() const {
  if (recipients_.size() == 1) return wordsOf(recipients_.front().answer);
  std::size_t sent = 0;
  std::size_t named = 0;
  std::string without;
  for (const Recipient& recipient : recipients_) {
    if (recipient.state == State::Sent) {
      ++sent;
    } else if (++named <= kNamedInAMessage) {
      without.append("; ").append(recipient.address).append(": ").append(wordsOf(recipient.answer));
    }
  }
  if (named > kNamedInAMessage) without += "; and " + std::to_string(named - kNamedInAMessage) + " more";
  return std::to_string(sent) + " of " + std::to_string(recipients_.size()) + " recipients have the mail" +
         without;
}

std::string Delivery::problemCode() const {
  const int code = unserved().answer.code;
  return code == 0 ? "smtp_unanswered" : "smtp_" + std::to_string(code);
}

}  // namespace taskqueue::handlers
