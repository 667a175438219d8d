// SPDX-License-Identifier: Apache-2.0
// Files of a test, in a folder that goes with it.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace assay::training::testing {

class Files {
 public:
  Files();
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  ~Files();

  const std::filesystem::path& folder() const { return folder_; }

  /// Writes a file and returns its path.
  std::filesystem::path write(std::string_view name, std::string_view content) const;

  /// Writes it gzipped.
  std::filesystem::path write_gzipped(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path folder_;
};

/// The content of a file of tests/training.
std::string read_test_file(std::string_view name);

}  // namespace assay::training::testing
