// How a shared object offers handlers: it says TASKQUEUE_PLUGIN(makeHandlers) once, and lies in
// runner.plugins_directory. Each plug-in is hosted in worker processes of its own, so that a broken one harms
// nobody.
//
//   std::vector<HandlerEntry> makeHandlers() { … }
//   TASKQUEUE_PLUGIN(makeHandlers)
//
// Build it as the runner is built: with GCC's libstdc++, and with the installed headers alone.
#pragma once

#include <cstddef>
#include <vector>

#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// Of task_handler.h and what it includes. A plug-in of another version is refused.
inline constexpr int kPluginVersion = 3;

struct Plugin {
  int version = kPluginVersion;  // the first member in every version
  std::size_t entryBytes = sizeof(HandlerEntry);
  std::vector<HandlerEntry> (*makeHandlers)() = nullptr;
};

// The name of the entry point, and its type.
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
