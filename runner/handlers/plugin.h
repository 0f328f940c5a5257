// How a shared object offers handlers: it contains TASKQUEUE_PLUGIN(makeHandlers) once and lies in
// runner.plugins_directory. Each plug-in runs in worker processes of its own, so that a broken one harms no
// other.
//
//   std::vector<HandlerEntry> makeHandlers() { … }
//   TASKQUEUE_PLUGIN(makeHandlers)
//
// Build it as the runner is built: with GCC's libstdc++, against the installed headers only.
#pragma once

#include <cstddef>
#include <vector>

#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// The ABI version of task_handler.h and its includes. The runner refuses a plug-in of another version.
inline constexpr int kPluginVersion = 3;

struct Plugin {
  int version = kPluginVersion;  // must stay the first member in every version
  std::size_t entryBytes = sizeof(HandlerEntry);
  std::vector<HandlerEntry> (*makeHandlers)() = nullptr;
};

// Symbol name and type of the entry point.
inline constexpr const char* kPluginEntry = "taskqueue_plugin";
using PluginEntry = const Plugin* (*)();

}  // namespace taskqueue::handlers

#define TASKQUEUE_PLUGIN(maker)                                        \
  extern "C" const ::taskqueue::handlers::Plugin* taskqueue_plugin() { \
    static const ::taskqueue::handlers::Plugin plugin{                 \
        .version = ::taskqueue::handlers::kPluginVersion,              \
        .entryBytes = sizeof(::taskqueue::handlers::HandlerEntry),     \
        .makeHandlers = maker};                                        \
    return &plugin;                                                    \
  }
