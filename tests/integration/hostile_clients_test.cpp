// Clients may send nothing, too little, too much or a wrong secret, and local programs may open the FastCGI
// socket. No other client waits for them, and neither memory nor logs keep what they sent.
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/integration/stack_test.h"

namespace taskqueue::tests {
namespace {

namespace fs = std::filesystem;

constexpr int kThreads = 16;  // threads of the program under nginx/serve

std::string record(int type, const std::string& content) {
  const auto byte = [](std::size_t number) { return static_cast<char>(number & 0xFF); };
  return std::string{1, static_cast<char>(type), 0, 1, byte(content.size() >> 8), byte(content.size()), 0,
                     0} +
         content;
}

std::string size(const std::string& text) {
  const auto byte = [&](int shift) { return static_cast<char>((text.size() >> shift) & 0xFF); };
  if (text.size() < 128) return std::string{byte(0)};
  return std::string{static_cast<char>(byte(24) | '\x80'), byte(16), byte(8), byte(0)};
}

std::string headOf(const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string content;
  for (const auto& [name, value] : parameters) content += size(name) + size(value) + name + value;
  return record(1, std::string("\0\1\0\0\0\0\0\0", 8)) + record(4, content) + record(4, "");
}

// A connection that the destructor closes.
class Client {
 public:
  static Client ofSocket(const std::string& path) {
    Client made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un to{.sun_family = AF_UNIX};
    path.copy(to.sun_path, sizeof to.sun_path - 1);
    EXPECT_EQ(::connect(made.socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0) << path;
    return made;
  }
  static Client ofPort(int port) {
    Client made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{.sin_family = AF_INET, .sin_port = htons(static_cast<std::uint16_t>(port))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(made.socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    return made;
  }
  ~Client() { ::close(socket_); }
  Client(Client&& other) noexcept : socket_(other.socket_) { other.socket_ = -1; }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(const std::string& text) const {
    for (std::size_t sent = 0; sent < text.size();) {
      const auto size = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (size <= 0) return;  // the server refused it before the end
      sent += static_cast<std::size_t>(size);
    }
  }
  std::string answer() const {
    std::string text;
    std::string part(64 << 10, '\0');
    for (ssize_t size = 0; (size = ::recv(socket_, part.data(), part.size(), 0)) > 0;)
      text.append(part, 0, static_cast<std::size_t>(size));
    return text;
  }

 private:
  explicit Client(int socket) : socket_(socket) {}
  int socket_;
};

class HostileClients : public StackTest {
 protected:
  static Client onSocket() { return Client::ofSocket(stack().setting("HOME_DIR") + "/run/taskqueue.sock"); }

  static std::vector<std::pair<std::string, std::string>> asUser(const std::string& method,
                                                                 const std::string& path,
                                                                 const std::string& role,
                                                                 std::size_t bytes = 0) {
    return {{"REQUEST_METHOD", method},
            {"REQUEST_URI", "/taskqueue/" + path},
            {"CONTENT_LENGTH", std::to_string(bytes)},
            {"TASKQUEUE_USER", "eve"},
            {"TASKQUEUE_ROLE", role},
            {"TASKQUEUE_SECRET", stack().setting("NGINX_SECRET")},
            {"HTTP_SEC_FETCH_SITE", "same-origin"}};
  }

  static void expectOthersAreServed(const std::string& during) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(stack().request("GET", "/healthz").status, 200) << during;
    EXPECT_LT(std::chrono::steady_clock::now() - start, 1s) << during;
  }

  static std::int64_t peakKilobytes() {
    std::ifstream status("/proc/" + std::to_string(stack().programPid("taskqueue-fcgi:taskqueue-fcgi")) +
                         "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmHWM:")) return std::atoll(line.c_str() + 6);
    }
    return -1;
  }

  static std::uintmax_t logBytes() {
    std::uintmax_t bytes = 0;
    for (const auto& file : fs::directory_iterator(stack().setting("HOME_DIR") + "/log"))
      if (file.is_regular_file()) bytes += file.file_size();
    return bytes;
  }
};

TEST_F(HostileClients, ThatSendNothingOrHalfARequestHoldNoThread) {
  std::vector<Client> clients;
  const std::string head = headOf(asUser("POST", "tasks/bulk", "viewer", 5000000));
  for (int i = 0; i < 3 * kThreads; ++i) {
    clients.push_back(onSocket());
    if (i % 3 == 1) clients.back().send(head.substr(0, head.size() - 8));
    if (i % 3 == 2) clients.back().send(head);
  }
  for (int i = 0; i < 5; ++i) expectOthersAreServed("silent clients");
}

TEST_F(HostileClients, ThatSendFormsOf700000FieldsCostNoMemory) {
  std::string fields = "form_token=x";
  for (int i = 0; i < 700000; ++i) fields += "&a" + std::to_string(i) + "=1";
  const std::int64_t before = peakKilobytes();
  ASSERT_GT(before, 0);
  std::vector<std::thread> senders;
  for (int i = 0; i < kThreads; ++i) {
    senders.emplace_back([&, role = i % 2 == 0 ? "viewer" : "admin"] {
      const Client client = onSocket();
      client.send(headOf(asUser("POST", "tasks/bulk", role, fields.size())));
      for (std::size_t at = 0; at < fields.size(); at += 60000)
        client.send(record(5, fields.substr(at, 60000)));
      client.send(record(5, ""));
      EXPECT_NE(client.answer().find("Status: 403"), std::string::npos);
    });
  }
  for (int i = 0; i < 5; ++i) expectOthersAreServed("hostile forms");
  for (auto& sender : senders) sender.join();
  EXPECT_LT(peakKilobytes() - before, 64 << 10) << "KiB";
}

TEST_F(HostileClients, ThatOpenTheSocketAreNobodyWithoutTheSecretOfNginx) {
  for (const std::string& secret : {std::string(), std::string("x")}) {
    auto parameters = asUser("GET", "tasks", "admin");
    for (auto& [name, value] : parameters)
      if (name == "TASKQUEUE_SECRET") value = secret;
    const Client client = onSocket();
    client.send(headOf(parameters) + record(5, ""));
    EXPECT_NE(client.answer().find("Status: 403"), std::string::npos);
  }
  const Client client = onSocket();
  client.send(headOf(asUser("GET", "tasks", "admin")) + record(5, ""));
  EXPECT_NE(client.answer().find("Status: 200"), std::string::npos);
}

TEST_F(HostileClients, WithWrongPasswordsDelayNobodyWhoHasTheRightOneAndFillNoLog) {
  constexpr int kWrong = 50;
  const auto before = logBytes();
  const std::string padding = "X-Padding: " + std::string(7000, 'y') + "\r\nReferer: http://x/" +
                              std::string(7000, 'r') + "\r\nUser-Agent: " + std::string(7000, 'u') + "\r\n";
  const int port = std::atoi(stack().setting("BASE_URL").c_str() + std::string("http://127.0.0.1:").size());
  std::vector<Client> clients;
  for (int i = 0; i < kWrong; ++i) {
    clients.push_back(Client::ofPort(port));
    clients.back().send("GET /taskqueue/tasks?q=" + std::string(1900, 'z') +
                        " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
                        "Authorization: Basic YWRtaW46d3Jvbmc=\r\n" + padding + "\r\n");
  }
  for (int i = 0; i < 5; ++i) {
    expectOthersAreServed("wrong passwords");
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(stack().page("/health").status, 200);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
  }
  for (const Client& client : clients) EXPECT_EQ(client.answer().substr(9, 3), "401");
  EXPECT_LE(logBytes() - before, kWrong * 1024U);
}

TEST_F(HostileClients, With1100HalfSentRequestsShutNobodyOut) {
  const int port = std::atoi(stack().setting("BASE_URL").c_str() + std::string("http://127.0.0.1:").size());
  rlimit descriptors{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &descriptors), 0);
  descriptors.rlim_cur = descriptors.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &descriptors), 0);
  std::vector<Client> clients;
  for (int i = 0; i < 1100; ++i) {
    clients.push_back(Client::ofPort(port));
    clients.back().send("GET /taskqueue/ HTTP/1.1\r\nHost: x\r\n");
  }
  for (int i = 0; i < 5; ++i) expectOthersAreServed("half-sent requests");
  EXPECT_EQ(stack().page("/health").status, 200);
}

}  // namespace
}  // namespace taskqueue::tests
