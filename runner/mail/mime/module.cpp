// The entry point of the module.
#include "runner/mail/mime/addresses.h"
#include "runner/mail/mime/compose.h"
#include "runner/mail/mime/gmime_pointers.h"
#include "runner/mail/mime/refused.h"

namespace taskqueue::mail {
namespace {

// Exceptions must not leave the module, so this turns them into values.
template <typename Result, typename Work>
std::variant<Result, Refusal> orRefusal(Work work) {
  try {
    return work();
  } catch (const Refused& refused) {
    return refused.refusal;
  }
}

class GMimeModule : public Mime {
 public:
  GMimeModule() { ::g_mime_init(); }

  std::variant<std::vector<Mailbox>, Refusal> readMailboxes(std::string_view list) const override {
    return orRefusal<std::vector<Mailbox>>([&] { return AddressList::read("the list", list).mailboxes(); });
  }

  std::variant<MailMessage, Refusal> compose(const MailText& mail, const MailRules& rules,
                                             const MailStamp& stamp) const override {
    return orRefusal<MailMessage>([&] { return composeMail(mail, rules, stamp); });
  }

  std::variant<MailMessage, Refusal> complete(const MadeMail& mail, const MailRules& rules,
                                              const MailStamp& stamp) const override {
    return orRefusal<MailMessage>([&] { return completeMail(mail, rules, stamp); });
  }
};

}  // namespace
}  // namespace taskqueue::mail

extern "C" const taskqueue::mail::Mime* taskqueue_mime() {
  static const taskqueue::mail::GMimeModule made;
  return &made;
}
