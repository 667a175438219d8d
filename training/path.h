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
  std::string value;

  Path() = default;
  Path(const char* path) : value(path) {}
  Path(std::string path) : value(std::move(path)) {}
  Path(const std::filesystem::path& path) : value(path.string()) {}

  std::filesystem::path get() const { return value; }
  bool operator==(const Path&) const = default;
};

// Found by the field lists of options structs (core/options/field_values.h).
Json write_value(const Path& path);
void read_value(const Json& in, Path& path, const std::string& where);
Json value_schema(const Path*);

}  // namespace assay::training
