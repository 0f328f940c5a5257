#include "tests/support/fake_output.h"

#include <algorithm>

#include "module/queue/utf8_text.h"

namespace taskqueue::test_support {
std::int64_t endOf(const OutputPiece& piece) {
  return piece.position + static_cast<std::int64_t>(piece.content.size());
}

std::vector<OutputPiece> piecesOf(const std::vector<FakeChunk>& chunks, OutputStream stream) {
  std::vector<OutputPiece> pieces;
  for (const FakeChunk& chunk : chunks) {
    if (chunk.stream == stream) pieces.push_back({chunk.position, chunk.content});
  }
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const auto& a, const auto& b) { return a.position < b.position; });
  return pieces;
}

std::vector<OutputPiece> piecesOf(const CapturedText& text) {
  const std::string line = droppedLine(text.droppedBytes);
  const auto gap = text.kept.find(line);
  if (text.droppedBytes == 0 || gap == std::string::npos) return {{0, text.kept}};
  const auto tail = static_cast<std::int64_t>(gap) + text.droppedBytes;
  return {{0, text.kept.substr(0, gap)}, {tail, text.kept.substr(gap + line.size())}};
}

OutputSlice sliceOf(const std::vector<OutputPiece>& pieces, std::int64_t offset, std::int64_t limit) {
  OutputSlice slice;
  slice.offset = std::max<std::int64_t>(offset, 0);
  bool started = false;
  for (const OutputPiece& piece : pieces) {
    if (endOf(piece) <= slice.offset) continue;
    if (!started) slice.offset = std::max(slice.offset, piece.position);
    started = true;
    const std::int64_t end = slice.offset + static_cast<std::int64_t>(slice.content.size());
    if (piece.position > end) break;
    if (endOf(piece) > end)
      slice.content += piece.content.substr(static_cast<std::size_t>(end - piece.position));
  }
  slice.content = std::string(cutAtCharacter(slice.content, static_cast<std::size_t>(limit)));
  slice.nextOffset = slice.offset + static_cast<std::int64_t>(slice.content.size());
  while (!slice.content.empty() && continuesCharacter(slice.content.front())) {
    slice.content.erase(0, 1);
    ++slice.offset;
  }
  return slice;
}

CapturedText keptOf(const std::vector<OutputPiece>& pieces) {
  CapturedText text;
  for (const OutputPiece& piece : pieces) {
    if (endOf(piece) <= text.totalBytes) continue;  // written twice
    const std::int64_t gap = piece.position - text.totalBytes;
    if (gap > 0) {
      text.kept += droppedLine(gap);
      text.droppedBytes += gap;
    }
    text.kept += piece.content.substr(static_cast<std::size_t>(std::max<std::int64_t>(-gap, 0)));
    text.totalBytes = endOf(piece);
  }
  return text;
}

}  // namespace taskqueue::test_support
