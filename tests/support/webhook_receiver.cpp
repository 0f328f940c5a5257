#include "tests/support/webhook_receiver.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/support/eventually.h"

namespace taskqueue::test_support {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

bool isListenedOn(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool connected = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return connected;
}

void write(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

}  // namespace

int freePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const bool bound = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  if (!bound) throw std::runtime_error("no port is free");
  return ntohs(address.sin_port);
}

WebhookReceiver::WebhookReceiver(const std::vector<std::string>& answers, const std::string& secret) {
  std::string form = (std::filesystem::temp_directory_path() / "webhook-XXXXXX").string();
  if (::mkdtemp(form.data()) == nullptr) throw std::runtime_error("no directory for the receiver");
  directory_ = form;
  std::filesystem::permissions(directory_, std::filesystem::perms(0755));
  write(secretFile(), secret + "\n");
  std::string lines;
  for (const std::string& answer : answers) lines += answer + "\n";
  write(directory_ + "/answers", lines);
  port_ = freePort();
  const std::string address = "127.0.0.1:" + std::to_string(port_);
  const std::string environment = "RECEIVER_DIRECTORY=" + directory_;
  const std::string itself = "RECEIVER_ADDRESS=" + url();
  constexpr const char* kScript = TASKQUEUE_WEBHOOK_RECEIVER;
  process_ = ::fork();
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int log = ::open((directory_ + "/log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execlp("env", "env", environment.c_str(), itself.c_str(), "php", "-S", address.c_str(), kScript,
             nullptr);
    ::_exit(127);
  }
  if (process_ < 0) throw std::runtime_error("no process for the receiver");
  if (!eventually([&] { return isListenedOn(port_); }, std::chrono::seconds(10)))
    throw std::runtime_error("php -S does not listen");
}

WebhookReceiver::~WebhookReceiver() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::vector<std::string> WebhookReceiver::received() const {
  std::vector<std::string> texts;
  while (true) {
    std::ifstream file(directory_ + "/" + std::to_string(texts.size() + 1) + ".json");
    if (!file) return texts;
    std::ostringstream text;
    text << file.rdbuf();
    texts.push_back(text.str());
  }
}

}  // namespace taskqueue::test_support
