// Why a task is waiting: the one concrete reason, for people who wait for it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "module/queue/task.h"

namespace taskqueue {

// What there is to know about a task's surroundings, read at one time.
struct WaitFacts {
  Task task;
  UnixSeconds now = 0;
  bool queuePaused = false;
  bool handlerPaused = false;
  int maxRunning = 0;  // of its handler; 0: any number
  int maxRunningPerKey = 0;
  int runners = 0;                                 // that live
  int runnersOfQueue = 0;                          // and serve the task's queue
  int runnersAble = 0;                             // and know its handler, too
  int runnersKnowing = 0;                          // the handler, of whatever queues
  bool handlerWasOffered = false;                  // by a runner, now or earlier
  std::optional<UnixSeconds> handlerOfferedUntil;  // since then no living runner knows it
  int slots = 0;                                   // of those
  int slotsTaken = 0;
};

struct WaitReason {
  std::string code;  // for programs: not_due, retry_delay, queue_paused, handler_paused, no_runner,
                     // no_runner_of_queue, no_handler, parked, no_free_slot, handler_limit,
                     // key_limit, queue_name, next
  std::string text;  // for people: a sentence
};

// That no living runner knows the handler: since when, as far as that is known.
std::string unknownHandlerText(std::string_view taskHandlerClass, bool wasOffered,
                               std::optional<UnixSeconds> offeredUntil);

// Such as 2026-11-30 10:34:49 UTC.
std::string utcText(UnixSeconds time);

// Tells what a person can do about it; empty when there is nothing to do but wait.
std::string whatHelps(const WaitReason& reason, const WaitFacts& facts);

// Nothing when the task does not wait: it runs, or it has ended.
std::optional<WaitReason> whyWaiting(const WaitFacts& facts);

}  // namespace taskqueue
