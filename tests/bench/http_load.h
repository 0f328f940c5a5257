// HTTP clients of nginx: each sends a request, waits for its answer and sends the next, over persistent
// connections. One thread serves all of them, to load the measured machine as little as possible.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace taskqueue::bench {

// Returns the bytes of a request.
std::string httpPost(const std::string& path, const std::string& body, const std::string& headers = "");
std::string httpGet(const std::string& path, const std::string& headers = "");

struct HttpAnswers {
  std::vector<double> seconds;  // duration of each request
  double elapsed = 0;           // total duration in seconds
  double perSecond() const { return static_cast<double>(seconds.size()) / elapsed; }
};

class HttpLoad {
 public:
  // Connects to 127.0.0.1.
  explicit HttpLoad(int port) : port_(port) {}

  // Runs until the time is over, or until this many requests are answered. Throws std::runtime_error when an
  // answer has a different status.
  HttpAnswers runFor(std::chrono::duration<double> time, int connections, const std::string& request,
                     int status);
  HttpAnswers run(int requests, int connections, const std::string& request, int status);

 private:
  int port_;
};

}  // namespace taskqueue::bench
