// Output of a run as pieces with positions, the model that live and kept output share.
#pragma once

#include <vector>

#include "module/queue/run.h"
#include "tests/support/fake_task_store.h"

namespace taskqueue::test_support {

struct OutputPiece {
  std::int64_t position = 0;
  std::string content;
};

// The pieces of one stream in flight.
std::vector<OutputPiece> piecesOf(const std::vector<FakeChunk>& chunks, OutputStream stream);

// The head and the tail of a kept text.
std::vector<OutputPiece> piecesOf(const CapturedText& text);

// What the pieces hold from `offset` on, up to a gap or the limit.
OutputSlice sliceOf(const std::vector<OutputPiece>& pieces, std::int64_t offset, std::int64_t limit);

// What is kept of a stream whose runner died.
CapturedText keptOf(const std::vector<OutputPiece>& pieces);

}  // namespace taskqueue::test_support
