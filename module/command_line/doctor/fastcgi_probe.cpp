#include "module/command_line/doctor/fastcgi_probe.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "module/platform/descriptor.h"

namespace taskqueue::command_line::doctor {
namespace {

// The types of records in the FastCGI specification, section 8.
constexpr char kBeginRequest = 1;
constexpr char kParams = 4;
constexpr char kStdin = 5;
constexpr std::size_t kMaxAnswer = 64 << 10;

// Returns a record of the request 1. The content is shorter than 64 KiB.
std::string record(char type, std::string_view content) {
  constexpr unsigned kByte = 256;
  std::string text{'\x01', type, '\0', '\x01'};
  text += static_cast<char>(content.size() / kByte);
  text += static_cast<char>(content.size() % kByte);
  return text.append(2, '\0').append(content);
}

// Both are shorter than 128 bytes, so each length is one byte.
std::string parameter(std::string_view name, std::string_view value) {
  std::string text;
  text += static_cast<char>(name.size());
  text += static_cast<char>(value.size());
  return text.append(name).append(value);
}

std::string healthzRequest(const std::string& basePath) {
  const std::string path = basePath.substr(0, 100) + "healthz";
  const std::string parameters = parameter("REQUEST_METHOD", "GET") + parameter("REQUEST_URI", path) +
                                 parameter("QUERY_STRING", "") + parameter("REMOTE_ADDR", "127.0.0.1");
  const std::string responder{'\0', '\x01', '\0', '\0', '\0', '\0', '\0', '\0'};
  return record(kBeginRequest, responder) + record(kParams, parameters) + record(kParams, "") +
         record(kStdin, "");
}

ProbeAnswer failure(const std::string& what) {
  const int error = errno;
  return {false, error, what + ": " + std::strerror(error)};
}

}  // namespace

ProbeAnswer probeFastCgi(const std::string& socketPath, const std::string& basePath,
                         std::chrono::seconds limit) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socketPath.size() >= sizeof(address.sun_path)) return {false, ENAMETOOLONG, "its path is too long"};
  std::memcpy(address.sun_path, socketPath.c_str(), socketPath.size() + 1);
  const platform::Descriptor connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval wait{.tv_sec = limit.count(), .tv_usec = 0};
  ::setsockopt(connection.number(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
  ::setsockopt(connection.number(), SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
  if (::connect(connection.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return failure("no program takes connections there");
  const std::string request = healthzRequest(basePath);
  if (::send(connection.number(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
    return failure("it takes no request");
  std::string answer;
  std::array<char, 4096> buffer{};
  while (answer.size() < kMaxAnswer && answer.find("\"Status\":\"ok\"") == std::string::npos) {
    const ssize_t size = ::recv(connection.number(), buffer.data(), buffer.size(), 0);
    if (size < 0) return {false, 0, "it does not answer within " + std::to_string(limit.count()) + " s"};
    if (size == 0) return {false, 0, "its answer to healthz is not ok"};
    answer.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return {true, 0, ""};
}

}  // namespace taskqueue::command_line::doctor
