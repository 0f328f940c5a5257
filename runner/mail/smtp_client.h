// Passes mails to an SMTP server, using libcurl.
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
  // True: the server must offer TLS with a valid certificate, else nothing is sent. False: TLS is used if
  // offered, and the certificate is not checked.
  bool requireTls = true;
  std::string caFile;                     // CA certificates to trust; empty: those of the machine
  std::chrono::seconds connectLimit{10};  // for TCP, TLS and authentication
  std::chrono::seconds sendLimit{120};    // for one mail, including the connection
  std::chrono::seconds keepLimit{60};     // a connection idle for longer is not reused
};

// Reads section [smtp]. Throws platform::ConfigurationError when the password file cannot be read.
SmtpSettings smtpSettings(const platform::SmtpConfiguration& from);

// The server's answer for one recipient or for the whole mail.
struct ServerAnswer {
  enum class Outcome {
    Sent,       // the server has accepted the mail
    Temporary,  // 4xx, or no answer: a retry may help
    Permanent,  // 5xx about this mail: a retry cannot help
  };
  Outcome outcome = Outcome::Temporary;
  int code = 0;      // SMTP code; 0: the error is not an answer of the server
  std::string text;  // text of the answer or the error; ASCII, at most 1,000 bytes
};

struct SendAnswer : ServerAnswer {
  // One answer per recipient of the message, in its order. If the server accepts only some recipients, the
  // mail is sent to them, and the overall outcome is Sent.
  std::vector<ServerAnswer> recipients;
};

// Keeps its connection for the next mail. Belongs to one thread.
//
// A 5xx that does not concern the mail (greeting, password, unauthenticated sender) is Temporary, because an
// operator can fix it. An error after the whole mail was sent is Temporary, too; the retry may then deliver
// the mail twice (RFC 1047).
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
