// SPDX-License-Identifier: Apache-2.0
// Files inside a zip archive, stored or deflated.
#pragma once
#include <assay/core/memory_map.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// Reads zip archives, of the 64-bit form too; encrypted ones, and those in several parts, are
/// errors.
class ZipArchive {
 public:
  /// A file in the archive, as its directory tells.
  struct Member {
    std::string name;               ///< With its folders.
    bool encrypted = false;         ///< `read` refuses it then.
    std::uint16_t method = 0;       ///< Of packing: 0 is stored, 8 deflated.
    std::uint32_t checksum = 0;     ///< CRC-32 of the unpacked bytes.
    std::uint64_t packed_size = 0;  ///< Bytes in the archive.
    std::uint64_t size = 0;         ///< Bytes unpacked.
    std::uint64_t header = 0;       ///< Offset of the local header.
  };

  /// Errors: ValueError that names the file, for one that cannot be read or is no zip archive.
  explicit ZipArchive(std::filesystem::path path);

  /// The files, in the order of the directory.
  const std::vector<Member>& members() const { return members_; }
  /// The archive, as it was given.
  const std::filesystem::path& path() const { return path_; }

  /// The unpacked bytes, checked against the archive's CRC-32.
  /// Errors: ValueError that names file and member, for damaged data or another way of packing.
  std::vector<char> read(const Member& member) const;

 private:
  std::filesystem::path path_;
  std::shared_ptr<MemoryMap> map_;
  std::vector<Member> members_;
};

}  // namespace assay::training
#pragma GCC visibility pop
