// SPDX-License-Identifier: Apache-2.0
#include <assay/tests/training/testing/files.h>
#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace assay::training::testing {

Files::Files() {
  auto pattern = (std::filesystem::temp_directory_path() / "assay-test-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
}

Files::~Files() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::filesystem::path Files::write(std::string_view name, std::string_view content) const {
  const auto path = folder_ / name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::filesystem::path Files::write_gzipped(std::string_view name, std::string_view content) const {
  const auto path = folder_ / name;
  const auto file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
  return path;
}

std::string read_test_file(std::string_view name) {
  std::ifstream file(std::filesystem::path(ASSAY_SOURCE_DIR) / "tests" / "training" / name,
                     std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace assay::training::testing
