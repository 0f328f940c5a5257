// A site's script that gets webhooks (tests/support/php/webhook_receiver.php), run by php -S on a port of its
// own. Ends with its object, and with the test.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace taskqueue::test_support {

class WebhookReceiver {
 public:
  // `answers`: a status for each request, and a header if one shall be sent: "503 Retry-After: 1". Then 200.
  explicit WebhookReceiver(const std::vector<std::string>& answers = {},
                           const std::string& secret = "s3cret");
  ~WebhookReceiver();
  WebhookReceiver(const WebhookReceiver&) = delete;
  WebhookReceiver& operator=(const WebhookReceiver&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook"; }
  const std::string& directory() const { return directory_; }
  std::string secretFile() const { return directory_ + "/secret"; }
  // What it got, as the script wrote it.
  std::vector<std::string> received() const;

 private:
  std::string directory_;
  int port_ = 0;
  pid_t process_ = -1;
};

// A TCP port of 127.0.0.1 that nobody listens on.
int freePort();

}  // namespace taskqueue::test_support
