// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/config.h>
#include <assay/registry/registry-inl.h>
#include <assay/training/datasets/csv.h>
#include <assay/training/datasets/registry.h>

namespace assay::training::datasets {

CSV::CSV(const Options& given)
    : table_([options = checked(given)] {
        return read_csv({.path = options.path.get(),
                         .label = options.label,
                         .label_type = options.label_type,
                         .classes = options.classes,
                         .features = options.features,
                         .categorical = options.categorical,
                         .weight = options.weight,
                         .missing = options.missing,
                         .missing_values = options.missing_values,
                         .header = options.header,
                         .delimiter = options.delimiter.front(),
                         .dtype = options.dtype,
                         .in_memory = options.in_memory});
      }()) {}

void register_csv(DatasetRegistry& registry) { registry.add<CSV>(); }

}  // namespace assay::training::datasets
