#include "module/queue/schedule/schedule.h"

namespace taskqueue {

std::string_view wordOf(Missed missed) {
  switch (missed) {
    case Missed::Skip:
      return "skip";
    case Missed::Once:
      return "once";
    case Missed::All:
      return "all";
  }
  return "";
}

std::string_view wordOf(Overlap overlap) {
  switch (overlap) {
    case Overlap::Skip:
      return "skip";
    case Overlap::Queue:
      return "queue";
    case Overlap::Replace:
      return "replace";
  }
  return "";
}

std::string_view wordOf(FiringOutcome outcome) {
  switch (outcome) {
    case FiringOutcome::Fired:
      return "fired";
    case FiringOutcome::Skipped:
      return "skipped";
    case FiringOutcome::Missed:
      return "missed";
  }
  return "";
}

std::string summaryOf(const ScheduleDefinition& definition) {
  return std::string(definition.enabled ? "enabled, " : "disabled, ") + definition.cronExpression + " " +
         definition.timeZone;
}

std::optional<Missed> missedOf(std::string_view word) {
  for (const Missed missed : {Missed::Skip, Missed::Once, Missed::All}) {
    if (word == wordOf(missed)) return missed;
  }
  return std::nullopt;
}

std::optional<Overlap> overlapOf(std::string_view word) {
  for (const Overlap overlap : {Overlap::Skip, Overlap::Queue, Overlap::Replace}) {
    if (word == wordOf(overlap)) return overlap;
  }
  return std::nullopt;
}

std::optional<FiringOutcome> firingOutcomeOf(std::string_view word) {
  for (const FiringOutcome outcome : {FiringOutcome::Fired, FiringOutcome::Skipped, FiringOutcome::Missed}) {
    if (word == wordOf(outcome)) return outcome;
  }
  return std::nullopt;
}

}  // namespace taskqueue
