// SPDX-License-Identifier: Apache-2.0
// The bytes of a file, gzipped or not.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace assay::training {

/// Reads a file from its beginning; one that begins as gzip does is unpacked on the way.
class ByteStream {
 public:
  /// Errors: ValueError with the path and the system's reason where it cannot be opened, or is a
  /// folder.
  explicit ByteStream(std::filesystem::path path);

  /// Fills the bytes as far as the file goes, and returns how many those were: fewer than asked for
  /// only at its end.
  /// Errors: ValueError with the path for a read error, and for damaged or truncated gzip data.
  std::size_t read(std::span<char> bytes);

  /// Errors: ValueError with the path where the file's size or time of change is not what it was
  /// when it was opened. A pipe has neither.
  void check_unchanged() const;

  /// The file, as it was given.
  const std::filesystem::path& path() const { return path_; }

 private:
  struct Close {
    void operator()(void* file) const;
  };

  std::filesystem::path path_;
  int descriptor_ = -1;  // which file_ closes
  std::array<std::int64_t, 3> state_ = {};
  std::unique_ptr<void, Close> file_;
};

/// Errors: ValueError that names the file, where `path` is no regular file.
void check_is_file(const std::filesystem::path& path);

}  // namespace assay::training
