// SPDX-License-Identifier: Apache-2.0
// Files that are there whole or not at all.
#pragma once
#include <assay/serialization/bytes.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace assay::serialization {

/// Writes the pieces, laid end to end, to `path`, so that whoever opens it at any moment, and
/// whatever happens to this process or the machine, finds the whole old file or the whole new one.
///
/// The bytes go to a temporary file `.<name>.assay-tmp-<pid>-<n>` in the same folder, which is
/// flushed to the disk and renamed; then the folder is flushed. A file that is replaced keeps its
/// permissions, and a symbolic link keeps its name: the file it points to is replaced.
///
/// Throws c10::Error, with the path and the system's reason, when a step fails or when `path` is
/// something other than a regular file. The temporary file is then gone and the old file is as it
/// was (except where the last step alone fails, the flush of the folder: the new file is then in
/// place, but may not survive a power cut).
void write_file_atomically(const std::filesystem::path& path, std::span<const Bytes> pieces);

/// A file that is written piece by piece, and then there as `write_file_atomically` says, or not at
/// all: without `commit` nothing is left of it, and the old file is as it was.
/// Errors: those of `write_file_atomically`.
class AtomicFile {
 public:
  /// Begins a temporary file beside `path`.
  explicit AtomicFile(const std::filesystem::path& path);
  ///@{
  /// The file changes hands.
  AtomicFile(AtomicFile&&) noexcept;
  AtomicFile& operator=(AtomicFile&&) noexcept;
  ///@}
  ~AtomicFile();

  /// Adds the pieces at the end.
  void write(std::span<const Bytes> pieces);

  /// Puts the file in its place; nothing is to be written after it.
  void commit();

 private:
  class Temporary;
  std::unique_ptr<Temporary> temporary_;
};

/// Removes from `folder` the temporary files of writers that were killed, and returns how many.
/// A temporary file that is still being written, by whatever process, stays: its writer holds a
/// lock on it. A folder that does not exist counts as empty.
/// Throws c10::Error when the folder cannot be read or such a file cannot be removed.
std::size_t remove_stale_temporaries(const std::filesystem::path& folder);

}  // namespace assay::serialization
