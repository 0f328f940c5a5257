#include "module/web/openapi/operations.h"

namespace taskqueue::web::openapi {

const Operation kHealth{"isAlive", kState, "Says that the program lives.", {{200, "It lives.", "Alive"}}};

const Operation kReadiness{
    "isReady",
    kState,
    "Says whether tasks are worked off, or why not.",
    {{200, "Tasks are worked off.", "Readiness"}, {503, "Tasks are not worked off.", "Readiness"}}};

const Operation kMetrics{
    "metrics", kState, "Answers figures for Prometheus.", {{200, "The figures.", "string", "text/plain"}}};

const Operation kHealthChecks{"healthChecks",
                              kState,
                              "Answers each health check, and the worst status of all.",
                              {{200, "The checks, also if some have failed.", "Health"}}};

const Operation kOpenApi{"openApi",
                         kState,
                         "Answers this document.",
                         {{200, "An OpenAPI document of version 3.1.", "OpenApiDocument"}}};

std::vector<Schema> stateSchemas() {
  return {{"Alive", "The program lives.", {{"Status", "string", "ok"}}},
          {"Readiness",
           "Whether tasks are worked off.",
           {{"Status", "string", "ready or not ready"}, {"Problems", "string[]"}}},
          {"HealthCheck",
           "A check, or one of its findings.",
           {{"Name", "string"},
            {"Status", "HealthStatus"},
            {"Subject", "string", "The queue, handler or table concerned; empty: all."},
            {"Since", "UnixSeconds?"},
            {"Count", "integer?", "How many tasks, runs or runners are concerned."},
            {"Text", "string"},
            {"Fix", "string", "What mends it."}}},
          {"Health", "The state of the queue.", {{"Status", "HealthStatus"}, {"Checks", "HealthCheck[]"}}}};
}

}  // namespace taskqueue::web::openapi
