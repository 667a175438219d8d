// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/options/config.h>
#include <assay/registry/registry-inl.h>
#include <assay/training/data/csv_table.h>
#include <assay/training/datasets/csv.h>
#include <assay/training/datasets/registry.h>

namespace assay::training::datasets {

struct CSV::Content {
  CsvTable table;
};

CSV::CSV(const Options& given)
    : CSV([options = checked(given)] {
        return Content{read_csv({.path = options.path.get(),
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
                                 .dtype = options.dtype})};
      }()) {}

CSV::CSV(Content content)
    : TensorDataset(std::move(content.table.all), std::move(content.table.names)),
      dropped_rows_(content.table.dropped_rows) {}

void register_csv(DatasetRegistry& registry) { registry.add<CSV>(); }

}  // namespace assay::training::datasets
