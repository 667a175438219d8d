// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/field_values.h>
#include <assay/training/callbacks/save_frequency.h>

namespace assay::training::callbacks {

Json write_value(const SaveFrequency& value) {
  return value.each_epoch() ? Json("epoch") : Json(value.batches);
}

void read_value(const Json& in, SaveFrequency& value, const std::string& path) {
  if (in == "epoch") {
    value = {};
    return;
  }
  std::int64_t batches = 0;
  if (in.is_number_integer()) assay::read_value(in, batches, path);
  if (batches < 1) wrong_value(in, path, valid_save_frequency.rule);
  value = batches;
}

Json value_schema(const SaveFrequency*) {
  return {{"anyOf", {{{"const", "epoch"}}, {{"type", "integer"}, {"minimum", 1}}}}};
}

}  // namespace assay::training::callbacks
