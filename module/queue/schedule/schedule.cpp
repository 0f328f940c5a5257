#include "module/queue/schedule/schedule.h"

namespace taskqueue {

std::string_view toString(Missed missed) {
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

std::string_view toString(Overlap overlap) {
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

std::string_view toString(FiringOutcome outcome) {
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

std::string summarize(const ScheduleDefinition& definition) {
  return std::string(definition.enabled ? "enabled, " : "disabled, ") + definition.cronExpression + " " +
         definition.timeZone;
}

std::optional<Missed> parseMissed(std::string_view word) {
  for (const Missed missed : {Missed::Skip, Missed::Once, Missed::All}) {
    if (word == toString(missed)) return missed;
  }
  return std::nullopt;
}

std::optional<Overlap> parseOverlap(std::string_view word) {
  for (const Overlap overlap : {Overlap::Skip, Overlap::Queue, Overlap::Replace}) {
    if (word == toString(overlap)) return overlap;
  }
  return std::nullopt;
}

std::optional<FiringOutcome> parseFiringOutcome(std::string_view word) {
  for (const FiringOutcome outcome : {FiringOutcome::Fired, FiringOutcome::Skipped, FiringOutcome::Missed}) {
    if (word == toString(outcome)) return outcome;
  }
  return std::nullopt;
}

}  // namespace taskqueue
