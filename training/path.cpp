// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/field_values.h>
#include <assay/training/path.h>

namespace assay::training {

Json write_value(const Path& path) { return path.value; }

void read_value(const Json& in, Path& path, const std::string& where) {
  assay::read_value(in, path.value, where);
}

Json value_schema(const Path*) { return {{"type", "string"}, {"format", "path"}}; }

}  // namespace assay::training
