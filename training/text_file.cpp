// SPDX-License-Identifier: Apache-2.0
#include <assay/serialization/atomic_file.h>
#include <assay/training/text_file.h>

#include <array>

namespace assay::training {

void write_text(const std::filesystem::path& path, const std::string& text) {
  const std::array pieces = {std::as_bytes(std::span(text))};
  serialization::write_file_atomically(path, pieces);
}

}  // namespace assay::training
