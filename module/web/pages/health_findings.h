// Puts findings of the health checks on pages: the worst first, each with a place on the page Health.
#pragma once

#include <kainjow/mustache.hpp>
#include <string>
#include <vector>

#include "module/health/check.h"
#include "module/texts/texts.h"

namespace taskqueue::web {

// Sorts the findings: failures first, then warnings; of the same state the one that has lasted longest.
std::vector<health::HealthCheck> worstFirst(std::vector<health::HealthCheck> checks);
int countProblems(const std::vector<health::HealthCheck>& checks);
// Sets name, subject, text, state and time for a template. `Since` is left out if the finding is ok.
void setFinding(kainjow::mustache::data& to, const health::HealthCheck& check, const Texts& say);
// Returns the place of the check on the page Health: the first finding of the check has it.
std::string anchorOf(const health::HealthCheck& check);

}  // namespace taskqueue::web
