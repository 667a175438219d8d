// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/field_values.h>
#include <assay/training/callbacks/update_frequency.h>

namespace assay::training::callbacks {

void read_value(const Json& in, UpdateFrequency& value, const std::string& path) {
  if (in == "epoch") {
    value = {};
    return;
  }
  std::int64_t batches = in == "batch" ? 1 : 0;
  if (in.is_number_integer()) assay::read_value(in, batches, path);
  if (batches < 1) wrong_value(in, path, valid_update_frequency.rule);
  value = batches;
}

Json value_schema(const UpdateFrequency*) {
  return {{"anyOf", {{{"enum", {"epoch", "batch"}}}, {{"type", "integer"}, {"minimum", 1}}}}};
}

}  // namespace assay::training::callbacks
