// SPDX-License-Identifier: Apache-2.0
// A place on the disk for what memory is not to hold.
#pragma once
#include <assay/core/file_descriptor.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace assay::training {

/// A file without a name, which is gone with its process, however that ends. It lies in the folder
/// that TMPDIR names, or in /var/tmp: /tmp is kept in memory by many systems.
class ScratchFile {
 public:
  /// Errors: c10::Error with the folder and the system's reason where it cannot be made.
  ScratchFile();

  /// Adds bytes at the end. Errors: c10::Error with the folder and the system's reason, such as a
  /// full disk.
  void append(std::span<const std::byte> bytes);

  /// Some bytes of the file, and where they go.
  struct Piece {
    std::int64_t offset;      ///< From the file's beginning.
    std::span<std::byte> to;  ///< As many as are read.
  };

  /// Reads the pieces, on several threads at once too. Those that are not in the system's cache are
  /// asked of the disk together, so that they do not wait for each other.
  /// Errors: c10::Error where the file cannot be read, or ends before.
  void read(std::span<const Piece> pieces) const;

 private:
  void read(Piece piece) const;

  std::filesystem::path folder_;
  FileDescriptor file_;
};

}  // namespace assay::training
