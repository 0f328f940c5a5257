#include "tests/support/smtp_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "module/json/read.h"

namespace taskqueue::test_support {
namespace {

std::filesystem::path newDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "taskqueue-smtp-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no directory for the mail server");
  return name;
}

struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe for the mail server");
  }
  std::array<int, 2> ends{};
};

}  // namespace

SmtpServer::SmtpServer(const Options& options)
    : implicitTls_(options.tls == Tls::Implicit), directory_(newDirectory()) {
  std::vector<std::string> command{"/usr/bin/python3", "-W",     "ignore",           TASKQUEUE_SMTP_SERVER,
                                   record(),           "--idle", options.idleSeconds};
  if (options.tls != Tls::No) {
    makeCertificate();
    command.insert(command.end(), {"--certificate", certificateFile()});
  }
  if (implicitTls_) command.emplace_back("--implicit");
  if (!options.user.empty()) command.insert(command.end(), {"--user", options.user});
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  const Pipe input;
  const Pipe output;
  process_ = ::fork();
  if (process_ == 0) {
    ::dup2(input.ends[0], STDIN_FILENO);
    ::dup2(output.ends[1], STDOUT_FILENO);
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
  }
  ::close(input.ends[0]);
  ::close(output.ends[1]);
  input_ = input.ends[1];
  std::FILE* answer = ::fdopen(output.ends[0], "r");
  const bool started = answer != nullptr && std::fscanf(answer, "port %d", &port_) == 1;
  if (answer != nullptr) std::fclose(answer);
  if (!started)
    throw std::runtime_error("the mail server did not start; python3-aiosmtpd is in tests/packages");
}

SmtpServer::~SmtpServer() {
  ::close(input_);
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string SmtpServer::url() const {
  return (implicitTls_ ? "smtps://127.0.0.1:" : "smtp://127.0.0.1:") + std::to_string(port_);
}

std::vector<SmtpServer::Mail> SmtpServer::mails() const {
  std::vector<Mail> mails;
  std::ifstream file(record());
  for (std::string line; std::getline(file, line);) {
    const auto parsed = json::read(line, {.bytes = INT64_MAX, .depth = 10, .members = INT32_MAX});
    const auto& mail = std::get<json::Document>(parsed);
    mails.push_back({mail["from"].GetString(), mail["to"][0].GetString(), mail["content"].GetString(),
                     mail["user"].GetString(), mail["tls"].GetBool(), mail["connection"].GetInt(),
                     mail["subject"].GetString(), mail["text"].GetString(), mail["defects"].GetInt()});
    for (const json::Value& recipient : mail["to"].GetArray())
      mails.back().recipients.emplace_back(recipient.GetString());
  }
  return mails;
}

namespace {

SmtpServer& sharedSmtpServer() {
  static SmtpServer server;
  return server;
}

}  // namespace

SharedSmtpServer::SharedSmtpServer() : seenBefore_(sharedSmtpServer().mails().size()) {}

std::string SharedSmtpServer::url() const {
  return sharedSmtpServer().url();
}

std::vector<SmtpServer::Mail> SharedSmtpServer::mails() const {
  auto all = sharedSmtpServer().mails();
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(seenBefore_));
  return all;
}

// One file holds certificate and key, for 127.0.0.1.
void SmtpServer::makeCertificate() const {
  const std::string key = (directory_ / "key.pem").string();
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
      "-subj /CN=mail.test -addext subjectAltName=IP:127.0.0.1 -keyout " +
      key + " -out " + certificateFile() + " 2>/dev/null && cat " + key + " >> " + certificateFile();
  if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl made no certificate");
}

}  // namespace taskqueue::test_support
