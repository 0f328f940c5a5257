// The handler SendMail: hands one mail to the mail server.
//
//   TaskData  {"To", "Subject", "Text" and/or "Html"}, and optionally "From"; or a mail that is made already:
//             {"To", "Headers": ["Name: value", …], "Body"}
//   Results   {"To", "From", "MessageId", "Code", "Answer"}: the server's answer to this attempt; with
//   several
//             recipients also "Recipients": [{"To", "State", "Code", "Answer"}], where State is `sent`,
//             `refused` or `waits`
//
// To, Cc and Bcc of a made mail's headers get it, too. The server may take some recipients and refuse others:
// a later attempt goes to those that wait, and the run's error names all that do not have the mail.
//
// To be tried again: smtp_4xx and the other answers that are not about the mail, smtp_unanswered,
// smtp_settings, mail_module, database, cancelled. Errors that end it for good: smtp_5xx, address,
// recipients, headers, body.
#pragma once

#include "module/platform/configuration.h"
#include "module/store/connection.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

inline constexpr const char* kSendMail = "SendMail";

// What holds for its tasks: twelve tries within about a day.
HandlerSettings sendMailSettings(const platform::SmtpConfiguration& smtp);

// The connection to the mail server is kept for further runs in the same worker. The database is asked only
// when there is a rate to keep to.
HandlerEntry makeSendMail(const platform::SmtpConfiguration& smtp, store::ConnectionSettings settings,
                          store::TableNames names);

}  // namespace taskqueue::handlers
