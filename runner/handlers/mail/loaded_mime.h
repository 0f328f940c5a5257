// Gives handlers the module that composes and parses mails.
#pragma once

#include <stdexcept>

#include "runner/handlers/task_handler.h"
#include "runner/mail/mime.h"

namespace taskqueue::handlers {

// Throws TaskError `mail_module` when it cannot be loaded; the task is then retried.
inline const mail::Mime& loadedMime() {
  try {
    return mail::mime();
  } catch (const std::runtime_error& error) {
    throw TaskError("mail_module", error.what());
  }
}

}  // namespace taskqueue::handlers
