// SPDX-License-Identifier: Apache-2.0
// A folder of its own for each test, and whole files to and from it.
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace assay::testing {

/// Made by the constructor, removed with all that it holds by the destructor.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  /// Names of what lies in it, in order.
  std::vector<std::string> listing() const;

 private:
  std::filesystem::path path_;
};

std::string read_whole(const std::filesystem::path& path);

void write_whole(const std::filesystem::path& path, std::string_view content);

}  // namespace assay::testing
