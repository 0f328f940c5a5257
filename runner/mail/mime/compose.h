// Mails made of their parts. Throws Refused.
#pragma once

#include "runner/mail/mime.h"

namespace taskqueue::mail {

// See Mime.
MailMessage composeMail(const MailText& mail, const MailRules& rules, const MailStamp& stamp);
MailMessage completeMail(const MadeMail& mail, const MailRules& rules, const MailStamp& stamp);

}  // namespace taskqueue::mail
