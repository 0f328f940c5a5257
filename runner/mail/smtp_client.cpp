#include "runner/mail/smtp_client.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <new>
#include <string_view>

#include "module/platform/secret.h"
#include "module/queue/mail_address.h"
#include "runner/mail/curl_library.h"

namespace taskqueue::mail {
namespace {

#if LIBCURL_VERSION_NUM >= 0x080200
constexpr CURLoption kRecipientsMayFail = CURLOPT_MAIL_RCPT_ALLOWFAILS;
#else
constexpr CURLoption kRecipientsMayFail = CURLOPT_MAIL_RCPT_ALLLOWFAILS;
#endif

constexpr std::size_t kAnswerBytes = 1000;
constexpr int kRefusal = 400;
constexpr int kPermanentRefusal = 500;
constexpr int kNoAnswerOfSmtp = 600;
constexpr int kClosing = 221;        // the answer to QUIT
constexpr int kUnavailable = 421;    // the server closes the connection
constexpr int kTooMany = 552;        // too many recipients; then it is temporary (RFC 5321 4.5.3.1.10)
constexpr long kGoodbyeSeconds = 1;  // wait for the answer to QUIT, which is not needed

// Tells whether an error concerns the sender's account, not the mail: authentication (RFC 4954).
bool isAboutSender(int code) {
  constexpr std::array<int, 4> kCodes{530, 534, 535, 538};
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

std::string asciiOf(std::string_view text) {
  std::string out(text.substr(0, kAnswerBytes));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

struct Reply {
  int code = 0;
  std::string text;
};

// The dialogue of one transfer.
struct Talk {
  std::string_view content;  // bytes that are not sent yet
  bool isAboutMail = false;  // MAIL FROM was sent
  bool contentWanted = false;
  Reply last;
  Reply refusal;                  // the last 4xx or 5xx without a later success
  std::vector<Reply> recipients;  // answers to the RCPT TO commands sent so far
  bool isOfRecipient = false;     // the next answer belongs to the last recipient

  void say(std::string_view command) {
    if (command.starts_with("MAIL ")) {
      isAboutMail = true;
      recipients.clear();
    }
    isOfRecipient = command.starts_with("RCPT ");
    if (isOfRecipient) recipients.emplace_back();
  }

  void hear(std::string_view line) {
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
    int code = 0;
    const auto [end, error] =
        std::from_chars(line.data(), line.data() + std::min<std::size_t>(line.size(), 3), code);
    if (error != std::errc() || end != line.data() + 3) return;
    const bool goesOn = line.size() > 3 && line[3] == '-';
    if (line.size() > 4 && partial_.size() < kAnswerBytes)
      partial_.append(partial_.empty() ? "" : " ").append(line.substr(4));
    if (goesOn) return;
    last = {code, asciiOf(partial_)};
    partial_.clear();
    if (isOfRecipient && !recipients.empty()) recipients.back() = last;
    isOfRecipient = false;
    if (code >= kRefusal) {
      refusal = last;
    } else if (code != kClosing) {
      refusal = {};
    }
  }

 private:
  std::string partial_;  // lines of an unfinished multi-line answer
};

std::size_t onHeader(char* data, std::size_t size, std::size_t count, void* talk) {
  static_cast<Talk*>(talk)->hear({data, size * count});
  return size * count;
}

std::size_t onContent(char* to, std::size_t size, std::size_t count, void* talkPointer) {
  auto* talk = static_cast<Talk*>(talkPointer);
  talk->contentWanted = true;
  const auto piece = talk->content.substr(0, size * count);
  std::memcpy(to, piece.data(), piece.size());
  talk->content.remove_prefix(piece.size());
  return piece.size();
}

int onDebug(CURL* handle, curl_infotype type, char* data, std::size_t size, void* talk) {
  if (type != CURLINFO_HEADER_OUT) return 0;
  const std::string_view command(data, size);
  static_cast<Talk*>(talk)->say(command);
  // CURLOPT_TIMEOUT does not apply to the answer to QUIT.
  if (command.starts_with("QUIT"))
    curl().easySetopt(handle, CURLOPT_SERVER_RESPONSE_TIMEOUT, kGoodbyeSeconds);
  return 0;
}

std::size_t ignore(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

ServerAnswer refused(const Reply& refusal, bool isAboutMail) {
  const bool isForGood = refusal.code >= kPermanentRefusal && refusal.code < kNoAnswerOfSmtp && isAboutMail &&
                         !isAboutSender(refusal.code);
  using Outcome = ServerAnswer::Outcome;
  return {isForGood ? Outcome::Permanent : Outcome::Temporary, refusal.code, refusal.text};
}

// Gives each recipient its own answer, or else that of the whole mail.
SendAnswer withRecipients(ServerAnswer whole, const Talk& talk, std::size_t count) {
  const bool someAreTaken =
      std::any_of(talk.recipients.begin(), talk.recipients.end(),
                  [](const Reply& reply) { return reply.code != 0 && reply.code < kRefusal; });
  SendAnswer answer{std::move(whole), {}};
  for (std::size_t i = 0; i < count; ++i) {
    const bool isRefused = i < talk.recipients.size() && talk.recipients[i].code >= kRefusal;
    answer.recipients.push_back(isRefused ? refused(talk.recipients[i], true) : ServerAnswer(answer));
    if (isRefused && someAreTaken && talk.recipients[i].code == kTooMany)
      answer.recipients.back().outcome = ServerAnswer::Outcome::Temporary;
  }
  return answer;
}

struct Recipients {
  explicit Recipients(const std::vector<std::string>& addresses) {
    for (const std::string& address : addresses) {
      curl_slist* longer = curl().slistAppend(list, address.c_str());
      if (longer == nullptr) throw std::bad_alloc();
      list = longer;
    }
  }
  ~Recipients() { curl().slistFreeAll(list); }
  Recipients(const Recipients&) = delete;
  Recipients& operator=(const Recipients&) = delete;

  curl_slist* list = nullptr;
};

std::string findProblem(const MailMessage& message) {
  if (!message.from.empty() && !isMailAddress(message.from))
    return "the sender " + std::string(kMailAddressRule) + ": " + message.from;
  if (message.recipients.empty()) return "the mail has no recipient";
  for (const std::string& address : message.recipients) {
    if (!isMailAddress(address)) return "the recipient " + std::string(kMailAddressRule) + ": " + address;
  }
  return "";
}

}  // namespace

SmtpSettings smtpSettings(const platform::SmtpConfiguration& from) {
  SmtpSettings to;
  to.url = from.url;
  to.user = from.user;
  to.requireTls = from.requireTls;
  to.caFile = from.caFile;
  to.connectLimit = from.connectLimit;
  to.sendLimit = from.sendLimit;
  to.keepLimit = from.keepLimit;
  if (from.passwordFile.empty()) return to;
  const auto password = platform::readFirstLine(from.passwordFile);
  if (!password) {
    throw platform::ConfigurationError(
        "smtp.password_file: the first line of " + from.passwordFile +
        " must be the password, and the user of the workers must be able to read it");
  }
  to.password = *password;
  return to;
}

struct SmtpClient::Native {
  struct Attempt {
    SendAnswer answer;
    bool reused = false;         // the connection was open already
    bool contentWanted = false;  // the server has accepted DATA
    bool tookTooLong = false;
  };

  explicit Native(const SmtpSettings& settings) {
    handle = curl().easyInit();
    if (handle == nullptr) throw std::bad_alloc();
    const auto set = [&](CURLoption option, auto value) { curl().easySetopt(handle, option, value); };
    set(CURLOPT_URL, settings.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROXY, "");  // ignores proxy settings of the environment
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_USE_SSL, static_cast<long>(settings.requireTls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    set(CURLOPT_SSL_VERIFYPEER, settings.requireTls ? 1L : 0L);
    set(CURLOPT_SSL_VERIFYHOST, settings.requireTls ? 2L : 0L);
    if (!settings.caFile.empty()) set(CURLOPT_CAINFO, settings.caFile.c_str());
    if (!settings.user.empty()) {
      set(CURLOPT_USERNAME, settings.user.c_str());
      set(CURLOPT_PASSWORD, settings.password.c_str());
    }
    set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(settings.connectLimit.count()));
    set(CURLOPT_TIMEOUT, static_cast<long>(settings.sendLimit.count()));
    set(CURLOPT_MAXAGE_CONN, static_cast<long>(settings.keepLimit.count()));
    set(CURLOPT_ERRORBUFFER, trouble.data());
    set(CURLOPT_HEADERFUNCTION, &onHeader);
    set(CURLOPT_READFUNCTION, &onContent);
    set(CURLOPT_WRITEFUNCTION, &ignore);
    set(CURLOPT_DEBUGFUNCTION, &onDebug);
    set(kRecipientsMayFail, 1L);
    set(CURLOPT_VERBOSE, 1L);  // onDebug needs it; nothing is printed
  }
  // libcurl would wait two minutes for the answer to QUIT.
  ~Native() {
    endConnection(SHUT_RD);
    curl().easyCleanup(handle);
  }
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;

  Attempt attempt(const MailMessage& message, const Recipients& recipients) {
    Talk talk;
    talk.content = message.content;
    const auto set = [&](CURLoption option, auto value) { curl().easySetopt(handle, option, value); };
    set(CURLOPT_MAIL_FROM, message.from.c_str());
    set(CURLOPT_MAIL_RCPT, recipients.list);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.content.size()));
    set(CURLOPT_HEADERDATA, static_cast<void*>(&talk));
    set(CURLOPT_READDATA, static_cast<void*>(&talk));
    set(CURLOPT_DEBUGDATA, static_cast<void*>(&talk));
    set(CURLOPT_SERVER_RESPONSE_TIMEOUT, 0L);
    trouble.front() = '\0';
    const CURLcode code = curl().easyPerform(handle);
    if (code != CURLE_OK) endConnection(SHUT_RDWR);
    long connections = 0;
    curl().easyGetinfo(handle, CURLINFO_NUM_CONNECTS, &connections);
    return {withRecipients(answerOf(code, talk), talk, message.recipients.size()), connections == 0,
            talk.contentWanted, code == CURLE_OPERATION_TIMEDOUT};
  }

  // libcurl keeps a connection after a timed-out answer. The late answer would then count for the next mail.
  // A connection that is shut down is not reused.
  void endConnection(int ways) const {
    curl_socket_t connection = CURL_SOCKET_BAD;
    curl().easyGetinfo(handle, CURLINFO_ACTIVESOCKET, &connection);
    if (connection != CURL_SOCKET_BAD) ::shutdown(connection, ways);
  }

  ServerAnswer answerOf(CURLcode code, const Talk& talk) const {
    using Outcome = ServerAnswer::Outcome;
    if (code == CURLE_OK) return {Outcome::Sent, talk.last.code, talk.last.text};
    if (talk.refusal.code != 0) return refused(talk.refusal, talk.isAboutMail);
    std::string text = trouble.front() == '\0' ? curl().easyStrerror(code) : trouble.data();
    if (talk.contentWanted && talk.content.empty())
      text += "; the mail was handed over, but nobody answered: it may have arrived";
    return {Outcome::Temporary, 0, asciiOf(text)};
  }

  CURL* handle = nullptr;
  std::array<char, CURL_ERROR_SIZE> trouble{};
};

SmtpClient::SmtpClient(SmtpSettings settings)
    : settings_(std::move(settings)), native_(std::make_unique<Native>(settings_)) {}

SmtpClient::~SmtpClient() = default;

SendAnswer SmtpClient::send(const MailMessage& message) {
  if (const std::string problem = findProblem(message); !problem.empty()) {
    const ServerAnswer answer{ServerAnswer::Outcome::Permanent, 0, asciiOf(problem)};
    return {answer, std::vector<ServerAnswer>(message.recipients.size(), answer)};
  }
  const Recipients recipients(message.recipients);
  auto attempt = native_->attempt(message, recipients);
  // The server may have closed an idle connection. In that case no content has been sent yet.
  const bool isStale = attempt.reused && !attempt.contentWanted && !attempt.tookTooLong &&
                       attempt.answer.outcome == SendAnswer::Outcome::Temporary &&
                       (attempt.answer.code == 0 || attempt.answer.code == kUnavailable);
  if (isStale) attempt = native_->attempt(message, recipients);
  return attempt.answer;
}

}  // namespace taskqueue::mail
