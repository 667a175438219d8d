// SPDX-License-Identifier: Apache-2.0
// What the fuzzing targets share.
#pragma once
#include <c10/util/Exception.h>
#include <stdlib.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace assay::fuzz {

/// Runs a call that may refuse its input. Anything but c10's errors is a finding.
template <class Call>
void may_refuse(Call&& call) {
  try {
    call();
  } catch (const c10::Error&) {
  }
}

/// Writes the input to a file that is there until the next call.
inline std::filesystem::path as_file(std::string_view content) {
  static const std::filesystem::path folder = [] {
    auto pattern = (std::filesystem::temp_directory_path() / "assay-fuzz-XXXXXX").string();
    return std::filesystem::path(::mkdtemp(pattern.data()));
  }();
  auto path = folder / "input";
  std::filesystem::remove(path);  // to overwrite it would wait for the disk
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  return path;
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace assay::fuzz
