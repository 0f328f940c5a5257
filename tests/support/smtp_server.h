// A real SMTP server on loopback (tests/support/smtp_server.py). The address of each recipient tells how it
// is answered. The server ends with this object.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace taskqueue::test_support {

class SmtpServer {
 public:
  enum class Tls { No, StartTls, Implicit };
  struct Options {
    Tls tls = Tls::No;
    std::string user{};              // NAME:PASSWORD; without it no mail is accepted
    std::string idleSeconds = "60";  // timeout after which it closes an idle connection
  };

  // A mail that it has accepted.
  struct Mail {
    std::string from;
    std::string to;  // the first recipient
    std::string content;
    std::string user;
    bool tls = false;
    int connection = 0;  // number of its connection: 1, 2, …
    // Values parsed by Python's e-mail library.
    std::string subject;
    std::string text;
    int defects = 0;
    std::vector<std::string> recipients{};  // the accepted ones
  };

  // Throws std::runtime_error when the server does not start.
  SmtpServer() : SmtpServer(Options{}) {}
  explicit SmtpServer(const Options& options);
  ~SmtpServer();
  SmtpServer(const SmtpServer&) = delete;
  SmtpServer& operator=(const SmtpServer&) = delete;

  std::string url() const;
  std::string certificateFile() const { return (directory_ / "certificate.pem").string(); }
  std::vector<Mail> mails() const;

 private:
  void makeCertificate() const;
  std::string record() const { return (directory_ / "record").string(); }

  bool implicitTls_;
  std::filesystem::path directory_;
  pid_t process_ = 0;
  int input_ = -1;  // closing it ends the server
  int port_ = 0;
};

// A server without TLS and authentication, shared by all tests of a program because starting takes half a
// second. Earlier mails are not visible to this object. Tries per recipient are counted over the whole
// program, so a recipient that fails at first belongs to one test.
class SharedSmtpServer {
 public:
  SharedSmtpServer();

  std::string url() const;
  std::vector<SmtpServer::Mail> mails() const;

 private:
  std::size_t seenBefore_;
};

}  // namespace taskqueue::test_support
