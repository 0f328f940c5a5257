// Clients of nginx that send one request, wait for its answer and send the next, over connections that are
// kept: all of them in one thread, so that they cost the measured machine as little as they can.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace taskqueue::bench {

// A request as it goes over the wire.
std::string httpPost(const std::string& path, const std::string& body, const std::string& headers = "");
std::string httpGet(const std::string& path, const std::string& headers = "");

struct HttpAnswers {
  std::vector<double> seconds;  // of each request
  double elapsed = 0;           // seconds, of all together
  double perSecond() const { return static_cast<double>(seconds.size()) / elapsed; }
};

class HttpLoad {
 public:
  // To 127.0.0.1.
  explicit HttpLoad(int port) : port_(port) {}

  // Until the time is over, or so many requests have been answered. Throws std::runtime_error when an answer
  // has another status.
  HttpAnswers runFor(std::chrono::duration<double> time, int connections, const std::string& request,
                     int status);
  HttpAnswers run(int requests, int connections, const std::string& request, int status);

 private:
  int port_;
};

}  // namespace taskqueue::bench
