// Progress and output of a run, during and after it. Positions mean the same in both cases.
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::IsEmpty;

constexpr std::int64_t kAll = 1 << 20;

class Output : public Contract {
 protected:
  OutputSlice read(const ClaimedRun& run, std::int64_t offset, std::int64_t limit = kAll,
                   OutputStream stream = OutputStream::StandardOutput) {
    return store().tasks.readOutput(run.owned.runId, stream, offset, limit).value();
  }
  ClaimedRun started() {
    add();
    return claimOne();
  }
  // "head", 90 bytes that are dropped, "tail"
  RunEnd longEnd(const ClaimedRun& run) {
    RunEnd end = endOf(run, RunStatus::Success);
    end.standardOutput = {.kept = "head" + droppedLine(90) + "tail", .totalBytes = 98, .droppedBytes = 90};
    return end;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, Output, bothStores(), nameOf);

TEST_P(Output, ProgressRisesAndIsShown) {
  const ClaimedRun mine = started();
  report(mine, 10, "one");
  report(mine, 40, "four");
  EXPECT_EQ(run(mine.owned.runId).percentsCompleted, 40);
  EXPECT_EQ(run(mine.owned.runId).progressNote, "four");
}

TEST_P(Output, ProgressNeverFalls) {
  const ClaimedRun mine = started();
  report(mine, 40);
  report(mine, 20);
  EXPECT_EQ(run(mine.owned.runId).percentsCompleted, 40);
  RunEnd end = endOf(mine, RunStatus::Success);
  end.percentsCompleted = 30;
  finish(end);
  EXPECT_EQ(run(mine.owned.runId).percentsCompleted, 40);
}

TEST_P(Output, ProgressOutOfRangeIsDrawnIn) {
  const ClaimedRun mine = started();
  report(mine, -5);
  EXPECT_EQ(run(mine.owned.runId).percentsCompleted, 0);
  report(mine, 5000);
  EXPECT_EQ(run(mine.owned.runId).percentsCompleted, 100);
}

TEST_P(Output, ThereIsNoOutputOfARunThatDoesNotExist) {
  EXPECT_FALSE(store().tasks.readOutput(4711, OutputStream::StandardOutput, 0, kAll));
}

// As a row that a site has inserted with the columns of the CMS's design alone.
TEST_P(Output, ATextThatIsLongerThanItsRowSaysIsReadToItsEnd) {
  const std::vector<CapturedText> texts{
      {.kept = "hello"}, {.kept = "head" + droppedLine(90) + "tail", .totalBytes = 5, .droppedBytes = 90}};
  for (const CapturedText& text : texts) {
    const ClaimedRun mine = started();
    RunEnd end = endOf(mine, RunStatus::Success);
    end.standardOutput = text;
    finish(end);
    std::string all;
    OutputSlice slice;
    for (int reads = 0; reads < 5 && !slice.complete; ++reads) {
      slice = read(mine, slice.nextOffset);
      all += slice.content;
    }
    EXPECT_TRUE(slice.complete) << all;
    EXPECT_EQ(all, text.droppedBytes == 0 ? "hello" : "headtail");
    EXPECT_EQ(slice.totalBytes, slice.nextOffset);
    EXPECT_EQ(read(mine, slice.nextOffset).content, "");
  }
}

TEST_P(Output, LiveOutputIsReadFromAnyByteOn) {
  const ClaimedRun mine = started();
  write(chunkOf(mine, 0, "hello "));
  write(chunkOf(mine, 6, "world"));
  write(chunkOf(mine, 0, "oops", OutputStream::ErrorOutput));

  OutputSlice slice = read(mine, 0);
  EXPECT_EQ(slice.content, "hello world");
  EXPECT_EQ(slice.offset, 0);
  EXPECT_EQ(slice.nextOffset, 11);
  EXPECT_FALSE(slice.complete);
  slice = read(mine, 8);
  EXPECT_EQ(slice.content, "rld");
  EXPECT_EQ(slice.offset, 8);
  slice = read(mine, 11);
  EXPECT_EQ(slice.content, "");
  EXPECT_EQ(slice.nextOffset, 11);
  EXPECT_EQ(read(mine, 0, kAll, OutputStream::ErrorOutput).content, "oops");
}

TEST_P(Output, LiveOutputIsReadInBatches) {
  const ClaimedRun mine = started();
  write(chunkOf(mine, 0, "abcdef"));
  write(chunkOf(mine, 6, "ghi"));
  std::string all;
  for (std::int64_t at = 0; at < 9;) {
    const OutputSlice slice = read(mine, at, 4);
    ASSERT_GT(slice.nextOffset, at);
    all += slice.content;
    at = slice.nextOffset;
  }
  EXPECT_EQ(all, "abcdefghi");
}

TEST_P(Output, BatchesAreCutBetweenCharacters) {
  const ClaimedRun mine = started();
  write(chunkOf(mine, 0, "a\xC3\xA9z"));
  EXPECT_EQ(read(mine, 0, 2).content, "a");
  EXPECT_EQ(read(mine, 0, 2).nextOffset, 1);
  const OutputSlice inside = read(mine, 2);
  EXPECT_EQ(inside.content, "z");
  EXPECT_EQ(inside.offset, 3);
  EXPECT_EQ(inside.nextOffset, 4);
}

TEST_P(Output, LiveOutputContinuesBehindWhatWasDropped) {
  const ClaimedRun mine = started();
  write(chunkOf(mine, 0, "head"));
  write(chunkOf(mine, 4, "middle"));
  OutputChunk last = chunkOf(mine, 10, "tail");
  last.dropFrom = 4;
  last.dropTo = 10;
  write(last);
  OutputSlice slice = read(mine, 0);
  EXPECT_EQ(slice.content, "head");
  EXPECT_EQ(slice.nextOffset, 4);
  slice = read(mine, 4);
  EXPECT_EQ(slice.offset, 10);
  EXPECT_EQ(slice.content, "tail");
  EXPECT_EQ(slice.nextOffset, 14);
}

TEST_P(Output, ChunksThatReachOverTheDroppedPartAreKept) {
  const ClaimedRun mine = started();
  write(chunkOf(mine, 0, "0123"));
  write(chunkOf(mine, 4, "4567"));
  OutputChunk last = chunkOf(mine, 8, "89");
  last.dropFrom = 2;
  last.dropTo = 8;
  write(last);
  EXPECT_EQ(read(mine, 0).content, "0123");
  EXPECT_EQ(read(mine, 4).content, "89");
}

TEST_P(Output, DroppingConcernsOneStreamOfOneRun) {
  const ClaimedRun mine = started();
  const ClaimedRun other = started();
  write(chunkOf(mine, 0, "out"));
  write(chunkOf(mine, 0, "err", OutputStream::ErrorOutput));
  write(chunkOf(other, 0, "other"));
  OutputChunk last = chunkOf(mine, 3, "!");
  last.dropFrom = 0;
  last.dropTo = 3;
  write(last);
  EXPECT_EQ(output(mine.owned.runId), "!");
  EXPECT_EQ(output(mine.owned.runId, OutputStream::ErrorOutput), "err");
  EXPECT_EQ(output(other.owned.runId), "other");
}

TEST_P(Output, AFloodOfLiveOutputFitsInOneTick) {
  const std::string large(1 << 20, '"');  // every byte must be escaped
  SyncRequest request = syncOf(runner(), 0);
  for (int i = 0; i < 12; ++i) request.output.push_back(chunkOf(started(), 0, large));
  store().runners.sync(request);
  for (const OutputChunk& chunk : request.output) EXPECT_TRUE(output(chunk.owned.runId) == large);
}

TEST_P(Output, TheFinishedTextReplacesTheLiveOutput) {
  const ClaimedRun mine = started();
  write(chunkOf(mine, 0, "live"));
  RunEnd end = endOf(mine, RunStatus::Success);
  end.hadLiveOutput = true;
  end.standardOutput = {.kept = "live and kept", .totalBytes = 13};
  end.errorOutput = {.kept = "err", .totalBytes = 3};
  finish(end);
  const OutputSlice slice = read(mine, 0);
  EXPECT_EQ(slice.content, "live and kept");
  EXPECT_EQ(slice.totalBytes, 13);
  EXPECT_TRUE(slice.complete);
  EXPECT_EQ(read(mine, 4).content, " and kept");
  EXPECT_EQ(output(mine.owned.runId, OutputStream::ErrorOutput), "err");
  EXPECT_EQ(run(mine.owned.runId).standardOutputBytes, 13);
}

TEST_P(Output, OutputInTheTickThatEndsTheRunLeavesNothingBehind) {
  const ClaimedRun mine = started();
  SyncRequest request = syncOf(runner(), 0);
  request.ends = {endOf(mine, RunStatus::Success)};
  request.ends[0].standardOutput = {.kept = "all", .totalBytes = 3};
  request.output = {chunkOf(mine, 0, "all")};
  store().runners.sync(request);
  EXPECT_EQ(output(mine.owned.runId), "all");
}

TEST_P(Output, PositionsBehindTheDroppedMiddleAreThoseOfTheWholeStream) {
  const ClaimedRun mine = started();
  finish(longEnd(mine));
  OutputSlice slice = read(mine, 0);
  EXPECT_EQ(slice.content, "head");
  EXPECT_EQ(slice.nextOffset, 4);
  EXPECT_EQ(slice.totalBytes, 98);
  EXPECT_EQ(slice.droppedBytes, 90);
  EXPECT_FALSE(slice.complete);
  slice = read(mine, slice.nextOffset);
  EXPECT_EQ(slice.offset, 94);
  EXPECT_EQ(slice.content, "tail");
  EXPECT_EQ(slice.nextOffset, 98);
  EXPECT_TRUE(slice.complete);
}

TEST_P(Output, AReaderInsideTheDroppedMiddleIsMovedToItsEnd) {
  const ClaimedRun mine = started();
  finish(longEnd(mine));
  EXPECT_EQ(read(mine, 50).offset, 94);
  EXPECT_EQ(read(mine, 50).content, "tail");
  EXPECT_EQ(read(mine, 96).content, "il");
  EXPECT_EQ(read(mine, 2).content, "ad");
}

TEST_P(Output, ReadingBeyondTheEndIsCompleteAndEmpty) {
  const ClaimedRun mine = started();
  finish(longEnd(mine));
  const OutputSlice slice = read(mine, 1000);
  EXPECT_EQ(slice.content, "");
  EXPECT_EQ(slice.nextOffset, 98);
  EXPECT_TRUE(slice.complete);
}

TEST_P(Output, ARunThatWroteNothingIsComplete) {
  const ClaimedRun mine = started();
  finish(mine, RunStatus::Success);
  EXPECT_EQ(read(mine, 0).content, "");
  EXPECT_TRUE(read(mine, 0).complete);
}

TEST_P(Output, TextComesBackByteForByte) {
  const std::string hostile = "tab\t quote\" back\\slash \x01\x1b[31m \xF0\x9F\x98\x80 ' $[*] null\r\n";
  const ClaimedRun mine = started();
  write(chunkOf(mine, 0, hostile));
  EXPECT_EQ(output(mine.owned.runId), hostile);
  RunEnd end = endOf(mine, RunStatus::Success);
  end.hadLiveOutput = true;
  end.standardOutput = {.kept = hostile, .totalBytes = static_cast<std::int64_t>(hostile.size())};
  finish(end);
  EXPECT_EQ(output(mine.owned.runId), hostile);
}

TEST_P(Output, ARunningRunTellsHowMuchThereIs) {
  add();
  const ClaimedRun mine = claimOne();
  write(chunkOf(mine, 0, "abc"));
  write(chunkOf(mine, 3, "def"));
  const auto first = store().tasks.readOutput(mine.owned.runId, OutputStream::StandardOutput, 0, 3).value();
  EXPECT_EQ(first.content, "abc");
  EXPECT_EQ(first.totalBytes, 6);
  const auto end =
      store().tasks.readOutput(mine.owned.runId, OutputStream::StandardOutput, INT64_MAX, 1).value();
  EXPECT_EQ(end.offset, 6);
  EXPECT_EQ(end.totalBytes, 6);
  EXPECT_EQ(end.content, "");
}

}  // namespace
}  // namespace taskqueue::contract
