// Finds out what the user of the site's PHP may do with the queue's files.
#pragma once

#include "module/health/settings.h"
#include "module/platform/configuration.h"

namespace taskqueue::platform {

// Modes of what the site's PHP may use. The group is that of its user. The directory of the wake sockets
// hands its group on to them.
inline constexpr unsigned kSiteDirectoryMode = 0750;
inline constexpr unsigned kSiteFileMode = 0640;
inline constexpr unsigned kWakeDirectoryMode = 02750;

// Compares the rights of site.user with what its client needs: to read the two files of site.directory, and
// to list runner.wake_directory. Reading another file of secrets, or changing one of these, is more than
// that.
health::SiteAccess findSiteAccess(const Configuration& configuration);

}  // namespace taskqueue::platform
