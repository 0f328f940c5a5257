// A site's webhook script (tests/support/php/webhook_receiver.php), run by php -S on its own port. It ends
// with this object.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace taskqueue::test_support {

class WebhookReceiver {
 public:
  // `answers` lists a status per request, with an optional header: "503 Retry-After: 1". After that it
  // answers 200.
  explicit WebhookReceiver(const std::vector<std::string>& answers = {},
                           const std::string& secret = "s3cret");
  ~WebhookReceiver();
  WebhookReceiver(const WebhookReceiver&) = delete;
  WebhookReceiver& operator=(const WebhookReceiver&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook"; }
  const std::string& directory() const { return directory_; }
  std::string secretFile() const { return directory_ + "/secret"; }
  // Returns the requests, as the script wrote them.
  std::vector<std::string> received() const;

 private:
  std::string directory_;
  int port_ = 0;
  pid_t process_ = -1;
};

// Returns a TCP port of 127.0.0.1 on which no process listens.
int freePort();

}  // namespace taskqueue::test_support
