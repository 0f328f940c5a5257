// Tracks which recipients of a mail have received it. A server may accept some and refuse others; the mail
// must not be sent twice to those it accepted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "module/json/writer.h"
#include "runner/mail/smtp_client.h"

namespace taskqueue::handlers {

class Delivery {
 public:
  // The note of an earlier attempt lists the recipients that have the mail or were refused permanently.
  Delivery(const std::vector<std::string>& recipients, const std::optional<std::string>& note);

  // Tells whether a note says that every recipient has the mail.
  static bool isWhole(const std::string& note);

  // The recipients that neither have the mail nor were refused permanently.
  std::vector<std::string> waiting() const;
  // Takes in the server's answer to an attempt at the waiting recipients.
  void addAnswer(const mail::SendAnswer& answer);

  bool isSentToAll() const;
  // Tells whether a later attempt at the same mail needs a note.
  bool needsNote() const;
  // The note for the next attempt. When no recipient waits, refused ones wait again: a person who retries the
  // task wants them tried.
  std::string note() const;

  // The members of Results about the recipients, as JSON; several recipients are listed one by one.
  std::string results(const std::string& from, const std::string& messageId) const;
  // A line for each recipient of the last attempt.
  std::vector<std::string> lines() const;
  // Describes why some recipients do not have the mail.
  std::string problem() const;
  std::string problemCode() const;

 private:
  enum class State { Waits, Sent, Refused };
  struct Recipient {
    std::string address;
    State state = State::Waits;
    mail::ServerAnswer answer;
    bool wasAsked = false;  // true if the last attempt included it
  };

  static const char* toString(State state);
  static void write(json::Writer& to, const Recipient& recipient);
  void readNote(const std::string& note);
  // Returns the first waiting recipient, or else the first refused one, as an example for the error.
  const Recipient& unserved() const;
  bool someWait() const;

  std::vector<Recipient> recipients_;
  mail::ServerAnswer whole_;
};

}  // namespace taskqueue::handlers
