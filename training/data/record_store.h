// SPDX-License-Identifier: Apache-2.0
// Records of equal size, many of them.
#pragma once
#include <assay/training/data/scratch_file.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace assay::training {

/// Records that are added one by one and read by number. They stay in memory, in blocks, so that
/// growing copies nothing, as long as they need no more than a limit; beyond it they are all in a
/// scratch file, and memory holds one block.
class RecordStore {
 public:
  /// `record` and `most_in_memory` count bytes.
  RecordStore(std::size_t record, std::size_t most_in_memory);

  /// Adds a record, of as many bytes as all have. Errors: those of ScratchFile.
  void add(std::span<const std::byte> record);

  /// To be called after the last record, once. Errors: those of ScratchFile.
  void finish();

  /// The records so far.
  std::int64_t size() const { return size_; }

  /// Whether they are in memory; may change until `finish`.
  bool in_memory() const { return !file_; }

  /// Reads records of a store that is not in memory, one after the other; on several threads at
  /// once too. Errors: those of ScratchFile.
  void read(const std::vector<std::int64_t>& numbers, std::span<std::byte> records) const;

  /// Gives the records of a store that is in memory block by block, in order. Each block is gone
  /// then.
  void take(const std::function<void(std::span<const std::byte>)>& use);

 private:
  // Memory of the system's own, which has it back at once: a heap may keep what it frees.
  struct Release {
    std::size_t bytes;
    void operator()(std::byte* block) const;
  };
  using Block = std::unique_ptr<std::byte, Release>;

  Block new_block() const;
  std::span<const std::byte> bytes_of(std::size_t block) const;
  void move_to_file();

  std::size_t record_;
  std::size_t block_;  // bytes of a block: whole records
  std::size_t most_in_memory_;
  std::deque<Block> blocks_;
  std::size_t filled_ = 0;  // bytes of the last block
  std::int64_t size_ = 0;
  std::optional<ScratchFile> file_;
};

}  // namespace assay::training
