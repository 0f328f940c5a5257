// Failpoints are places where tests make a program die or receive a database error. They exist only in builds
// with tests (TASKQUEUE_TESTS).
//
// A program arms one from its environment: TASKQUEUE_FAILPOINT="SITE before|after COUNT crash|hang|ERROR"
// acts when the site is passed for the COUNT-th time. `hang` holds up the thread for ever; ERROR is a number
// of the database. TASKQUEUE_FAILPOINT_LOG names a file to which each site and moment is written when it is
// passed for the first time.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::platform {

enum class Moment { Before, After };

#ifdef TASKQUEUE_FAILPOINTS

// Returns the database error that the caller must simulate; 0: none.
unsigned passFailpoint(std::string_view site, Moment moment);

// Arms a failpoint in this process. After `skipped` more passes of any site, one pass receives the error.
void armFailpoint(Moment moment, unsigned error, int skipped);
// Disarms the failpoint. Returns true if it was still armed, so it was never passed.
bool disarmFailpoint();

#else

constexpr unsigned passFailpoint(std::string_view, Moment) {
  return 0;
}

#endif

}  // namespace taskqueue::platform
