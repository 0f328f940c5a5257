#include "module/store/claim_positions.h"

#include <algorithm>

namespace taskqueue::store {
namespace {

using namespace std::chrono_literals;

constexpr auto kBetweenLooksFromHead = 1s;
constexpr int kHeadShare = 20;  // at most one part in so many of the time goes to looks from the head
constexpr int kBeforeAll = INT32_MIN;

// Two branches for each known priority: how many rows nobody has looked at, and when the next of the others
// is due. One for each gap between them tells the first priority that is not known yet. These are at most 20.
// All read the index Claim, where the entries of claimed tasks cost a look that locks nothing 0.02 us each.
constexpr const char* kUnseenBranch =
    "(SELECT 'unseen', MIN(Priority), COUNT(*), UNIX_TIMESTAMP() FROM (SELECT Priority FROM {TaskQueue} "
    "FORCE "
    "INDEX (Claim) WHERE Queue = ? AND Priority = ? AND NextRunOn = 0 AND Id > ? LIMIT ?) d)";
constexpr const char* kTimedBranch =
    "(SELECT 'timed', Priority, NextRunOn, UNIX_TIMESTAMP() FROM {TaskQueue} FORCE INDEX (Claim) WHERE Queue "
    "= ? AND Priority = ? AND (NextRunOn = ? AND Id > ? OR NextRunOn > ?) AND NextRunOn <> 0 ORDER BY "
    "NextRunOn, Id LIMIT 1)";
constexpr const char* kGapBranch =
    "(SELECT 'new', MIN(Priority), NULL, UNIX_TIMESTAMP() FROM {TaskQueue} FORCE INDEX (Claim) WHERE Queue = "
    "? "
    "AND Priority > ? AND Priority < ?)";
// Served by the unique key KindName; of the limits any one will do.
constexpr const char* kBrakesBranch =
    "(SELECT 'paused', NULL, NULL, UNIX_TIMESTAMP() FROM {TaskQueuePauses} WHERE Kind = 'queue' AND Name = "
    "?) "
    "UNION ALL (SELECT 'limit', NULL, NULL, UNIX_TIMESTAMP() FROM {TaskQueueLimits} LIMIT 1)";

}  // namespace

ClaimPositions::Level ClaimPositions::levelOf(const std::string& queue, int priority, bool fromHead) {
  Level level{queue, priority, kBeforeAll, {kBeforeAll, kBeforeAll}};
  if (fromHead) return level;
  const Reached& reached = reached_[queue][priority];
  if (reached.unseen.settled) level.afterUnseenId = reached.unseen.settled->second;
  if (reached.seen.settled) {
    const auto& [nextRunOn, id] = *reached.seen.settled;
    level.after = nextRunOn < now_ ? Place{nextRunOn, id} : Place{now_ - 1, INT32_MAX};
  }
  return level;
}

ClaimPositions::Look ClaimPositions::look(Connection& connection, std::span<const std::string> queues,
                                          int limit) {
  Look look;
  look.fromHead = Clock::now() >= nextFromHead_;
  for (const std::string& queue : queues) lookAt(connection, queue, limit, look);
  return look;
}

void ClaimPositions::lookAt(Connection& connection, const std::string& queue, int limit, Look& look) {
  std::map<int, std::int64_t> unseen;  // rows by priority
  std::map<int, UnixSeconds> firsts;   // NextRunOn of the others by priority
  bool paused = false;
  if (look.fromHead) forgetEmpty(queue);
  for (bool complete = false; !complete;) {
    complete = true;
    const Question question = questionFor(queue, limit, look.fromHead);
    for (Row& row : connection.queryText(connection.names().expand(question.text), question.parameters)) {
      const std::string word = row.text();
      const auto priority = row.optionalNumber();
      const std::int64_t figure = row.integer();
      now_ = row.integer();
      if (word == "paused") paused = true;
      if (word == "limit") look.anyLimit = true;
      if (!priority) continue;
      if (word == "unseen") unseen[*priority] = figure;
      if (word == "timed") firsts[*priority] = figure;
      if (word == "new") {
        reached_[queue].try_emplace(*priority);
        complete = false;
      }
    }
  }
  if (paused) return;
  for (auto& [priority, reached] : reached_[queue]) {
    Level level = levelOf(queue, priority, look.fromHead);
    if (const auto found = unseen.find(priority); found != unseen.end()) level.unseen = found->second;
    const auto first = firsts.find(priority);
    level.anyTimed = first != firsts.end() && first->second <= now_;
    const bool isDue = level.unseen > 0 || level.anyTimed;
    if (isDue) look.due.push_back(std::move(level));
    if (!isDue && first == firsts.end()) continue;
    reached.waitedOn = Clock::now();
    const std::int64_t wait = isDue ? 0 : first->second - now_;
    look.secondsUntilDue = std::min(look.secondsUntilDue.value_or(wait), wait);
  }
}

void ClaimPositions::forgetEmpty(const std::string& queue) {
  const auto now = Clock::now();
  std::erase_if(reached_[queue], [&](const auto& level) { return now - level.second.waitedOn >= kept_; });
}

std::size_t ClaimPositions::countKnown(const std::string& queue) const {
  const auto known = reached_.find(queue);
  return known == reached_.end() ? 0 : known->second.size();
}

ClaimPositions::Question ClaimPositions::questionFor(const std::string& queue, int limit, bool fromHead) {
  Question question;
  const auto add = [&question](const char* branch, std::initializer_list<Value> parameters) {
    question.text += (question.text.empty() ? "" : " UNION ALL ") + std::string(branch);
    question.parameters.insert(question.parameters.end(), parameters);
  };
  int next = kFirstPriority;  // the first that may be unknown
  const auto addGapUpTo = [&](int end) {
    if (next < end) add(kGapBranch, {queue, std::int64_t{next} - 1, std::int64_t{end}});
    next = end + 1;
  };
  add(kBrakesBranch, {queue});
  for (const auto& [priority, reached] : reached_[queue]) {
    addGapUpTo(priority);
    const Level level = levelOf(queue, priority, fromHead);
    add(kUnseenBranch, {queue, std::int64_t{priority}, level.afterUnseenId, std::int64_t{limit}});
    add(kTimedBranch,
        {queue, std::int64_t{priority}, level.after.first, level.after.second, level.after.first});
  }
  addGapUpTo(kLastPriority + 1);
  return question;
}

void ClaimPositions::advance(Progress& progress, const Place& place) const {
  const auto now = Clock::now();
  if (!progress.latest) {
    progress.latest = place;
    progress.latestSince = now;
  }
  if (now - progress.latestSince < settling_) return;
  progress.settled = progress.latest;
  progress.latest = place;
  progress.latestSince = now;
}

ClaimPositions::Progress& ClaimPositions::progressOf(const Task& task) {
  Reached& reached = reached_[task.queue][task.priority];
  return task.nextRunOn.value_or(kNotLookedAt) == kNotLookedAt ? reached.unseen : reached.seen;
}

void ClaimPositions::claimedUpTo(const Task& task) {
  Progress& progress = progressOf(task);
  const Place place{task.nextRunOn.value_or(kNotLookedAt), task.id};
  if (progress.settled && place < std::min(*progress.settled, Place{now_ - 1, INT32_MAX})) progress = {};
  passedOver(task);
}

void ClaimPositions::passedOver(const Task& task) {
  advance(progressOf(task), {task.nextRunOn.value_or(kNotLookedAt), task.id});
}

// Of which queue and priority is not known: a place a little too far back costs next to nothing.
void ClaimPositions::givenBack(UnixSeconds nextRunOn) {
  const Place before{nextRunOn - 1, INT32_MAX};
  for (auto& [queue, levels] : reached_) {
    for (auto& [priority, reached] : levels) {
      for (std::optional<Place>* place : {&reached.seen.settled, &reached.seen.latest}) {
        if (*place > before) *place = before;
      }
    }
  }
}

void ClaimPositions::lookedFromHead(Clock::duration took) {
  nextFromHead_ = Clock::now() + std::max<Clock::duration>(kBetweenLooksFromHead, took * kHeadShare);
}

}  // namespace taskqueue::store
