// A real SMTP server on loopback (tests/support/smtp_server.py) that treats each recipient as the address
// says. It ends with this object.
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
    std::string user{};              // NAME:PASSWORD, without which no mail is taken
    std::string idleSeconds = "60";  // until it closes an idle connection
  };

  // A mail that it has taken over.
  struct Mail {
    std::string from;
    std::string to;  // the first recipient
    std::string content;
    std::string user;
    bool tls = false;
    int connection = 0;  // 1, 2, …: which one it came over
    // As Python's own reader of mails sees it.
    std::string subject;
    std::string text;
    int defects = 0;
    std::vector<std::string> recipients{};  // those that it has taken
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
  int input_ = -1;  // the server ends when this is closed
  int port_ = 0;
};

// A server without TLS and authentication that all tests of a program share, since one takes half a second to
// start. What it takes before this object is made is not seen. It counts the tries of a recipient over the
// whole program: each that fails at first belongs to one test.
class SharedSmtpServer {
 public:
  SharedSmtpServer();

  std::string url() const;
  std::vector<SmtpServer::Mail> mails() const;

 private:
  std::size_t seenBefore_;
};

}  // namespace taskqueue::test_support
