// A run's output as pieces with positions. Live and stored output share this model.
#pragma once

#include <vector>

#include "module/queue/run.h"
#include "tests/support/fake_tables.h"

namespace taskqueue::test_support {

struct OutputPiece {
  std::int64_t position = 0;
  std::string content;
};

std::int64_t endOf(const OutputPiece& piece);

// The pieces of one live stream.
std::vector<OutputPiece> piecesOf(const std::vector<FakeChunk>& chunks, OutputStream stream);

// The head and the tail of a stored text.
std::vector<OutputPiece> piecesOf(const CapturedText& text);

// Returns the output from `offset` up to a gap or the limit.
OutputSlice sliceOf(const std::vector<OutputPiece>& pieces, std::int64_t offset, std::int64_t limit);

// The stored output of a stream whose runner died.
CapturedText keptOf(const std::vector<OutputPiece>& pieces);

}  // namespace taskqueue::test_support
