// Finds the one concrete reason why a task waits, for people.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "module/queue/task.h"

namespace taskqueue {

// The facts about a task and its environment, read at one time.
struct WaitFacts {
  Task task;
  UnixSeconds now = 0;
  bool allPaused = false;  // all queues
  bool queuePaused = false;
  bool handlerPaused = false;
  int maxRunning = 0;  // the handler's limit; 0: none
  int maxRunningPerKey = 0;
  int runners = 0;                 // living runners
  int runnersOfQueue = 0;          // living runners that serve the task's queue
  int runnersAble = 0;             // living runners that serve the queue and offer the handler
  int runnersKnowing = 0;          // living runners that offer the handler, in any queue
  bool handlerWasOffered = false;  // a runner offers it now or did earlier
  std::optional<UnixSeconds> handlerOfferedUntil;  // the time since which no living runner offers it
  int slots = 0;                                   // slots of the `runnersAble` runners
  int slotsTaken = 0;
};

struct WaitReason {
  // For programs: not_due, retry_delay, all_paused, queue_paused, handler_paused, no_runner,
  // no_runner_of_queue, no_handler, parked, no_free_slot, handler_limit, key_limit, queue_name, next
  std::string code;
  std::string text;  // for people: a sentence
};

// Says that no living runner offers the handler, and since when if that is known.
std::string unknownHandlerText(std::string_view taskHandlerClass, bool wasOffered,
                               std::optional<UnixSeconds> offeredUntil);

// Formats a time like 2026-11-30 10:34:49 UTC.
std::string utcText(UnixSeconds time);

// Suggests what a person can do; empty if waiting is all.
std::string suggestHelp(const WaitReason& reason, const WaitFacts& facts);

// Returns nothing if the task does not wait because it is running or has ended.
std::optional<WaitReason> findWaitReason(const WaitFacts& facts);

}  // namespace taskqueue
