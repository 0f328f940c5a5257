// Hands mails to an SMTP server, through libcurl.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "module/platform/configuration.h"
#include "runner/mail/mime.h"

namespace taskqueue::mail {

struct SmtpSettings {
  std::string url;   // smtp://host:25, or smtps://host:465 for TLS from the beginning
  std::string user;  // empty: the server is not asked to authenticate
  std::string password;
  // True: TLS with a certificate that fits, or nothing is said; false: TLS where the server offers it,
  // unchecked.
  bool requireTls = true;
  std::string caFile;                     // of certificates to trust; empty: those of the machine
  std::chrono::seconds connectLimit{10};  // until the server is ready for a mail: TCP, TLS, authentication
  std::chrono::seconds sendLimit{120};    // of one mail, with connecting
  std::chrono::seconds keepLimit{60};     // a connection that was idle for longer is not used again
};

// From section [smtp]. Throws platform::ConfigurationError when the password's file cannot be read.
SmtpSettings smtpSettings(const platform::SmtpConfiguration& from);

// What the server said to a recipient, or to the mail as a whole.
struct ServerAnswer {
  enum class Outcome {
    Sent,       // the server has taken it over
    Temporary,  // 4xx, or no answer: worth a further try
    Permanent,  // 5xx about this mail: no further try can mend it
  };
  Outcome outcome = Outcome::Temporary;
  int code = 0;      // the server's; 0: the trouble was not an answer of the server
  std::string text;  // the server's words, or the trouble's; ASCII, at most 1,000 bytes
};

struct SendAnswer : ServerAnswer {
  // One for each of the message's, in its order. The server may take some and refuse others; the mail is sent
  // to those that it took, and the outcome of the whole is Sent then.
  std::vector<ServerAnswer> recipients;
};

// Keeps its connection for the next mail. Belongs to one thread.
//
// A refusal that is not about the mail (of the greeting, of the password, of a sender who is not
// authenticated) is Temporary even if it is 5xx: a person can mend that. Trouble after the whole mail was
// handed over is Temporary, too; the mail may arrive twice then (RFC 1047).
class SmtpClient {
 public:
  explicit SmtpClient(SmtpSettings settings);
  ~SmtpClient();
  SmtpClient(const SmtpClient&) = delete;
  SmtpClient& operator=(const SmtpClient&) = delete;

  // Never throws for what the server or the network does.
  SendAnswer send(const MailMessage& message);

 private:
  struct Native;
  SmtpSettings settings_;
  std::unique_ptr<Native> native_;
};

}  // namespace taskqueue::mail
