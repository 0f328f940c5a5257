// Which recipients of a mail have it: a server may take some and refuse others, and what it has taken must
// not be sent again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "module/json/writer.h"
#include "runner/mail/smtp_client.h"

namespace taskqueue::handlers {

class Delivery {
 public:
  // A note of an earlier attempt says who has it and who was refused for good.
  Delivery(const std::vector<std::string>& recipients, const std::optional<std::string>& note);

  // Whether a note says that every recipient has the mail.
  static bool isWhole(const std::string& note);

  // Those that neither have it nor were refused for good.
  std::vector<std::string> waiting() const;
  // The server's answer to an attempt at those that wait.
  void hear(const mail::SendAnswer& answer);

  bool isSentToAll() const;
  // Whether a later attempt at the same mail has to know something.
  bool needsNote() const;
  // The note for that attempt. When none waits, those that were refused wait again: a person who retries the
  // task wants them tried.
  std::string note() const;

  // The members of Results that tell the recipients, as JSON; with several of them, one by one.
  std::string results(const std::string& from, const std::string& messageId) const;
  // A line for each recipient of the last attempt.
  std::vector<std::string> lines() const;
  // What keeps the mail from those that do not have it, and the code of it.
  std::string problem() const;
  std::string problemCode() const;

 private:
  enum class State { Waits, Sent, Refused };
  struct Recipient {
    std::string address;
    State state = State::Waits;
    mail::ServerAnswer answer;
    bool wasAsked = false;  // in the last attempt
  };

  static const char* wordOf(State state);
  static void write(json::Writer& to, const Recipient& recipient);
  void readNote(const std::string& note);
  // The recipient that stands for all without the mail: one that waits, else one that was refused.
  const Recipient& unserved() const;
  bool someWait() const;

  std::vector<Recipient> recipients_;
  mail::ServerAnswer whole_;
};

}  // namespace taskqueue::handlers
