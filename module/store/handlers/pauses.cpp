// Pauses queues and handlers, and limits handlers.
#include "module/queue/listed.h"
#include "module/queue/waiting.h"
#include "module/store/handlers/maria_handlers.h"
#include "module/store/handlers/unpark_tasks.h"
#include "module/store/sql/pause_holds.h"

namespace taskqueue::store {
namespace {

// Served by the unique key KindName.
const Sql kSamePause{"same-pause", R"(
  SELECT 1
  FROM {TaskQueuePauses} p
  WHERE p.Kind = ?
    AND p.Name = ?
    AND p.Reason = ?
    AND p.PausedUntil <=> ?
    AND {pause_holds}
  FOR UPDATE
)"};
const Sql kPause{"pause", R"(
  REPLACE INTO {TaskQueuePauses} (Kind, Name, PausedOn, PausedById, Reason, PausedUntil)
  VALUES (?, ?, UNIX_TIMESTAMP(), ?, ?, ?)
)"};
const Sql kResume{"resume", R"(
  DELETE FROM {TaskQueuePauses}
  WHERE Kind = ? AND Name = ?
)"};

// Served by the index PausedUntil.
const Sql kFindEndedPauses{"find-ended-pauses", R"(
  SELECT Kind, Name
  FROM {TaskQueuePauses} FORCE INDEX (PausedUntil)
  WHERE PausedUntil <= UNIX_TIMESTAMP()
  ORDER BY PausedUntil
  LIMIT ?
)"};
// A pause that was made anew meanwhile stays. Served by the unique key KindName.
const Sql kEndPause{"end-pause", R"(
  DELETE FROM {TaskQueuePauses}
  WHERE Kind = ? AND Name = ? AND PausedUntil <= UNIX_TIMESTAMP()
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
  SELECT p.Kind, p.Name, p.PausedOn, p.PausedById, p.Reason, p.PausedUntil,
    (
      SELECT a.ChangedBy
      FROM {TaskQueueAudit} a FORCE INDEX (ChangedOn)
      WHERE a.ChangedOn BETWEEN p.PausedOn - 5 AND p.PausedOn + 5
        AND a.Action = 'pause'
        AND a.Subject =
          IF(p.Kind = 'all', 'all queues', LEFT(CONCAT(p.Kind, ' ', p.Name), 255)) COLLATE utf8mb4_bin
      ORDER BY a.Id DESC
      LIMIT 1
    )
  FROM {TaskQueuePauses} p FORCE INDEX (KindName)
  WHERE {pause_holds}
  ORDER BY p.Kind, p.Name
  LIMIT ?
)"};

std::string subjectOf(PauseKind kind, std::string_view name) {
  return kind == PauseKind::All ? "all queues" : std::string(toString(kind)) + " " + std::string(name);
}

std::string detailOf(const PauseTerms& terms) {
  if (!terms.pausedUntil) return terms.reason;
  return (terms.reason.empty() ? "" : terms.reason + ", ") + "until " + utcText(*terms.pausedUntil);
}

}  // namespace

bool MariaHandlers::pause(PauseKind kind, std::string_view name, int byId, const PauseTerms& terms) {
  const std::string word(toString(kind));
  if (!connection_.query(kSamePause, {word, name, terms.reason, terms.pausedUntil}).empty()) return false;
  connection_.execute(kPause, {word, name, byId, terms.reason, terms.pausedUntil});
  context_.record("pause", std::nullopt, subjectOf(kind, name), detailOf(terms));
  return true;
}

bool MariaHandlers::setPaused(PauseKind kind, std::string_view name, bool paused, int byId,
                              const PauseTerms& terms) {
  const bool isChanged = context_.inTransaction([&] {
    if (paused) return pause(kind, name, byId, terms);
    const bool changed = connection_.execute(kResume, {toString(kind), name}) == 1;
    if (changed) context_.record("resume", std::nullopt, subjectOf(kind, name));
    return changed;
  });
  if (isChanged && !paused && kind == PauseKind::Handler) unparkAll(context_, std::string(name));
  return isChanged;
}

int MariaHandlers::endPauses() {
  int ended = 0;
  for (Row& row : connection_.query(kFindEndedPauses, {kMaxPausesRead})) {
    const auto [word, name] = row.as<std::string, std::string>();
    const auto kind = parsePauseKind(word);
    if (!kind) continue;
    const bool isEnded = context_.inTransaction([&] {
      const bool changed = connection_.execute(kEndPause, {word, name}) == 1;
      if (changed) context_.record("resume", std::nullopt, subjectOf(*kind, name), "its time was over");
      return changed;
    });
    if (!isEnded) continue;
    ++ended;
    if (*kind == PauseKind::Handler) unparkAll(context_, name);
  }
  return ended;
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
    row.into(word, pause.name, pause.pausedOn, pause.pausedById, pause.terms.reason, pause.terms.pausedUntil,
             pause.pausedBy);
    const auto kind = parsePauseKind(word);
    if (!kind) continue;
    pause.kind = *kind;
    pauses.push_back(std::move(pause));
  }
  return pauses;
}

}  // namespace taskqueue::store
