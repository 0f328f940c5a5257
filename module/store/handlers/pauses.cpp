// Pauses queues and handlers, and limits handlers.
#include "module/queue/listed.h"
#include "module/store/handlers/maria_handlers.h"
#include "module/store/handlers/unpark_tasks.h"

namespace taskqueue::store {
namespace {

// Served by the unique key KindName.
const Sql kPause{"pause", R"(
  INSERT IGNORE INTO {TaskQueuePauses} (Kind, Name, PausedOn, PausedById)
  VALUES (?, ?, UNIX_TIMESTAMP(), ?)
)"};
const Sql kResume{"resume", R"(
  DELETE FROM {TaskQueuePauses}
  WHERE Kind = ? AND Name = ?
)"};

// Served by the unique key TaskHandlerClass.
const Sql kSetLimit{"set-limit", R"(
  INSERT INTO {TaskQueueLimits} (
    TaskHandlerClass, MaxRunning, MaxRunningPerKey, DeclaredByHandler, ChangedOn, ChangedById
  )
  VALUES (?, ?, COALESCE(?, 0), 0, UNIX_TIMESTAMP(), ?)
  ON DUPLICATE KEY UPDATE
    MaxRunning = VALUES(MaxRunning),
    MaxRunningPerKey = COALESCE(?, MaxRunningPerKey),
    DeclaredByHandler = 0,
    ChangedOn = VALUES(ChangedOn),
    ChangedById = VALUES(ChangedById)
)"};
const Sql kReadLimit{"read-limit", R"(
  SELECT MaxRunning, MaxRunningPerKey
  FROM {TaskQueueLimits}
  WHERE TaskHandlerClass = ?
)"};

// Served by the unique key KindName, in its order. A pause's audit record is written in its transaction; the
// index ChangedOn finds it within a few seconds of the pause.
const Sql kFindPauses{"find-pauses", R"(
  SELECT p.Kind, p.Name, p.PausedOn, p.PausedById,
    (
      SELECT a.ChangedBy
      FROM {TaskQueueAudit} a FORCE INDEX (ChangedOn)
      WHERE a.ChangedOn BETWEEN p.PausedOn - 5 AND p.PausedOn + 5
        AND a.Action = 'pause'
        AND a.Subject = LEFT(CONCAT(p.Kind, ' ', p.Name), 255) COLLATE utf8mb4_bin
      ORDER BY a.Id DESC
      LIMIT 1
    )
  FROM {TaskQueuePauses} p FORCE INDEX (KindName)
  ORDER BY p.Kind, p.Name
  LIMIT ?
)"};

}  // namespace

bool MariaHandlers::setPaused(PauseKind kind, std::string_view name, bool paused, int byId) {
  const bool isChanged = context_.inTransaction([&] {
    const std::string word(toString(kind));
    const bool changed = paused ? connection_.execute(kPause, {word, name, byId}) == 1
                                : connection_.execute(kResume, {word, name}) == 1;
    if (changed) context_.record(paused ? "pause" : "resume", std::nullopt, word + " " + std::string(name));
    return changed;
  });
  if (isChanged && !paused && kind == PauseKind::Handler) unparkAll(context_, std::string(name));
  return isChanged;
}

HandlerLimits MariaHandlers::setHandlerLimit(std::string_view taskHandlerClass, int maxRunning,
                                             std::optional<int> maxRunningPerKey, int byId) {
  const HandlerLimits limits = context_.inTransaction([&] {
    connection_.execute(kSetLimit, {taskHandlerClass, maxRunning, maxRunningPerKey, byId, maxRunningPerKey});
    context_.record("limit", std::nullopt, "handler " + std::string(taskHandlerClass),
                    std::to_string(maxRunning) + " at once" +
                        (maxRunningPerKey ? ", " + std::to_string(*maxRunningPerKey) + " of a key" : ""));
    auto limit = connection_.query(kReadLimit, {taskHandlerClass});
    HandlerLimits now;
    limit.at(0).into(now.maxRunning, now.maxRunningPerKey);
    return now;
  });
  // What is parked is looked at again; what the new limits stop is parked again.
  unparkAll(context_, std::string(taskHandlerClass));
  return limits;
}

std::vector<Pause> MariaHandlers::findPauses() {
  std::vector<Pause> pauses;
  for (Row& row : connection_.query(kFindPauses, {kMaxPausesRead})) {
    Pause pause;
    std::string word;
    row.into(word, pause.name, pause.pausedOn, pause.pausedById, pause.pausedBy);
    const auto kind = parsePauseKind(word);
    if (!kind) continue;
    pause.kind = *kind;
    pauses.push_back(std::move(pause));
  }
  return pauses;
}

}  // namespace taskqueue::store
