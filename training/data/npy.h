// SPDX-License-Identifier: Apache-2.0
// NumPy's array files: .npy, and the zip archives of them, .npz.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace assay::training {

class ZipArchive;

/// The array of a .npy file (format 1, 2 or 3) of numbers or truth values, of any byte order, in C
/// or Fortran order. float16 to float64, int8 to int64, uint8 and bool keep their type, uint16 and
/// uint32 become int32 and int64, and uint64 becomes int64.
///
/// An array in this machine's byte order and C order is a memory map of the file: pages that nobody
/// touches take no memory, and the file must not be changed while the tensor lives.
///
/// Errors: ValueError that names the file, for one that cannot be read, is damaged or truncated, or
/// holds another kind of element.
at::Tensor read_npy(const std::filesystem::path& path);

/// An archive that np.savez or np.savez_compressed wrote.
class NpzArchive {
 public:
  /// Errors: ValueError that names the file, for one that cannot be read or is no zip archive.
  explicit NpzArchive(std::filesystem::path path);

  /// Names of the arrays, in the order of the archive.
  std::vector<std::string> names() const;

  /// Errors: ValueError that names the file and the array, where there is none of this name (with
  /// those that there are), or it is damaged, or of a kind that read_npy does not read.
  at::Tensor read(const std::string& name) const;

 private:
  std::shared_ptr<const ZipArchive> zip_;
};

}  // namespace assay::training
