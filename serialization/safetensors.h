// SPDX-License-Identifier: Apache-2.0
// Named tensors to a file and back, in the public safetensors format (docs/file-format.md).
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Tensors, configurations and state to files and back.
namespace assay::serialization {

/// A tensor and its name in a file.
struct NamedTensor {
  std::string name;   ///< UTF-8; each is in a file once.
  at::Tensor tensor;  ///< The tensor.
};

/// Text by name, as a safetensors file keeps it in its header.
using SafetensorsMetadata = std::map<std::string, std::string, std::less<>>;

/// The newest version of assay's conventions inside a safetensors file (docs/file-format.md) that
/// this library writes and reads.
inline constexpr int kSafetensorsFormatVersion = 1;

/// What `load_safetensors` found in a file.
struct SafetensorsFile {
  std::filesystem::path path;                              ///< The file.
  std::map<std::string, at::Tensor, std::less<>> tensors;  ///< By name, on the CPU.

  /// Without the two keys that assay adds and checks itself.
  SafetensorsMetadata metadata;

  /// 0 for a file that another program wrote.
  int format_version = 0;

  /// The tensor of that name. Throws c10::ValueError that names the file and the tensor when there
  /// is none.
  const at::Tensor& at(std::string_view name) const;
};

/// Writes tensors and metadata to a safetensors file, atomically (see atomic_file.h), and adds the
/// format version and a checksum of the whole file to the metadata.
///
/// Tensors of any strides and from any device are written as contiguous ones from the CPU; the
/// order of `tensors` plays no part.
///
/// Throws c10::ValueError, with the path and the name at fault, for a name given twice, a name,
/// key or value that is not UTF-8, the reserved names (the tensor `__metadata__`, the metadata keys
/// `assay_format_version` and `assay_checksum`), and a tensor that the format cannot hold
/// (undefined, sparse, quantized, on the meta device, of a dtype that safetensors lacks, of more
/// than 64 dimensions); c10::Error where the system cannot write the file. The old file, if any, is
/// then as it was.
void save_safetensors(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                      const SafetensorsMetadata& metadata = {});

/// Reads a safetensors file of any origin.
///
/// The tensors are on the CPU and share the file's memory map, which lives as long as one of them:
/// pages that nobody touches take no memory. Writing to such a tensor never changes the file. (A
/// tensor that another program placed at an address that its dtype cannot have, or a boolean tensor
/// with bytes other than 0 and 1, is a copy.) While tensors live, the file may be replaced as
/// `save_safetensors` does it, but must not be overwritten or shortened in place.
///
/// Throws c10::ValueError, with the path and what is wrong, for a file that is no safetensors file,
/// is damaged or truncated, has a dtype that LibTorch lacks, does not match its checksum, or was
/// written by a newer assay; c10::Error where the system cannot read the file.
SafetensorsFile load_safetensors(const std::filesystem::path& path);

}  // namespace assay::serialization
