// Places at which the tests make a program fail: die, or hear an error of the database. Where the
// tests are not built (TASKQUEUE_TESTS), none of it exists.
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

// The error that the caller is to pretend; 0: none.
unsigned passFailpoint(std::string_view site, Moment moment);

// For this process: the pass of any site after `skipped` more hears the error, once.
void armFailpoint(Moment moment, unsigned error, int skipped);
// True when it was armed still: nobody has passed it.
bool disarmFailpoint();

#else

constexpr unsigned passFailpoint(std::string_view, Moment) {
  return 0;
}

#endif

}  // namespace taskqueue::platform
