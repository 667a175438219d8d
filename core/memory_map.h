// SPDX-License-Identifier: Apache-2.0
// A file mapped into memory.
#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#pragma GCC visibility push(hidden)
namespace assay {

/// A whole file in memory, read from the disk page by page when it is first touched. The mapping is
/// private: writing to its bytes changes them for this process alone, never the file.
class MemoryMap {
 public:
  /// Throws c10::Error, with the path and the system's reason, when the file cannot be opened or
  /// mapped, or is no regular file.
  static std::shared_ptr<MemoryMap> open(const std::filesystem::path& path);

  MemoryMap(const MemoryMap&) = delete;
  MemoryMap& operator=(const MemoryMap&) = delete;
  ~MemoryMap();

  /// The file's bytes, for as long as this lives.
  std::span<std::byte> bytes() const { return bytes_; }

 private:
  explicit MemoryMap(std::span<std::byte> bytes) : bytes_(bytes) {}

  std::span<std::byte> bytes_;
};

}  // namespace assay
#pragma GCC visibility pop
