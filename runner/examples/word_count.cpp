// A plug-in with one handler, WordCount: counts the words of a text, reporting as it goes.
//
//   g++ -std=c++20 -shared -fPIC -I PREFIX/include/taskqueue word_count.cpp -o word_count.so
//
// It needs nothing but the installed headers. A real handler would read TaskData with a JSON library.
#include <algorithm>
#include <cctype>
#include <iostream>

#include "runner/handlers/plugin.h"

namespace {

using namespace taskqueue::handlers;

constexpr const char* kSchema = R"({
  "type": "object",
  "properties": {"text": {"type": "string", "maxLength": 100000}},
  "required": ["text"],
  "additionalProperties": false
})";

class WordCount : public ITaskHandler {
 public:
  void handleTaskRun(TaskRun& run) override {
    const std::string_view data = run.taskData();  // {"text":"…"}, as the schema promises
    const std::string_view text = data.substr(data.find(':') + 1);
    std::size_t words = 0;
    bool inside = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      run.stopIfAsked();
      const bool isPart = std::isalnum(static_cast<unsigned char>(text[i])) != 0;
      if (isPart && !inside) std::cout << "word " << ++words << "\n";
      inside = isPart;
      run.setProgress(static_cast<int>(100 * (i + 1) / text.size()), std::to_string(words) + " words");
    }
    run.setResults("{\"words\":" + std::to_string(words) + "}");
  }
};

std::vector<HandlerEntry> makeHandlers() {
  HandlerEntry entry;
  entry.taskHandlerClass = "WordCount";
  entry.dataSchema = kSchema;
  entry.settings.maxRetries = 2;
  entry.handler = std::make_unique<WordCount>();
  std::vector<HandlerEntry> handlers;
  handlers.push_back(std::move(entry));
  return handlers;
}

}  // namespace

TASKQUEUE_PLUGIN(makeHandlers)
