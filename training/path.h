// SPDX-License-Identifier: Apache-2.0
// Options that name files.
#pragma once
#include <assay/core/options/json.h>

#include <filesystem>
#include <string>

namespace assay::training {

/// A file or folder in an options struct. In an experiment file, a relative one starts at the
/// folder of that file; in code, at the current folder.
struct Path {
  std::string value;  ///< As it was given; empty: no path.

  Path() = default;
  ///@{
  /// Options are written as text or paths: `.filename = "log.csv"`.
  Path(const char* path) : value(path) {}
  Path(std::string path) : value(std::move(path)) {}
  Path(const std::filesystem::path& path) : value(path.string()) {}
  ///@}

  /// The path.
  std::filesystem::path get() const { return value; }
  /// Whether both were given the same text.
  bool operator==(const Path&) const = default;
};

///@{
/// In JSON text (core/options/field_values.h).
Json write_value(const Path& path);
void read_value(const Json& in, Path& path, const std::string& where);
Json value_schema(const Path*);
///@}

}  // namespace assay::training
